#include "ses/builtin_policies.h"

#include "ses/iam_names.h"

namespace ses {
namespace {

struct Entry {
  const char* name;
  const char* id;
  const char* created;
  const char* document;
};

// A test holds this against data/managed_policies.json.
constexpr Entry kEntries[] = {
    {"AdministratorAccess", "ANPAIWMBCKSKIEE64ZLYK", "2015-02-06T18:39:46Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"},
    {"AmazonSESFullAccess", "ANPAJ2P4NXCHAT7NDPNR4", "2015-02-06T18:41:02Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ses:*"],"Resource":"*"}]})"},
    {"AmazonSESReadOnlyAccess", "ANPAINV2XPFRMWJJNSCGI", "2015-02-06T18:41:03Z",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ses:Get*","ses:List*",)"
     R"("ses:BatchGetMetricData"],"Resource":"*"}]})"},
};

std::vector<BuiltinPolicy> made() {
  std::vector<BuiltinPolicy> out;
  for (const auto& entry : kEntries) {
    BuiltinPolicy policy;
    policy.facts.name = entry.name;
    policy.facts.id = entry.id;
    policy.facts.arn = iam::arn_of(policy.facts);
    policy.facts.created = policy.facts.updated = base::parse_time(entry.created).value();
    policy.document = entry.document;
    policy.policy = aws::parse_policy(policy.document, aws::PolicyUse::identity);
    out.push_back(std::move(policy));
  }
  return out;
}

}  // namespace

std::span<const BuiltinPolicy> builtin_policies() {
  static const std::vector<BuiltinPolicy> all = made();
  return all;
}

const BuiltinPolicy* find_builtin_policy(std::string_view arn) {
  for (const auto& policy : builtin_policies())
    if (policy.facts.arn == arn) return &policy;
  return nullptr;
}

}  // namespace ses

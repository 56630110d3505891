// Managed policies and their versions, as the operator makes them.
#include <fmt/core.h>

#include <stdexcept>

#include "console/operator_commands.h"
#include "console/operator_iam.h"
#include "ses/iam_names.h"

namespace console {
namespace {

void write_policy(base::JsonWriter& json, const ses::ManagedPolicy& policy) {
  json.field("policyName", policy.name).field("policyId", policy.id).field("arn", policy.arn);
  json.field("path", policy.path).field("description", policy.description);
  json.field("defaultVersionId", ses::iam::version_name(policy.default_version));
  json.field("attachmentCount", policy.attached).field("permissionsBoundaryUsageCount", policy.boundaries);
  json.field("created", base::iso8601_short(policy.created));
  json.field("updated", base::iso8601_short(policy.updated));
}

std::string policy_line(const ses::ManagedPolicy& policy) {
  return fmt::format("{}  {}  attached {}", policy.arn, ses::iam::version_name(policy.default_version),
                     policy.attached);
}

void write_version(base::JsonWriter& json, const ses::PolicyVersion& version) {
  json.field("versionId", ses::iam::version_name(version.number)).field("isDefault", version.is_default);
  json.field("created", base::iso8601_short(version.created)).key("document").raw(version.document);
}

std::string version_line(const ses::PolicyVersion& version) {
  return fmt::format("{:<5} {}  {}", ses::iam::version_name(version.number),
                     base::iso8601_short(version.created), version.is_default ? "default" : "");
}

base::Task<OperatorAnswer> create_policy(IamCall call) {
  allow_options(call.line, {"account", "path", "description", "document", "tags"});
  ses::NewManagedPolicy made;
  made.account = call.account;
  made.name = call.word(1, "The policy's name");
  made.path = call.line.option("path").value_or("/");
  made.description = call.line.option("description").value_or("");
  made.document = call.document();
  made.tags = call.tags();
  auto making = call.iam().create_managed(std::move(made));
  const auto policy = co_await making;
  co_return told(policy.arn, policy, write_policy);
}

base::Task<OperatorAnswer> get_policy(IamCall call) {
  allow_options(call.line, {"account"});
  auto reading = call.iam().get_managed(call.account, call.policy_arn(1));
  const auto policy = co_await reading;
  co_return told(policy_line(policy), policy, write_policy);
}

base::Task<OperatorAnswer> delete_policy(IamCall call) {
  allow_options(call.line, {"account"});
  return after_delete(call.iam().remove_managed(call.account, call.policy_arn(1)));
}

ses::Principals::PolicyScope scope_of(const std::string& word) {
  using Scope = ses::Principals::PolicyScope;
  if (word == "all") return Scope::all;
  if (word == "aws") return Scope::aws;
  if (word == "local") return Scope::local;
  throw std::invalid_argument("--scope is all, aws or local.");
}

base::Task<OperatorAnswer> list_policies(IamCall call) {
  allow_options(call.line, {"account", "scope", "path-prefix"});
  ses::Principals::PolicyFilter filter;
  filter.scope = scope_of(call.line.option("scope").value_or("all"));
  filter.path_prefix = call.line.option("path-prefix").value_or("");
  auto* iam = &call.iam();
  auto ask = [iam, account = call.account, filter](ses::PageRequest wanted) {
    return iam->list_managed(account, filter, std::move(wanted));
  };
  return list_pages<ses::ManagedPolicy>("policies", call.page(), ask, policy_line, write_policy);
}

base::Task<OperatorAnswer> create_policy_version(IamCall call) {
  allow_options(call.line, {"account", "document", "default"});
  ses::Principals::NewVersion made{call.account, call.policy_arn(1), call.document(),
                                   call.line.option("default").has_value()};
  auto making = call.iam().create_version(std::move(made));
  const auto version = co_await making;
  co_return told(ses::iam::version_name(version.number), version, write_version);
}

base::Task<OperatorAnswer> get_policy_version(IamCall call) {
  allow_options(call.line, {"account"});
  auto reading = call.iam().get_version(call.account, call.policy_arn(1), call.word(2, "The version"));
  const auto version = co_await reading;
  co_return told(version.document, version, write_version);
}

base::Task<OperatorAnswer> list_policy_versions(IamCall call) {
  allow_options(call.line, {"account"});
  auto reading = call.iam().list_versions(call.account, call.policy_arn(1));
  const auto all = co_await reading;
  co_return listed("versions", all, version_line, write_version);
}

base::Task<OperatorAnswer> delete_policy_version(IamCall call) {
  allow_options(call.line, {"account"});
  return after_delete(
      call.iam().remove_version(call.account, call.policy_arn(1), call.word(2, "The version")));
}

base::Task<OperatorAnswer> set_default_policy_version(IamCall call) {
  allow_options(call.line, {"account"});
  return after(call.iam().set_default_version(call.account, call.policy_arn(1), call.word(2, "The version")),
               "Set.");
}

base::Task<OperatorAnswer> list_entities_for_policy(IamCall call) {
  allow_options(call.line, {"account"});
  const auto arn = call.policy_arn(1);
  auto reading = call.iam().entities_of(call.account, arn, false);
  const auto holders = co_await reading;
  auto bounding = call.iam().entities_of(call.account, arn, true);
  const auto bounded = co_await bounding;
  struct Line {
    std::string arn;
    bool as_boundary;
  };
  std::vector<Line> lines;
  const auto add = [&](const ses::PolicyEntities& entities, bool as_boundary) {
    for (const auto* list : {&entities.users, &entities.groups, &entities.roles})
      for (const auto& principal : *list) lines.push_back({principal.arn, as_boundary});
  };
  add(holders, false);
  add(bounded, true);
  co_return listed<Line>(
      "entities", lines, [](const Line& line) { return line.arn + (line.as_boundary ? "  (boundary)" : ""); },
      [](base::JsonWriter& json, const Line& line) {
        json.field("arn", line.arn).field("asBoundary", line.as_boundary);
      });
}

}  // namespace

std::span<const IamCommand> iam_managed_commands() {
  static constexpr IamCommand kCommands[] = {
      {"create-policy", "NAME --file POLICY.json [--path P] [--description D]", "a managed policy",
       create_policy},
      {"get-policy", "POLICY", "", get_policy},
      {"list-policies", "[--scope all|aws|local] [--path-prefix P]", "", list_policies},
      {"delete-policy", "POLICY", "once it is attached nowhere", delete_policy},
      {"list-entities-for-policy", "POLICY", "who has it", list_entities_for_policy},
      {"create-policy-version", "POLICY --file POLICY.json [--default]", "up to five are kept",
       create_policy_version},
      {"get-policy-version", "POLICY vN", "", get_policy_version},
      {"list-policy-versions", "POLICY", "", list_policy_versions},
      {"delete-policy-version", "POLICY vN", "", delete_policy_version},
      {"set-default-policy-version", "POLICY vN", "the one in force", set_default_policy_version},
  };
  return kCommands;
}

}  // namespace console

// Any text as a policy of each kind: it compiles or is refused with a reason; a request decided by what
// compiled ends, and the same way when it is explained. The first byte chooses; a line feed ends the
// document, what follows are values of the request.
#include <cstdlib>

#include "aws/policy.h"
#include "base/encoding.h"
#include "base/fault.h"

namespace {

constexpr std::size_t kMostDocument = 4096;

aws::ConditionContext context_of(std::string_view rest) {
  aws::ConditionContext context;
  constexpr std::string_view kKeys[] = {"aws:username", "ses:FromAddress", "aws:SourceIp", "aws:EpochTime",
                                        "aws:CurrentTime"};
  std::vector<std::string> all;
  for (auto value : base::split(rest, '\n')) {
    if (all.size() < std::size(kKeys)) context.set(kKeys[all.size()], std::string(value));
    all.emplace_back(value);
  }
  context.set("ses:Recipients", std::move(all));
  return context;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  constexpr aws::PolicyUse kUses[] = {aws::PolicyUse::identity, aws::PolicyUse::resource,
                                      aws::PolicyUse::trust};
  auto use = kUses[data[0] % std::size(kUses)];
  std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  auto line = text.find('\n');
  aws::AttachedPolicy attached{nullptr, "fuzz"};
  try {
    attached.policy = aws::parse_policy(text.substr(0, line), use, kMostDocument);
  } catch (const base::Fault& fault) {
    if (fault.message().empty()) std::abort();
    return 0;
  }
  auto context = context_of(line == std::string_view::npos ? "" : text.substr(line + 1));
  aws::Requester requester{"111122223333", "arn:aws:iam::111122223333:user/bob", {}, {}};
  aws::AccessRequest request{"ses:SendEmail", "arn:aws:ses:us-east-1:111122223333:identity/a@example.com",
                             "111122223333", requester, context};
  aws::PolicySet own;
  std::vector<aws::AttachedPolicy> of_resource;
  (use == aws::PolicyUse::identity ? own.identity : of_resource).push_back(attached);
  if (decide(own, of_resource, request) != explain(own, of_resource, request).decision) std::abort();
  return 0;
}

// What users, groups and roles may do, as the operator says: inline policies, managed ones attached,
// boundaries.
#include "console/operator_commands.h"
#include "console/operator_iam.h"

namespace console {
namespace {

using ses::PrincipalKind;

constexpr auto kUser = PrincipalKind::user, kGroup = PrincipalKind::group, kRole = PrincipalKind::role;

std::string inline_line(const ses::InlinePolicy& policy) { return policy.name; }
void write_inline(base::JsonWriter& json, const ses::InlinePolicy& policy) {
  json.field("policyName", policy.name).key("policyDocument").raw(policy.document);
}

std::string attached_line(const ses::AttachedName& policy) { return policy.arn; }
void write_attached(base::JsonWriter& json, const ses::AttachedName& policy) {
  json.field("policyName", policy.name).field("policyArn", policy.arn);
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> put(IamCall call) {
  allow_options(call.line, {"account", "document"});
  ses::InlinePolicy policy{call.word(2, "The policy's name"), call.document()};
  return after(call.iam().put_policy(call.name(kKind), std::move(policy)), "Put.");
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> get(IamCall call) {
  allow_options(call.line, {"account"});
  auto reading = call.iam().get_policy(call.name(kKind), call.word(2, "The policy's name"));
  const auto policy = co_await reading;
  co_return told(policy.document, policy, write_inline);
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> remove(IamCall call) {
  allow_options(call.line, {"account"});
  return after_delete(call.iam().remove_policy(call.name(kKind), call.word(2, "The policy's name")));
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> list(IamCall call) {
  allow_options(call.line, {"account"});
  auto* iam = &call.iam();
  auto ask = [iam, name = call.name(kKind)](ses::PageRequest wanted) {
    return iam->list_policies(name, std::move(wanted));
  };
  return list_pages<ses::InlinePolicy>("policies", call.page(), ask, inline_line, write_inline);
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> attach(IamCall call) {
  allow_options(call.line, {"account"});
  return after(call.iam().attach(call.name(kKind), call.policy_arn(2)), "Attached.");
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> detach(IamCall call) {
  allow_options(call.line, {"account"});
  return after(call.iam().detach(call.name(kKind), call.policy_arn(2)), "Detached.");
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> list_attached(IamCall call) {
  allow_options(call.line, {"account", "path-prefix"});
  auto* iam = &call.iam();
  auto ask = [iam, name = call.name(kKind)](ses::PageRequest wanted) {
    return iam->list_attached(name, std::move(wanted));
  };
  return list_pages<ses::AttachedName>("attachedPolicies", call.page(), ask, attached_line, write_attached);
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> put_boundary(IamCall call) {
  allow_options(call.line, {"account"});
  return after(call.iam().set_boundary(call.name(kKind), call.policy_arn(2)), "Put.");
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> delete_boundary(IamCall call) {
  allow_options(call.line, {"account"});
  return after_delete(call.iam().set_boundary(call.name(kKind), ""));
}

}  // namespace

std::span<const IamCommand> iam_policy_commands() {
  static constexpr IamCommand kCommands[] = {
      {"put-user-policy", "USER NAME --file POLICY.json", "an inline policy, in place of one so named",
       put<kUser>},
      {"get-user-policy", "USER NAME", "", get<kUser>},
      {"list-user-policies", "USER", "", list<kUser>},
      {"delete-user-policy", "USER NAME", "", remove<kUser>},
      {"put-group-policy", "GROUP NAME --file POLICY.json", "", put<kGroup>},
      {"get-group-policy", "GROUP NAME", "", get<kGroup>},
      {"list-group-policies", "GROUP", "", list<kGroup>},
      {"delete-group-policy", "GROUP NAME", "", remove<kGroup>},
      {"put-role-policy", "ROLE NAME --file POLICY.json", "", put<kRole>},
      {"get-role-policy", "ROLE NAME", "", get<kRole>},
      {"list-role-policies", "ROLE", "", list<kRole>},
      {"delete-role-policy", "ROLE NAME", "", remove<kRole>},
      {"attach-user-policy", "USER POLICY", "a managed policy: AmazonSESFullAccess, …", attach<kUser>},
      {"detach-user-policy", "USER POLICY", "", detach<kUser>},
      {"list-attached-user-policies", "USER", "", list_attached<kUser>},
      {"attach-group-policy", "GROUP POLICY", "", attach<kGroup>},
      {"detach-group-policy", "GROUP POLICY", "", detach<kGroup>},
      {"list-attached-group-policies", "GROUP", "", list_attached<kGroup>},
      {"attach-role-policy", "ROLE POLICY", "", attach<kRole>},
      {"detach-role-policy", "ROLE POLICY", "", detach<kRole>},
      {"list-attached-role-policies", "ROLE", "", list_attached<kRole>},
      {"put-user-permissions-boundary", "USER POLICY", "no policy gives more than it", put_boundary<kUser>},
      {"delete-user-permissions-boundary", "USER", "", delete_boundary<kUser>},
      {"put-role-permissions-boundary", "ROLE POLICY", "", put_boundary<kRole>},
      {"delete-role-permissions-boundary", "ROLE", "", delete_boundary<kRole>},
  };
  return kCommands;
}

}  // namespace console

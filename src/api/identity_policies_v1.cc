// Sending authorization policies of identities in SES v1 (SES §9).
#include <algorithm>

#include "api/operations.h"
#include "base/fault.h"
#include "model/ses_tables.h"
#include "model/ses_types.h"
#include "ses/identity_name.h"
#include "ses/sending_policy.h"

namespace api {
namespace {

using namespace aws::ses;

base::Task<PutIdentityPolicyResponse> put_identity_policy(Context& context, PutIdentityPolicyRequest in) {
  ses::Identities::PolicyRequest request;
  request.identity = std::move(*in.identity);
  request.name = std::move(*in.policy_name);
  request.text = std::move(*in.policy);
  co_await context.service.identities.put_policy(context.caller, std::move(request));
  co_return PutIdentityPolicyResponse{};
}

base::Task<GetIdentityPoliciesResponse> get_identity_policies(Context& context,
                                                              GetIdentityPoliciesRequest in) {
  if (in.policy_names->size() > ses::kMaxPolicies)
    throw base::Fault(base::FaultKind::invalid_parameter,
                      "At most 20 policies can be asked for in one call.");
  GetIdentityPoliciesResponse out;
  auto& policies = out.policies.emplace();
  // SES §9: the identity need not be there.
  auto identity = context.service.identities.find(context.caller.scope, *in.identity);
  if (!identity) co_return out;
  for (const auto& [name, text] : identity->policies)
    if (std::find(in.policy_names->begin(), in.policy_names->end(), name) != in.policy_names->end())
      policies[name] = text;
  co_return out;
}

base::Task<ListIdentityPoliciesResponse> list_identity_policies(Context& context,
                                                                ListIdentityPoliciesRequest in) {
  ListIdentityPoliciesResponse out;
  out.policy_names.emplace();
  auto identity = context.service.identities.find(context.caller.scope, *in.identity);
  if (!identity) co_return out;
  for (const auto& [name, text] : identity->policies) out.policy_names->push_back(name);
  co_return out;
}

base::Task<DeleteIdentityPolicyResponse> delete_identity_policy(Context& context,
                                                                DeleteIdentityPolicyRequest in) {
  ses::require_deletable(*in.identity);
  co_await context.service.identities.remove_policy(context.caller, std::move(*in.identity),
                                                    std::move(*in.policy_name));
  co_return DeleteIdentityPolicyResponse{};
}

}  // namespace

void register_identity_policies_v1(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::ses;
  registry.register_operation(api, "PutIdentityPolicy", &put_identity_policy);
  registry.register_operation(api, "GetIdentityPolicies", &get_identity_policies);
  registry.register_operation(api, "ListIdentityPolicies", &list_identity_policies);
  registry.register_operation(api, "DeleteIdentityPolicy", &delete_identity_policy);
}

}  // namespace api

// Access keys of IAM, the account's summary, and credentials for single services, of which none is known.
#include <algorithm>
#include <map>

#include "api/iam_common.h"
#include "api/operations.h"
#include "api/send_common.h"
#include "aws/registry.h"
#include "base/fault.h"
#include "model/iam_tables.h"
#include "ses/iam_names.h"

namespace api::iam {
namespace {

using namespace aws::iam;
using base::Fault;
using base::FaultKind;
using Kind = ses::PrincipalKind;

const char* status_of(const ses::AccessKey& key) { return key.active ? "Active" : "Inactive"; }

base::Task<CreateAccessKeyResponse> create_access_key(Context& context, CreateAccessKeyRequest in) {
  auto user = user_or_caller(context, in.user_name);
  auto key = co_await context.service.principals.create_key(account_of(context), user);
  co_return CreateAccessKeyResponse{
      AccessKey{key->user.empty() ? "root" : key->user, key->id, status_of(*key), key->secret, key->created}};
}

base::Task<DeleteAccessKeyResponse> delete_access_key(Context& context, DeleteAccessKeyRequest in) {
  co_await context.service.principals.delete_key(account_of(context), user_or_caller(context, in.user_name),
                                                 take(in.access_key_id));
  co_return DeleteAccessKeyResponse{};
}

base::Task<UpdateAccessKeyResponse> update_access_key(Context& context, UpdateAccessKeyRequest in) {
  if (in.status == "Expired") throw ses::iam::invalid_input("Status must be Active or Inactive.");
  co_await context.service.principals.set_key_active(account_of(context),
                                                     user_or_caller(context, in.user_name),
                                                     take(in.access_key_id), in.status == "Active");
  co_return UpdateAccessKeyResponse{};
}

base::Task<ListAccessKeysResponse> list_access_keys(Context& context, ListAccessKeysRequest in) {
  auto user = user_or_caller(context, in.user_name);
  ListKey key{"iam-keys", user};
  auto wanted = page_request(context, key, in);
  auto keys = co_await context.service.principals.list_keys(account_of(context), user);
  ListAccessKeysResponse out;
  out.access_key_metadata.emplace();
  // The key that ended the page before may be gone: then all that is there is told.
  bool seen = std::ranges::none_of(keys, [&](const auto& key) { return key->id == wanted.after; });
  std::string next;
  for (const auto& held : keys) {  // oldest first, at most two of a user
    if (!seen) {
      seen = held->id == wanted.after;
      continue;
    }
    if (out.access_key_metadata->size() == wanted.limit) {
      next = *out.access_key_metadata->back().access_key_id;
      break;
    }
    out.access_key_metadata->push_back(
        {held->user.empty() ? "root" : held->user, held->id, status_of(*held), held->created});
  }
  close_page(context, key, next, out);
  co_return out;
}

base::Task<GetAccessKeyLastUsedResponse> last_used(Context& context, GetAccessKeyLastUsedRequest in) {
  auto key = context.service.principals.find_key(*in.access_key_id);
  if (!key || key->account != account_of(context)) throw ses::iam::no_such_key(*in.access_key_id);
  GetAccessKeyLastUsedResponse out;
  out.user_name = key->user.empty() ? "root" : key->user;
  auto& used = out.access_key_last_used.emplace();
  used.service_name = used.region = "N/A";
  if (auto last = context.service.principals.last_use(*key)) used = {last->at, last->service, last->region};
  co_return out;
}

base::Task<GetAccountSummaryResponse> account_summary(Context& context, GetAccountSummaryRequest) {
  namespace limit = ses::iam_limit;
  auto found = co_await context.service.principals.summary(account_of(context));
  auto size = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  std::map<std::string, std::int64_t> facts = {
      {"Users", found.users},
      {"UsersQuota", limit::kUsers},
      {"Groups", found.groups},
      {"GroupsQuota", limit::kGroups},
      {"Roles", found.roles},
      {"RolesQuota", limit::kRoles},
      {"Policies", found.policies},
      {"PoliciesQuota", limit::kPolicies},
      {"PolicyVersionsInUse", found.versions},
      {"PolicyVersionsInUseQuota", limit::kPolicies * limit::kVersions},
      {"VersionsPerPolicyQuota", limit::kVersions},
      {"AccessKeysPerUserQuota", limit::kKeysPerUser},
      {"GroupsPerUserQuota", limit::kGroupsPerUser},
      {"AttachedPoliciesPerUserQuota", limit::kAttached},
      {"AttachedPoliciesPerGroupQuota", limit::kAttached},
      {"AttachedPoliciesPerRoleQuota", limit::kAttached},
      {"UserPolicySizeQuota", size(limit::kUserPolicy)},
      {"GroupPolicySizeQuota", size(limit::kGroupPolicy)},
      {"RolePolicySizeQuota", size(limit::kRolePolicy)},
      {"PolicySizeQuota", size(limit::kManagedPolicy)},
      {"AssumeRolePolicySizeQuota", size(limit::kTrustPolicy)},
      {"AccountAccessKeysPresent", found.root_keys > 0 ? 1 : 0},
      {"AccountMFAEnabled", 0},
      {"AccountSigningCertificatesPresent", 0},
      {"MFADevices", 0},
      {"MFADevicesInUse", 0},
      {"InstanceProfiles", 0},
      {"ServerCertificates", 0},
      {"Providers", 0},
      {"GlobalEndpointTokenVersion", 1},
  };
  GetAccountSummaryResponse out;
  out.summary_map = std::move(facts);
  co_return out;
}

[[noreturn]] void unknown_service(const std::string& name) {
  throw Fault::with_code(FaultKind::modelled, "NotSupportedService",
                         "Service " + name + " is not supported.");
}

base::Task<CreateServiceSpecificCredentialResponse> create_service_credential(
    Context& context, CreateServiceSpecificCredentialRequest in) {
  co_await context.service.principals.get(named<Kind::user>(context, in));
  unknown_service(*in.service_name);
}

base::Task<ListServiceSpecificCredentialsResponse> list_service_credentials(
    Context& context, ListServiceSpecificCredentialsRequest in) {
  if (in.user_name) co_await context.service.principals.get(named<Kind::user>(context, in));
  if (in.service_name) unknown_service(*in.service_name);
  ListServiceSpecificCredentialsResponse out;
  out.service_specific_credentials.emplace();
  out.is_truncated = false;
  co_return out;
}

}  // namespace
}  // namespace api::iam

namespace api {

void register_iam_account(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::iam;
  registry.register_operation(api, "CreateAccessKey", &iam::create_access_key);
  registry.register_operation(api, "DeleteAccessKey", &iam::delete_access_key);
  registry.register_operation(api, "UpdateAccessKey", &iam::update_access_key);
  registry.register_operation(api, "ListAccessKeys", &iam::list_access_keys);
  registry.register_operation(api, "GetAccessKeyLastUsed", &iam::last_used);
  registry.register_operation(api, "GetAccountSummary", &iam::account_summary);
  registry.register_operation(api, "CreateServiceSpecificCredential", &iam::create_service_credential);
  registry.register_operation(api, "ListServiceSpecificCredentials", &iam::list_service_credentials);
}

}  // namespace api

// Access keys of IAM, the account's summary and all of its entities at once, and credentials for single
// services, of which none is known.
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
  bool seen = wanted.after.empty();
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

base::Task<std::vector<PolicyDetail>> inline_details(Context& context, ses::PrincipalName name) {
  std::vector<PolicyDetail> out;
  ses::PageRequest wanted;
  do {
    auto page = co_await context.service.principals.list_policies(name, wanted);
    for (const auto& policy : page.items) out.push_back({policy.name, shown_document(policy.document)});
    wanted.after = page.next;
  } while (!wanted.after.empty());
  co_return out;
}

base::Task<std::vector<AttachedPolicy>> attached_details(Context& context, ses::PrincipalName name) {
  ses::PageRequest all;  // ten at most
  auto page = co_await context.service.principals.list_attached(std::move(name), all);
  co_return shown_attached(page.items);
}

base::Task<UserDetail> detail_of_user(Context& context, ses::Principal user) {
  UserDetail out;
  auto shown = shown_user(user, true);
  out.path = shown.path;
  out.user_name = shown.user_name;
  out.user_id = shown.user_id;
  out.arn = shown.arn;
  out.create_date = shown.create_date;
  out.permissions_boundary = shown.permissions_boundary;
  out.tags = shown.tags;
  out.user_policy_list = co_await inline_details(context, user.named());
  out.attached_managed_policies = co_await attached_details(context, user.named());
  ses::PageRequest all;  // ten at most
  auto groups = co_await context.service.principals.list_groups_of(user.account, user.name, all);
  out.group_list.emplace();
  for (const auto& group : groups.items) out.group_list->push_back(group.name);
  co_return out;
}

base::Task<GroupDetail> detail_of_group(Context& context, ses::Principal group) {
  GroupDetail out;
  out.path = group.path;
  out.group_name = group.name;
  out.group_id = group.id;
  out.arn = group.arn;
  out.create_date = group.created;
  out.group_policy_list = co_await inline_details(context, group.named());
  out.attached_managed_policies = co_await attached_details(context, group.named());
  co_return out;
}

base::Task<RoleDetail> detail_of_role(Context& context, ses::Principal role) {
  RoleDetail out;
  auto shown = shown_role(role, true);
  out.path = shown.path;
  out.role_name = shown.role_name;
  out.role_id = shown.role_id;
  out.arn = shown.arn;
  out.create_date = shown.create_date;
  out.assume_role_policy_document = shown.assume_role_policy_document;
  out.permissions_boundary = shown.permissions_boundary;
  out.tags = shown.tags;
  out.role_last_used = shown.role_last_used;
  out.instance_profile_list.emplace();
  out.role_policy_list = co_await inline_details(context, role.named());
  out.attached_managed_policies = co_await attached_details(context, role.named());
  co_return out;
}

base::Task<ManagedPolicyDetail> detail_of_policy(Context& context, ses::ManagedPolicy policy) {
  ManagedPolicyDetail out;
  auto shown = shown_policy(policy, true);
  out.policy_name = shown.policy_name;
  out.policy_id = shown.policy_id;
  out.arn = shown.arn;
  out.path = shown.path;
  out.default_version_id = shown.default_version_id;
  out.attachment_count = shown.attachment_count;
  out.permissions_boundary_usage_count = shown.permissions_boundary_usage_count;
  out.is_attachable = shown.is_attachable;
  out.description = shown.description;
  out.create_date = shown.create_date;
  out.update_date = shown.update_date;
  auto versions = co_await context.service.principals.list_versions(account_of(context), policy.arn);
  out.policy_version_list.emplace();
  for (const auto& version : versions) out.policy_version_list->push_back(shown_version(version, true));
  co_return out;
}

// The parts of GetAccountAuthorizationDetails, one after the other; a marker is the part and the name in it.
constexpr std::string_view kParts[] = {"User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"};

struct Details {
  Context& context;
  GetAccountAuthorizationDetailsResponse out;
  std::size_t left;

  // What the part's next page begins after; empty: it is done.
  base::Task<std::string> principals(Kind kind, std::string after) {
    ses::PageRequest wanted;
    wanted.after = std::move(after);
    wanted.limit = left;
    auto page = co_await context.service.principals.list(account_of(context), kind, wanted);
    for (auto& p : page.items) {
      if (kind == Kind::user) {
        auto detail = co_await detail_of_user(context, p);
        out.user_detail_list->push_back(std::move(detail));
      }
      if (kind == Kind::group) {
        auto detail = co_await detail_of_group(context, p);
        out.group_detail_list->push_back(std::move(detail));
      }
      if (kind == Kind::role) {
        auto detail = co_await detail_of_role(context, p);
        out.role_detail_list->push_back(std::move(detail));
      }
    }
    left -= page.items.size();
    co_return page.next;
  }

  base::Task<std::string> policies(ses::Principals::PolicyScope scope, std::string after) {
    ses::PageRequest wanted;
    wanted.after = std::move(after);
    wanted.limit = left;
    ses::Principals::PolicyFilter filter;
    filter.scope = scope;
    auto page = co_await context.service.principals.list_managed(account_of(context), filter, wanted);
    for (auto& p : page.items) {
      auto detail = co_await detail_of_policy(context, p);
      out.policies->push_back(std::move(detail));
    }
    left -= page.items.size();
    co_return page.next;
  }

  base::Task<std::string> part(std::size_t n, std::string after) {
    using Scope = ses::Principals::PolicyScope;
    if (n == 0) co_return co_await principals(Kind::user, std::move(after));
    if (n == 1) co_return co_await principals(Kind::group, std::move(after));
    if (n == 2) co_return co_await principals(Kind::role, std::move(after));
    co_return co_await policies(n == 3 ? Scope::local : Scope::aws, std::move(after));
  }
};

base::Task<GetAccountAuthorizationDetailsResponse> authorization_details(
    Context& context, GetAccountAuthorizationDetailsRequest in) {
  auto filter = take(in.filter);
  ListKey key{"iam-details"};
  for (const auto& word : filter) key.filter += word + ",";
  auto wanted = page_request(context, key, in);
  Details details{context, {}, wanted.limit};
  details.out.user_detail_list.emplace();
  details.out.group_detail_list.emplace();
  details.out.role_detail_list.emplace();
  details.out.policies.emplace();
  std::size_t n = wanted.after.empty() ? 0 : static_cast<std::size_t>(wanted.after.front() - '0');
  std::string after = wanted.after.empty() ? "" : wanted.after.substr(1);
  std::string next;
  for (; n < std::size(kParts); ++n, after.clear()) {
    bool asked = filter.empty() || std::find(filter.begin(), filter.end(), kParts[n]) != filter.end();
    if (!asked) continue;
    if (details.left == 0) {
      next = std::to_string(n);
      break;
    }
    auto more = co_await details.part(n, after);
    if (more.empty()) continue;
    next = std::to_string(n) + more;
    break;
  }
  close_page(context, key, next, details.out);
  co_return std::move(details.out);
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
  registry.register_operation(api, "GetAccountAuthorizationDetails", &iam::authorization_details);
  registry.register_operation(api, "CreateServiceSpecificCredential", &iam::create_service_credential);
  registry.register_operation(api, "ListServiceSpecificCredentials", &iam::list_service_credentials);
}

}  // namespace api

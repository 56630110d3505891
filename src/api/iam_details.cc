// GetAccountAuthorizationDetails: all entities of the account at once, with their policies.
#include <algorithm>

#include "api/iam_common.h"
#include "api/operations.h"
#include "api/send_common.h"
#include "aws/registry.h"
#include "model/iam_tables.h"
#include "ses/iam_names.h"

namespace api::iam {
namespace {

using namespace aws::iam;
using Kind = ses::PrincipalKind;

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

// What the shapes of users and roles have in common with their details.
template <class Shown, class Detail>
void take_common(const Shown& shown, Detail& out) {
  out.path = shown.path;
  out.arn = shown.arn;
  out.create_date = shown.create_date;
  out.permissions_boundary = shown.permissions_boundary;
  out.tags = shown.tags;
}

base::Task<UserDetail> detail_of_user(Context& context, ses::Principal user) {
  UserDetail out;
  auto shown = shown_user(user, true);
  take_common(shown, out);
  out.user_name = shown.user_name;
  out.user_id = shown.user_id;
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
  take_common(shown, out);
  out.role_name = shown.role_name;
  out.role_id = shown.role_id;
  out.assume_role_policy_document = shown.assume_role_policy_document;
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

}  // namespace
}  // namespace api::iam

namespace api {

void register_iam_details(aws::Registry<Context>& registry) {
  registry.register_operation(aws::Api::iam, "GetAccountAuthorizationDetails", &iam::authorization_details);
}

}  // namespace api

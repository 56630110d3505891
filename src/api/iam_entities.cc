// Users, groups and roles of IAM, who is in which group, tags and boundaries.
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

base::Task<CreateUserResponse> create_user(Context& context, CreateUserRequest in) {
  ses::NewPrincipal made;
  made.name = named<Kind::user>(context, in);
  made.path = in.path.value_or("/");
  made.boundary = take(in.permissions_boundary);
  made.tags = tags_of(in.tags);
  auto user = co_await context.service.principals.create(std::move(made));
  co_return CreateUserResponse{shown_user(user, true)};
}

base::Task<CreateGroupResponse> create_group(Context& context, CreateGroupRequest in) {
  ses::NewPrincipal made;
  made.name = named<Kind::group>(context, in);
  made.path = in.path.value_or("/");
  auto group = co_await context.service.principals.create(std::move(made));
  co_return CreateGroupResponse{shown_group(group)};
}

base::Task<CreateRoleResponse> create_role(Context& context, CreateRoleRequest in) {
  ses::NewPrincipal made;
  made.name = named<Kind::role>(context, in);
  made.path = in.path.value_or("/");
  made.boundary = take(in.permissions_boundary);
  made.tags = tags_of(in.tags);
  made.description = take(in.description);
  made.trust = take(in.assume_role_policy_document);
  if (in.max_session_duration) made.max_session = std::chrono::seconds{*in.max_session_duration};
  auto role = co_await context.service.principals.create(std::move(made));
  co_return CreateRoleResponse{shown_role(role, true)};
}

// The account's root is nobody's entity; it is told all the same.
User shown_root(const Context& context) {
  User out;
  out.path = "/";
  out.user_id = account_of(context).str();
  out.arn = ses::iam::root_arn(account_of(context));
  return out;
}

base::Task<GetUserResponse> get_user(Context& context, GetUserRequest in) {
  auto name = user_or_caller(context, in.user_name);
  if (name.empty()) co_return GetUserResponse{shown_root(context)};
  ses::PrincipalName asked{account_of(context), Kind::user, std::move(name)};
  auto user = co_await context.service.principals.get(std::move(asked));
  co_return GetUserResponse{shown_user(user, true)};
}

base::Task<GetRoleResponse> get_role(Context& context, GetRoleRequest in) {
  auto role = co_await context.service.principals.get(named<Kind::role>(context, in));
  co_return GetRoleResponse{shown_role(role, true)};
}

base::Task<GetGroupResponse> get_group(Context& context, GetGroupRequest in) {
  auto name = named<Kind::group>(context, in);
  ListKey key{"iam-group-members", name.name};
  auto group = co_await context.service.principals.get(name);
  auto page = co_await context.service.principals.list_members(name.account, name.name,
                                                               page_request(context, key, in));
  GetGroupResponse out;
  out.group = shown_group(group);
  out.users.emplace();
  for (const auto& user : page.items) out.users->push_back(shown_user(user, false));
  close_page(context, key, page.next, out);
  co_return out;
}

template <Kind kKind, class Out, class In>
base::Task<Out> remove(Context& context, In in) {
  co_await context.service.principals.remove(named<kKind>(context, in));
  co_return Out{};
}

template <Kind kKind, class Out, class In>
base::Task<Out> rename(Context& context, In in) {
  ses::PrincipalChange change;
  change.path = std::move(in.new_path);
  if constexpr (kKind == Kind::user)
    change.name = std::move(in.new_user_name);
  else
    change.name = std::move(in.new_group_name);
  co_await context.service.principals.update(named<kKind>(context, in), std::move(change));
  co_return Out{};
}

base::Task<UpdateRoleResponse> update_role(Context& context, UpdateRoleRequest in) {
  ses::PrincipalChange change;
  change.description = std::move(in.description);
  if (in.max_session_duration) change.max_session = std::chrono::seconds{*in.max_session_duration};
  co_await context.service.principals.update(named<Kind::role>(context, in), std::move(change));
  co_return UpdateRoleResponse{};
}

base::Task<UpdateAssumeRolePolicyResponse> update_trust(Context& context, UpdateAssumeRolePolicyRequest in) {
  ses::PrincipalChange change;
  change.trust = std::move(in.policy_document);
  co_await context.service.principals.update(named<Kind::role>(context, in), std::move(change));
  co_return UpdateAssumeRolePolicyResponse{};
}

base::Task<ListUsersResponse> list_users(Context& context, ListUsersRequest in) {
  ListKey key{"iam-users", in.path_prefix.value_or("")};
  auto page = co_await context.service.principals.list(account_of(context), Kind::user,
                                                       page_request(context, key, in));
  ListUsersResponse out;
  out.users.emplace();
  for (const auto& user : page.items) out.users->push_back(shown_user(user, false));
  close_page(context, key, page.next, out);
  co_return out;
}

base::Task<ListRolesResponse> list_roles(Context& context, ListRolesRequest in) {
  ListKey key{"iam-roles", in.path_prefix.value_or("")};
  auto page = co_await context.service.principals.list(account_of(context), Kind::role,
                                                       page_request(context, key, in));
  ListRolesResponse out;
  out.roles.emplace();
  for (const auto& role : page.items) out.roles->push_back(shown_role(role, false));
  close_page(context, key, page.next, out);
  co_return out;
}

template <class Out>
void show_groups(const Context& context, const ListKey& key, const ses::Page<ses::Principal>& page,
                 Out& out) {
  out.groups.emplace();
  for (const auto& group : page.items) out.groups->push_back(shown_group(group));
  close_page(context, key, page.next, out);
}

base::Task<ListGroupsResponse> list_groups(Context& context, ListGroupsRequest in) {
  ListKey key{"iam-groups", in.path_prefix.value_or("")};
  auto page = co_await context.service.principals.list(account_of(context), Kind::group,
                                                       page_request(context, key, in));
  ListGroupsResponse out;
  show_groups(context, key, page, out);
  co_return out;
}

base::Task<ListGroupsForUserResponse> list_groups_for_user(Context& context, ListGroupsForUserRequest in) {
  ListKey key{"iam-groups-of", *in.user_name};
  auto page = co_await context.service.principals.list_groups_of(account_of(context), *in.user_name,
                                                                 page_request(context, key, in));
  ListGroupsForUserResponse out;
  show_groups(context, key, page, out);
  co_return out;
}

base::Task<AddUserToGroupResponse> add_user_to_group(Context& context, AddUserToGroupRequest in) {
  co_await context.service.principals.add_member(account_of(context), *in.group_name, *in.user_name);
  co_return AddUserToGroupResponse{};
}

base::Task<RemoveUserFromGroupResponse> remove_user_from_group(Context& context,
                                                               RemoveUserFromGroupRequest in) {
  co_await context.service.principals.remove_member(account_of(context), *in.group_name, *in.user_name);
  co_return RemoveUserFromGroupResponse{};
}

template <Kind kKind, class Out, class In>
base::Task<Out> tag(Context& context, In in) {
  co_await context.service.principals.tag(named<kKind>(context, in), tags_of(in.tags));
  co_return Out{};
}

template <Kind kKind, class Out, class In>
base::Task<Out> untag(Context& context, In in) {
  co_await context.service.principals.untag(named<kKind>(context, in), take(in.tag_keys));
  co_return Out{};
}

// At most 50 tags, sorted by their keys: one page, cut where less is asked for.
template <Kind kKind, class Out, class In>
base::Task<Out> list_tags(Context& context, In in) {
  auto name = named<kKind>(context, in);
  ListKey key{"iam-tags", name.name};
  auto wanted = page_request(context, key, in);
  auto principal = co_await context.service.principals.get(name);
  std::ranges::sort(principal.tags, {}, &ses::Tag::name);
  std::size_t first = 0;
  while (first < principal.tags.size() && !wanted.after.empty() && principal.tags[first].name <= wanted.after)
    ++first;
  Out out;
  out.tags.emplace();
  std::string next;
  for (std::size_t i = first; i < principal.tags.size(); ++i) {
    if (out.tags->size() == wanted.limit) {
      next = principal.tags[i - 1].name;
      break;
    }
    out.tags->push_back({principal.tags[i].name, principal.tags[i].value});
  }
  close_page(context, key, next, out);
  co_return out;
}

template <Kind kKind, class Out, class In>
base::Task<Out> put_boundary(Context& context, In in) {
  co_await context.service.principals.set_boundary(named<kKind>(context, in), *in.permissions_boundary);
  co_return Out{};
}

template <Kind kKind, class Out, class In>
base::Task<Out> remove_boundary(Context& context, In in) {
  co_await context.service.principals.set_boundary(named<kKind>(context, in), "");
  co_return Out{};
}

}  // namespace

void register_entities(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::iam;
  registry.register_operation(api, "CreateUser", &create_user);
  registry.register_operation(api, "CreateGroup", &create_group);
  registry.register_operation(api, "CreateRole", &create_role);
  registry.register_operation(api, "GetUser", &get_user);
  registry.register_operation(api, "GetGroup", &get_group);
  registry.register_operation(api, "GetRole", &get_role);
  registry.register_operation(api, "UpdateUser", &rename<Kind::user, UpdateUserResponse, UpdateUserRequest>);
  registry.register_operation(api, "UpdateGroup",
                              &rename<Kind::group, UpdateGroupResponse, UpdateGroupRequest>);
  registry.register_operation(api, "UpdateRole", &update_role);
  registry.register_operation(api, "UpdateAssumeRolePolicy", &update_trust);
  registry.register_operation(api, "DeleteUser", &remove<Kind::user, DeleteUserResponse, DeleteUserRequest>);
  registry.register_operation(api, "DeleteGroup",
                              &remove<Kind::group, DeleteGroupResponse, DeleteGroupRequest>);
  registry.register_operation(api, "DeleteRole", &remove<Kind::role, DeleteRoleResponse, DeleteRoleRequest>);
  registry.register_operation(api, "ListUsers", &list_users);
  registry.register_operation(api, "ListGroups", &list_groups);
  registry.register_operation(api, "ListRoles", &list_roles);
  registry.register_operation(api, "ListGroupsForUser", &list_groups_for_user);
  registry.register_operation(api, "AddUserToGroup", &add_user_to_group);
  registry.register_operation(api, "RemoveUserFromGroup", &remove_user_from_group);
}

void register_entity_settings(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::iam;
  registry.register_operation(api, "TagUser", &tag<Kind::user, TagUserResponse, TagUserRequest>);
  registry.register_operation(api, "TagRole", &tag<Kind::role, TagRoleResponse, TagRoleRequest>);
  registry.register_operation(api, "UntagUser", &untag<Kind::user, UntagUserResponse, UntagUserRequest>);
  registry.register_operation(api, "UntagRole", &untag<Kind::role, UntagRoleResponse, UntagRoleRequest>);
  registry.register_operation(api, "ListUserTags",
                              &list_tags<Kind::user, ListUserTagsResponse, ListUserTagsRequest>);
  registry.register_operation(api, "ListRoleTags",
                              &list_tags<Kind::role, ListRoleTagsResponse, ListRoleTagsRequest>);
  registry.register_operation(
      api, "PutUserPermissionsBoundary",
      &put_boundary<Kind::user, PutUserPermissionsBoundaryResponse, PutUserPermissionsBoundaryRequest>);
  registry.register_operation(
      api, "PutRolePermissionsBoundary",
      &put_boundary<Kind::role, PutRolePermissionsBoundaryResponse, PutRolePermissionsBoundaryRequest>);
  registry.register_operation(api, "DeleteUserPermissionsBoundary",
                              &remove_boundary<Kind::user, DeleteUserPermissionsBoundaryResponse,
                                               DeleteUserPermissionsBoundaryRequest>);
  registry.register_operation(api, "DeleteRolePermissionsBoundary",
                              &remove_boundary<Kind::role, DeleteRolePermissionsBoundaryResponse,
                                               DeleteRolePermissionsBoundaryRequest>);
}

}  // namespace api::iam

namespace api {

void register_iam_entities(aws::Registry<Context>& registry) {
  iam::register_entities(registry);
  iam::register_entity_settings(registry);
}

}  // namespace api

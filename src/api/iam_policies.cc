// Policies of IAM: inline ones, managed ones with their versions, and what is attached to whom.
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

template <Kind kKind, class Out, class In>
base::Task<Out> put_policy(Context& context, In in) {
  ses::InlinePolicy policy{take(in.policy_name), take(in.policy_document)};
  co_await context.service.principals.put_policy(named<kKind>(context, in), std::move(policy));
  co_return Out{};
}

template <Kind kKind, class Out, class In>
base::Task<Out> get_policy_of(Context& context, In in) {
  auto name = named<kKind>(context, in);
  auto policy = co_await context.service.principals.get_policy(name, *in.policy_name);
  Out out;
  if constexpr (kKind == Kind::user) out.user_name = name.name;
  if constexpr (kKind == Kind::group) out.group_name = name.name;
  if constexpr (kKind == Kind::role) out.role_name = name.name;
  out.policy_name = policy.name;
  out.policy_document = shown_document(policy.document);
  co_return out;
}

template <Kind kKind, class Out, class In>
base::Task<Out> remove_policy(Context& context, In in) {
  co_await context.service.principals.remove_policy(named<kKind>(context, in), *in.policy_name);
  co_return Out{};
}

template <Kind kKind, class Out, class In>
base::Task<Out> list_policies_of(Context& context, In in) {
  auto name = named<kKind>(context, in);
  ListKey key{"iam-inline", std::string(ses::iam::word_of(kKind)) + "/" + name.name};
  auto page = co_await context.service.principals.list_policies(name, page_request(context, key, in));
  Out out;
  out.policy_names.emplace();
  for (auto& policy : page.items) out.policy_names->push_back(std::move(policy.name));
  close_page(context, key, page.next, out);
  co_return out;
}

template <Kind kKind, class Out, class In>
base::Task<Out> attach(Context& context, In in) {
  co_await context.service.principals.attach(named<kKind>(context, in), *in.policy_arn);
  co_return Out{};
}

template <Kind kKind, class Out, class In>
base::Task<Out> detach(Context& context, In in) {
  co_await context.service.principals.detach(named<kKind>(context, in), *in.policy_arn);
  co_return Out{};
}

template <Kind kKind, class Out, class In>
base::Task<Out> list_attached(Context& context, In in) {
  auto name = named<kKind>(context, in);
  ListKey key{"iam-attached",
              std::string(ses::iam::word_of(kKind)) + "/" + name.name + "/" + in.path_prefix.value_or("")};
  auto page = co_await context.service.principals.list_attached(name, page_request(context, key, in));
  Out out;
  out.attached_policies = shown_attached(page.items);
  close_page(context, key, page.next, out);
  co_return out;
}

template <Kind kKind, class Put, class PutOut, class Get, class GetOut, class Remove, class RemoveOut,
          class List, class ListOut>
struct Inline {
  static void add(aws::Registry<Context>& registry, std::string_view word) {
    constexpr auto api = aws::Api::iam;
    const auto kind = std::string(word);
    registry.register_operation(api, "Put" + kind + "Policy", &put_policy<kKind, PutOut, Put>);
    registry.register_operation(api, "Get" + kind + "Policy", &get_policy_of<kKind, GetOut, Get>);
    registry.register_operation(api, "Delete" + kind + "Policy", &remove_policy<kKind, RemoveOut, Remove>);
    registry.register_operation(api, "List" + kind + "Policies", &list_policies_of<kKind, ListOut, List>);
  }
};

template <Kind kKind, class Attach, class AttachOut, class Detach, class DetachOut, class List, class ListOut>
struct Attached {
  static void add(aws::Registry<Context>& registry, std::string_view word) {
    constexpr auto api = aws::Api::iam;
    const auto kind = std::string(word);
    registry.register_operation(api, "Attach" + kind + "Policy", &attach<kKind, AttachOut, Attach>);
    registry.register_operation(api, "Detach" + kind + "Policy", &detach<kKind, DetachOut, Detach>);
    registry.register_operation(api, "ListAttached" + kind + "Policies",
                                &list_attached<kKind, ListOut, List>);
  }
};

base::Task<CreatePolicyResponse> create_policy(Context& context, CreatePolicyRequest in) {
  ses::NewManagedPolicy made;
  made.account = account_of(context);
  made.name = take(in.policy_name);
  made.path = in.path.value_or("/");
  made.document = take(in.policy_document);
  made.description = take(in.description);
  made.tags = tags_of(in.tags);
  auto policy = co_await context.service.principals.create_managed(std::move(made));
  co_return CreatePolicyResponse{shown_policy(policy, true)};
}

base::Task<GetPolicyResponse> get_policy(Context& context, GetPolicyRequest in) {
  auto policy = co_await context.service.principals.get_managed(account_of(context), take(in.policy_arn));
  co_return GetPolicyResponse{shown_policy(policy, true)};
}

base::Task<DeletePolicyResponse> delete_policy(Context& context, DeletePolicyRequest in) {
  co_await context.service.principals.remove_managed(account_of(context), take(in.policy_arn));
  co_return DeletePolicyResponse{};
}

ses::Principals::PolicyFilter filter_of(const ListPoliciesRequest& in) {
  using Scope = ses::Principals::PolicyScope;
  ses::Principals::PolicyFilter filter;
  if (in.scope == "AWS") filter.scope = Scope::aws;
  if (in.scope == "Local") filter.scope = Scope::local;
  filter.only_attached = in.only_attached.value_or(false);
  filter.only_boundaries = in.policy_usage_filter == "PermissionsBoundary";
  filter.path_prefix = in.path_prefix.value_or("");
  return filter;
}

base::Task<ListPoliciesResponse> list_policies(Context& context, ListPoliciesRequest in) {
  auto filter = filter_of(in);
  ListKey key{"iam-policies", in.scope.value_or("") + "/" + (filter.only_attached ? "a" : "") +
                                  (filter.only_boundaries ? "b" : "") + filter.path_prefix};
  auto page = co_await context.service.principals.list_managed(account_of(context), filter,
                                                               page_request(context, key, in));
  ListPoliciesResponse out;
  out.policies.emplace();
  for (const auto& policy : page.items) out.policies->push_back(shown_policy(policy, false));
  close_page(context, key, page.next, out);
  co_return out;
}

base::Task<CreatePolicyVersionResponse> create_version(Context& context, CreatePolicyVersionRequest in) {
  ses::Principals::NewVersion made{account_of(context), take(in.policy_arn), take(in.policy_document),
                                   in.set_as_default.value_or(false)};
  auto version = co_await context.service.principals.create_version(std::move(made));
  co_return CreatePolicyVersionResponse{shown_version(version, false)};
}

base::Task<GetPolicyVersionResponse> get_version(Context& context, GetPolicyVersionRequest in) {
  auto version = co_await context.service.principals.get_version(account_of(context), take(in.policy_arn),
                                                                 take(in.version_id));
  co_return GetPolicyVersionResponse{shown_version(version, true)};
}

base::Task<DeletePolicyVersionResponse> delete_version(Context& context, DeletePolicyVersionRequest in) {
  co_await context.service.principals.remove_version(account_of(context), take(in.policy_arn),
                                                     take(in.version_id));
  co_return DeletePolicyVersionResponse{};
}

base::Task<SetDefaultPolicyVersionResponse> set_default_version(Context& context,
                                                                SetDefaultPolicyVersionRequest in) {
  co_await context.service.principals.set_default_version(account_of(context), take(in.policy_arn),
                                                          take(in.version_id));
  co_return SetDefaultPolicyVersionResponse{};
}

// At most five, newest first.
base::Task<ListPolicyVersionsResponse> list_versions(Context& context, ListPolicyVersionsRequest in) {
  ListKey key{"iam-versions", *in.policy_arn};
  auto wanted = page_request(context, key, in);
  auto versions = co_await context.service.principals.list_versions(account_of(context), *in.policy_arn);
  ListPolicyVersionsResponse out;
  out.versions.emplace();
  const int after = ses::iam::version_number(wanted.after);
  std::string next;
  for (const auto& version : versions) {
    if (after > 0 && version.number >= after) continue;
    if (out.versions->size() == wanted.limit) {
      next = *out.versions->back().version_id;
      break;
    }
    out.versions->push_back(shown_version(version, false));
  }
  close_page(context, key, next, out);
  co_return out;
}

// One of what a policy is attached to, so that three lists can be cut as one.
struct Holder {
  Kind kind;
  const ses::Principal* principal;
  std::string place() const { return std::string(ses::iam::word_of(kind)) + "/" + principal->name; }
};

std::vector<Holder> holders_of(const ses::PolicyEntities& entities, const ListEntitiesForPolicyRequest& in) {
  std::vector<Holder> out;
  auto add = [&](Kind kind, const std::vector<ses::Principal>& principals, const char* word) {
    if (in.entity_filter && *in.entity_filter != word) return;
    for (const auto& p : principals)
      if (p.path.starts_with(in.path_prefix.value_or(""))) out.push_back({kind, &p});
  };
  add(Kind::group, entities.groups, "Group");
  add(Kind::role, entities.roles, "Role");
  add(Kind::user, entities.users, "User");
  std::sort(out.begin(), out.end(), [](const Holder& a, const Holder& b) { return a.place() < b.place(); });
  return out;
}

void show_holder(const Holder& holder, ListEntitiesForPolicyResponse& out) {
  const auto& p = *holder.principal;
  if (holder.kind == Kind::group) out.policy_groups->push_back({p.name, p.id});
  if (holder.kind == Kind::role) out.policy_roles->push_back({p.name, p.id});
  if (holder.kind == Kind::user) out.policy_users->push_back({p.name, p.id});
}

base::Task<ListEntitiesForPolicyResponse> list_entities(Context& context, ListEntitiesForPolicyRequest in) {
  ListKey key{"iam-holders", *in.policy_arn + "/" + in.entity_filter.value_or("") + "/" +
                                 in.path_prefix.value_or("") + "/" + in.policy_usage_filter.value_or("")};
  auto wanted = page_request(context, key, in);
  auto entities = co_await context.service.principals.entities_of(
      account_of(context), *in.policy_arn, in.policy_usage_filter == "PermissionsBoundary");
  ListEntitiesForPolicyResponse out;
  out.policy_groups.emplace();
  out.policy_users.emplace();
  out.policy_roles.emplace();
  std::size_t shown = 0;
  std::string last, next;
  for (const auto& holder : holders_of(entities, in)) {
    if (!wanted.after.empty() && holder.place() <= wanted.after) continue;
    if (shown++ == wanted.limit) {
      next = last;
      break;
    }
    show_holder(holder, out);
    last = holder.place();
  }
  close_page(context, key, next, out);
  co_return out;
}

void register_managed(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::iam;
  registry.register_operation(api, "CreatePolicy", &create_policy);
  registry.register_operation(api, "GetPolicy", &get_policy);
  registry.register_operation(api, "DeletePolicy", &delete_policy);
  registry.register_operation(api, "ListPolicies", &list_policies);
  registry.register_operation(api, "CreatePolicyVersion", &create_version);
  registry.register_operation(api, "GetPolicyVersion", &get_version);
  registry.register_operation(api, "DeletePolicyVersion", &delete_version);
  registry.register_operation(api, "SetDefaultPolicyVersion", &set_default_version);
  registry.register_operation(api, "ListPolicyVersions", &list_versions);
  registry.register_operation(api, "ListEntitiesForPolicy", &list_entities);
}

}  // namespace
}  // namespace api::iam

namespace api {

void register_iam_policies(aws::Registry<Context>& registry) {
  using namespace aws::iam;
  using iam::Kind;
  iam::Inline<Kind::user, PutUserPolicyRequest, PutUserPolicyResponse, GetUserPolicyRequest,
              GetUserPolicyResponse, DeleteUserPolicyRequest, DeleteUserPolicyResponse,
              ListUserPoliciesRequest, ListUserPoliciesResponse>::add(registry, "User");
  iam::Inline<Kind::group, PutGroupPolicyRequest, PutGroupPolicyResponse, GetGroupPolicyRequest,
              GetGroupPolicyResponse, DeleteGroupPolicyRequest, DeleteGroupPolicyResponse,
              ListGroupPoliciesRequest, ListGroupPoliciesResponse>::add(registry, "Group");
  iam::Inline<Kind::role, PutRolePolicyRequest, PutRolePolicyResponse, GetRolePolicyRequest,
              GetRolePolicyResponse, DeleteRolePolicyRequest, DeleteRolePolicyResponse,
              ListRolePoliciesRequest, ListRolePoliciesResponse>::add(registry, "Role");
  iam::Attached<Kind::user, AttachUserPolicyRequest, AttachUserPolicyResponse, DetachUserPolicyRequest,
                DetachUserPolicyResponse, ListAttachedUserPoliciesRequest,
                ListAttachedUserPoliciesResponse>::add(registry, "User");
  iam::Attached<Kind::group, AttachGroupPolicyRequest, AttachGroupPolicyResponse, DetachGroupPolicyRequest,
                DetachGroupPolicyResponse, ListAttachedGroupPoliciesRequest,
                ListAttachedGroupPoliciesResponse>::add(registry, "Group");
  iam::Attached<Kind::role, AttachRolePolicyRequest, AttachRolePolicyResponse, DetachRolePolicyRequest,
                DetachRolePolicyResponse, ListAttachedRolePoliciesRequest,
                ListAttachedRolePoliciesResponse>::add(registry, "Role");
  iam::register_managed(registry);
}

}  // namespace api

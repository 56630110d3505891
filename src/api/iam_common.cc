#include "api/iam_common.h"

#include "api/paging.h"
#include "base/encoding.h"
#include "ses/iam_names.h"

namespace api::iam {
namespace {

namespace shapes = aws::iam;

PageKey page_key(const Context& context, const ListKey& key, const ses::Scope& scope) {
  return {context.service.identities.link_secret(), key.kind, scope, key.filter};
}

ses::Scope global(const Context& context) { return {account_of(context), ses::Region("")}; }

}  // namespace

std::string user_or_caller(const Context& context, const std::optional<std::string>& name) {
  if (name) return *name;
  auto subject = context.service.principals.subject_of(context.caller);
  if (subject && subject->kind == ses::SubjectKind::root) return {};
  if (!subject || subject->kind != ses::SubjectKind::user)
    throw ses::iam::validation_error("Must specify userName when calling with non-User credentials");
  return subject->name;
}

ses::PageRequest page_request(const Context& context, const ListKey& key,
                              const std::optional<std::string>& marker,
                              const std::optional<std::int64_t>& max_items) {
  ses::PageRequest wanted;
  wanted.limit = static_cast<std::size_t>(max_items.value_or(ses::iam_limit::kPage));
  if (!marker) return wanted;
  auto scope = global(context);
  auto after = read_page_token(page_key(context, key, scope), *marker);
  if (!after) throw ses::iam::validation_error("Invalid Marker.");
  wanted.after = std::move(*after);
  return wanted;
}

std::string next_marker(const Context& context, const ListKey& key, const std::string& after) {
  auto scope = global(context);
  return make_page_token(page_key(context, key, scope), after);
}

std::string shown_document(const std::string& document) { return base::percent_encode(document); }

std::vector<ses::Tag> tags_of(const std::optional<std::vector<shapes::Tag>>& tags) {
  std::vector<ses::Tag> out;
  if (tags)
    for (const auto& tag : *tags) out.push_back({tag.key.value_or(""), tag.value.value_or("")});
  return out;
}

std::optional<std::vector<shapes::Tag>> shown_tags(const std::vector<ses::Tag>& tags) {
  if (tags.empty()) return std::nullopt;
  std::vector<shapes::Tag> out;
  for (const auto& tag : tags) out.push_back({tag.name, tag.value});
  return out;
}

std::optional<shapes::AttachedPermissionsBoundary> shown_boundary(const std::string& arn) {
  if (arn.empty()) return std::nullopt;
  return shapes::AttachedPermissionsBoundary{"Policy", arn};
}

std::vector<shapes::AttachedPolicy> shown_attached(const std::vector<ses::AttachedName>& attached) {
  std::vector<shapes::AttachedPolicy> out;
  for (const auto& policy : attached) out.push_back({policy.name, policy.arn});
  return out;
}

shapes::User shown_user(const ses::Principal& user, bool whole) {
  shapes::User out;
  out.path = user.path;
  out.user_name = user.name;
  out.user_id = user.id;
  out.arn = user.arn;
  out.create_date = user.created;
  if (!whole) return out;
  out.permissions_boundary = shown_boundary(user.boundary);
  out.tags = shown_tags(user.tags);
  return out;
}

shapes::Group shown_group(const ses::Principal& group) {
  shapes::Group out;
  out.path = group.path;
  out.group_name = group.name;
  out.group_id = group.id;
  out.arn = group.arn;
  out.create_date = group.created;
  return out;
}

shapes::Role shown_role(const ses::Principal& role, bool whole) {
  shapes::Role out;
  out.path = role.path;
  out.role_name = role.name;
  out.role_id = role.id;
  out.arn = role.arn;
  out.create_date = role.created;
  out.assume_role_policy_document = shown_document(role.trust);
  if (!role.description.empty()) out.description = role.description;
  out.max_session_duration = role.max_session.count();
  if (!whole) return out;
  out.permissions_boundary = shown_boundary(role.boundary);
  out.tags = shown_tags(role.tags);
  auto& used = out.role_last_used.emplace();
  if (role.used) used = {*role.used, role.used_region};
  return out;
}

shapes::Policy shown_policy(const ses::ManagedPolicy& policy, bool whole) {
  shapes::Policy out;
  out.policy_name = policy.name;
  out.policy_id = policy.id;
  out.arn = policy.arn;
  out.path = policy.path;
  out.default_version_id = ses::iam::version_name(policy.default_version);
  out.attachment_count = policy.attached;
  out.permissions_boundary_usage_count = policy.boundaries;
  out.is_attachable = true;
  out.create_date = policy.created;
  out.update_date = policy.updated;
  if (!whole) return out;
  if (!policy.description.empty()) out.description = policy.description;
  out.tags = shown_tags(policy.tags);
  return out;
}

shapes::PolicyVersion shown_version(const ses::PolicyVersion& version, bool with_document) {
  shapes::PolicyVersion out;
  if (with_document) out.document = shown_document(version.document);
  out.version_id = ses::iam::version_name(version.number);
  out.is_default_version = version.is_default;
  out.create_date = version.created;
  return out;
}

}  // namespace api::iam

// What the operations of IAM share: whose names are meant, pages, and the nouns in the shapes of the model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "model/iam_types.h"
#include "ses/principal.h"

namespace api::iam {

inline const ses::AccountId& account_of(const Context& context) { return context.caller.scope.account; }

// The user, group or role that a request names, by the kind's own member.
template <ses::PrincipalKind kKind, class In>
ses::PrincipalName named(const Context& context, const In& in) {
  if constexpr (kKind == ses::PrincipalKind::user)
    return {account_of(context), kKind, *in.user_name};
  else if constexpr (kKind == ses::PrincipalKind::group)
    return {account_of(context), kKind, *in.group_name};
  else
    return {account_of(context), kKind, *in.role_name};
}

// The user of a call that may leave the name out: the caller itself; empty: the account's root.
std::string user_or_caller(const Context& context, const std::optional<std::string>& name);

// A list's page: `kind` and `filter` bind its marker to this list.
struct ListKey {
  std::string_view kind;
  std::string filter = {};
};
ses::PageRequest page_request(const Context& context, const ListKey& key,
                              const std::optional<std::string>& marker,
                              const std::optional<std::int64_t>& max_items);
std::string next_marker(const Context& context, const ListKey& key, const std::string& after);

template <class In>
ses::PageRequest page_request(const Context& context, const ListKey& key, const In& in) {
  auto wanted = page_request(context, key, in.marker, in.max_items);
  if constexpr (requires { in.path_prefix; }) wanted.path_prefix = in.path_prefix.value_or("");
  return wanted;
}

template <class Out>
void close_page(const Context& context, const ListKey& key, const std::string& next, Out& out) {
  out.is_truncated = !next.empty();
  if (!next.empty()) out.marker = next_marker(context, key, next);
}

// Documents leave URL-encoded (RFC 3986), as IAM has them.
std::string shown_document(const std::string& document);

std::vector<ses::Tag> tags_of(const std::optional<std::vector<aws::iam::Tag>>& tags);
std::optional<std::vector<aws::iam::Tag>> shown_tags(const std::vector<ses::Tag>& tags);  // none: absent
std::optional<aws::iam::AttachedPermissionsBoundary> shown_boundary(const std::string& arn);
std::vector<aws::iam::AttachedPolicy> shown_attached(const std::vector<ses::AttachedName>& attached);

// `whole`: with tags and boundary, as Get* show it; lists leave them out.
aws::iam::User shown_user(const ses::Principal& user, bool whole);
aws::iam::Group shown_group(const ses::Principal& group);
aws::iam::Role shown_role(const ses::Principal& role, bool whole);
aws::iam::Policy shown_policy(const ses::ManagedPolicy& policy, bool whole);
aws::iam::PolicyVersion shown_version(const ses::PolicyVersion& version, bool with_document);

}  // namespace api::iam

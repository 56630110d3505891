// Users, groups and roles, as the operator makes them.
#include <fmt/core.h>

#include "console/operator_commands.h"
#include "console/operator_iam.h"
#include "ses/iam_names.h"

namespace console {
namespace {

using ses::Principal;
using ses::PrincipalKind;

constexpr auto kUser = PrincipalKind::user, kGroup = PrincipalKind::group, kRole = PrincipalKind::role;

void write_tags(base::JsonWriter& json, const std::vector<ses::Tag>& tags) {
  json.key("tags").object();
  for (const auto& tag : tags) json.field(tag.name, tag.value);
  json.end();
}

// "userName", "userId", …
void write_principal(base::JsonWriter& json, const Principal& p) {
  const std::string kind(ses::iam::word_of(p.kind));
  json.field(kind + "Name", p.name).field(kind + "Id", p.id).field("arn", p.arn).field("path", p.path);
  json.field("created", base::iso8601_short(p.created));
  if (p.kind == kGroup) return;
  if (!p.boundary.empty()) json.field("permissionsBoundary", p.boundary);
  write_tags(json, p.tags);
  if (p.kind == kUser) return;
  json.field("description", p.description).field("maxSessionDuration", p.max_session.count());
  json.key("assumeRolePolicyDocument").raw(p.trust);
  if (p.used) json.field("lastUsed", base::iso8601_short(*p.used)).field("lastUsedRegion", p.used_region);
}

std::string principal_line(const Principal& p) {
  return fmt::format("{:<32} {}  {}", p.name, base::iso8601_short(p.created), p.arn);
}

std::string principal_text(const Principal& p) {
  auto out = fmt::format("{}\nid        {}\ncreated   {}\n", p.arn, p.id, base::iso8601_short(p.created));
  if (!p.boundary.empty()) out += fmt::format("boundary  {}\n", p.boundary);
  for (const auto& tag : p.tags) out += fmt::format("tag       {} = {}\n", tag.name, tag.value);
  if (p.kind == kRole)
    out += fmt::format("session   {} s at most\ntrust     {}\n", p.max_session.count(), p.trust);
  return out;
}

base::Task<OperatorAnswer> create(IamCall call, ses::NewPrincipal made) {
  made.path = call.line.option("path").value_or("/");
  made.tags = call.tags();
  if (const auto arn = call.line.option("boundary")) made.boundary = *arn;
  auto making = call.iam().create(std::move(made));
  const auto principal = co_await making;
  co_return told(principal.arn, principal, write_principal);
}

base::Task<OperatorAnswer> create_user(IamCall call) {
  allow_options(call.line, {"account", "path", "tags", "boundary"});
  ses::NewPrincipal made{call.name(kUser)};
  return create(std::move(call), std::move(made));
}

base::Task<OperatorAnswer> create_group(IamCall call) {
  allow_options(call.line, {"account", "path"});
  ses::NewPrincipal made{call.name(kGroup)};
  return create(std::move(call), std::move(made));
}

base::Task<OperatorAnswer> create_role(IamCall call) {
  allow_options(call.line,
                {"account", "path", "tags", "boundary", "document", "description", "max-session-duration"});
  ses::NewPrincipal made{call.name(kRole)};
  made.trust = call.document();
  made.description = call.line.option("description").value_or("");
  made.max_session = call.seconds("max-session-duration", made.max_session);
  return create(std::move(call), std::move(made));
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> get(IamCall call) {
  allow_options(call.line, {"account"});
  auto reading = call.iam().get(call.name(kKind));
  const auto principal = co_await reading;
  co_return told(principal_text(principal), principal, write_principal);
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> remove(IamCall call) {
  allow_options(call.line, {"account"});
  return after_delete(call.iam().remove(call.name(kKind)));
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> list(IamCall call) {
  allow_options(call.line, {"account", "path-prefix"});
  auto* iam = &call.iam();
  auto ask = [iam, account = call.account](ses::PageRequest wanted) {
    return iam->list(account, kKind, std::move(wanted));
  };
  constexpr const char* kNames[] = {"users", "groups", "roles"};
  return list_pages<Principal>(kNames[static_cast<std::size_t>(kKind)], call.page(), ask, principal_line,
                               write_principal);
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> rename(IamCall call) {
  allow_options(call.line, {"account", "new-name", "new-path"});
  ses::PrincipalChange change;
  change.name = call.line.option("new-name");
  change.path = call.line.option("new-path");
  auto changing = call.iam().update(call.name(kKind), std::move(change));
  const auto principal = co_await changing;
  co_return told(principal.arn, principal, write_principal);
}

base::Task<OperatorAnswer> update_role(IamCall call) {
  allow_options(call.line, {"account", "description", "max-session-duration", "document"});
  ses::PrincipalChange change;
  change.description = call.line.option("description");
  change.trust = call.line.option("document");
  if (call.line.option("max-session-duration"))
    change.max_session = call.seconds("max-session-duration", std::chrono::seconds(0));
  auto changing = call.iam().update(call.name(kRole), std::move(change));
  const auto principal = co_await changing;
  co_return told(principal.arn, principal, write_principal);
}

base::Task<OperatorAnswer> add_user_to_group(IamCall call) {
  allow_options(call.line, {"account"});
  const auto group = call.word(1, "The group's name"), user = call.word(2, "The user's name");
  return after(call.iam().add_member(call.account, group, user), "Added.");
}

base::Task<OperatorAnswer> remove_user_from_group(IamCall call) {
  allow_options(call.line, {"account"});
  const auto group = call.word(1, "The group's name"), user = call.word(2, "The user's name");
  return after(call.iam().remove_member(call.account, group, user), "Removed.");
}

base::Task<OperatorAnswer> list_group_members(IamCall call) {
  allow_options(call.line, {"account"});
  auto* iam = &call.iam();
  auto ask = [iam, name = call.name(kGroup)](ses::PageRequest wanted) {
    return iam->list_members(name.account, name.name, std::move(wanted));
  };
  return list_pages<Principal>("users", call.page(), ask, principal_line, write_principal);
}

base::Task<OperatorAnswer> list_groups_for_user(IamCall call) {
  allow_options(call.line, {"account"});
  auto* iam = &call.iam();
  auto ask = [iam, name = call.name(kUser)](ses::PageRequest wanted) {
    return iam->list_groups_of(name.account, name.name, std::move(wanted));
  };
  return list_pages<Principal>("groups", call.page(), ask, principal_line, write_principal);
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> tag(IamCall call) {
  allow_options(call.line, {"account", "tags"});
  return after(call.iam().tag(call.name(kKind), call.tags()), "Tagged.");
}

template <PrincipalKind kKind>
base::Task<OperatorAnswer> untag(IamCall call) {
  allow_options(call.line, {"account"});
  std::vector<std::string> keys;
  for (std::size_t i = 2; i < call.line.words.size(); ++i) keys.push_back(call.line.words[i]);
  return after(call.iam().untag(call.name(kKind), std::move(keys)), "Untagged.");
}

}  // namespace

std::span<const IamCommand> iam_entity_commands() {
  static constexpr IamCommand kCommands[] = {
      {"create-user", "USER [--path P] [--tags N=V,…] [--boundary ARN]",
       "may do nothing before it has policies", create_user},
      {"get-user", "USER", "", get<kUser>},
      {"update-user", "USER [--new-name N] [--new-path P]", "", rename<kUser>},
      {"delete-user", "USER", "once it has no keys, groups and policies", remove<kUser>},
      {"list-users", "[--path-prefix P]", "", list<kUser>},
      {"tag-user", "USER --tags N=V,…", "", tag<kUser>},
      {"untag-user", "USER KEY…", "", untag<kUser>},
      {"create-group", "GROUP [--path P]", "", create_group},
      {"get-group", "GROUP", "", get<kGroup>},
      {"update-group", "GROUP [--new-name N] [--new-path P]", "", rename<kGroup>},
      {"delete-group", "GROUP", "once it has no members and policies", remove<kGroup>},
      {"list-groups", "[--path-prefix P]", "", list<kGroup>},
      {"add-user-to-group", "GROUP USER", "", add_user_to_group},
      {"remove-user-from-group", "GROUP USER", "", remove_user_from_group},
      {"list-group-members", "GROUP", "", list_group_members},
      {"list-groups-for-user", "USER", "", list_groups_for_user},
      {"create-role", "ROLE --file TRUST.json [--path P] [--max-session-duration S]",
       "the file says who may assume it", create_role},
      {"get-role", "ROLE", "", get<kRole>},
      {"update-role", "ROLE [--file TRUST.json] [--description D] [--max-session-duration S]", "",
       update_role},
      {"delete-role", "ROLE", "its sessions end with it", remove<kRole>},
      {"list-roles", "[--path-prefix P]", "", list<kRole>},
      {"tag-role", "ROLE --tags N=V,…", "", tag<kRole>},
      {"untag-role", "ROLE KEY…", "", untag<kRole>},
  };
  return kCommands;
}

}  // namespace console

#include "ses/principal_rows.h"

#include "base/encoding.h"
#include "ses/iam_names.h"
#include "ses/iam_page.h"
#include "ses/packed.h"

namespace ses::principal_rows {
namespace {

#define SESAME_PRINCIPAL_COLUMNS                                                                     \
  "p.id, p.account, p.kind, p.name, p.path, p.created, p.boundary, p.tags, p.description, p.trust, " \
  "p.max_session, p.used, p.used_region"

std::int64_t number_of(PrincipalKind kind) { return static_cast<std::int64_t>(kind); }

Principal from_row(store::Query& q) {
  Principal p;
  p.id = q.get_string(0);
  p.account = AccountId(q.get_string(1));
  p.kind = static_cast<PrincipalKind>(q.get_integer(2));
  p.name = q.get_string(3);
  p.path = q.get_string(4);
  p.created = base::from_millis(q.get_integer(5));
  p.boundary = q.get_string(6);
  for (auto& row : unpack(q.get_text(7), 2)) p.tags.push_back({std::move(row[0]), std::move(row[1])});
  p.description = q.get_string(8);
  p.trust = q.get_string(9);
  p.max_session = std::chrono::seconds(q.get_integer(10));
  if (!q.is_null(11)) p.used = base::from_millis(q.get_integer(11));
  p.used_region = q.get_string(12);
  p.arn = iam::arn_of(p);
  return p;
}

std::vector<Principal> read_all(store::Query& q) {
  std::vector<Principal> out;
  while (q.next()) out.push_back(from_row(q));
  return out;
}

std::vector<std::string> read_words(store::Query& q) {
  std::vector<std::string> out;
  while (q.next()) out.push_back(q.get_string(0));
  return out;
}

std::string packed_tags(const Principal& p) {
  std::vector<PackedRow> rows;
  for (const auto& tag : p.tags) rows.push_back({tag.name, tag.value});
  return pack(rows);
}

// What insert and update have in common; the texts outlive the query.
void bind(store::Query& q, const Principal& p, const std::string& lower, const std::string& tags) {
  q.text(":id", p.id).text(":name", p.name).text(":lower", lower).text(":path", p.path);
  q.text(":boundary", p.boundary).text(":tags", tags).text(":description", p.description);
  q.text(":trust", p.trust).integer(":max_session", p.max_session.count());
}

}  // namespace

std::optional<Principal> find(store::Db& db, const PrincipalName& name) {
  auto q = db.query("SELECT " SESAME_PRINCIPAL_COLUMNS
                    " FROM principal p WHERE p.account = :account AND p.kind = :kind AND p.name = :name");
  q.text(":account", name.account.str()).integer(":kind", number_of(name.kind)).text(":name", name.name);
  if (!q.next()) return std::nullopt;
  return from_row(q);
}

Principal need(store::Db& db, const PrincipalName& name) {
  auto found = find(db, name);
  if (!found) throw iam::no_such(name);
  return *std::move(found);
}

std::optional<Principal> by_id(store::Db& db, const std::string& id) {
  auto q = db.query("SELECT " SESAME_PRINCIPAL_COLUMNS " FROM principal p WHERE p.id = :id");
  q.text(":id", id);
  if (!q.next()) return std::nullopt;
  return from_row(q);
}

std::vector<std::string> all_ids(store::Db& db) {
  auto q = db.query("SELECT id FROM principal");
  return read_words(q);
}

bool is_taken(store::Db& db, const PrincipalName& name, const std::string& but_of) {
  const auto lower = base::ascii_lower(name.name);
  auto q = db.query(
      "SELECT 1 FROM principal "
      "WHERE account = :account AND kind = :kind AND lower_name = :lower AND id <> :id");
  q.text(":account", name.account.str()).integer(":kind", number_of(name.kind));
  return q.text(":lower", lower).text(":id", but_of).next();
}

std::int64_t count(store::Db& db, const AccountId& account, PrincipalKind kind) {
  auto q = db.query("SELECT COUNT(*) FROM principal WHERE account = :account AND kind = :kind");
  q.text(":account", account.str()).integer(":kind", number_of(kind)).next();
  return q.get_integer(0);
}

Page<Principal> page(store::Db& db, const AccountId& account, PrincipalKind kind, const PageRequest& wanted) {
  auto q = db.query("SELECT " SESAME_PRINCIPAL_COLUMNS
                    " FROM principal p WHERE p.account = :account AND p.kind = :kind AND p.name > :after "
                    "AND SUBSTR(p.path, 1, LENGTH(:prefix)) = :prefix ORDER BY p.name LIMIT :limit");
  q.text(":account", account.str()).integer(":kind", number_of(kind)).text(":prefix", wanted.path_prefix);
  return read_page<Principal>(bind_page(q, wanted), wanted, from_row);
}

void insert(store::Db& db, const Principal& p) {
  const auto lower = base::ascii_lower(p.name), tags = packed_tags(p);
  auto q = db.query(
      "INSERT INTO principal (id, account, kind, name, lower_name, path, created, boundary, tags, "
      "description, trust, max_session, used_region) VALUES (:id, :account, :kind, :name, :lower, :path, "
      ":created, :boundary, :tags, :description, :trust, :max_session, '')");
  bind(q, p, lower, tags);
  q.text(":account", p.account.str()).integer(":kind", number_of(p.kind));
  q.integer(":created", base::to_millis(p.created)).run();
}

void update(store::Db& db, const Principal& p) {
  const auto lower = base::ascii_lower(p.name), tags = packed_tags(p);
  auto q = db.query(
      "UPDATE principal SET name = :name, lower_name = :lower, path = :path, boundary = :boundary, "
      "tags = :tags, description = :description, trust = :trust, max_session = :max_session WHERE id = :id");
  bind(q, p, lower, tags);
  q.run();
}

void erase(store::Db& db, const std::string& id) {
  db.query("DELETE FROM principal WHERE id = :id").text(":id", id).run();
}

void set_used(store::Db& db, const std::string& id, const LastUse& use) {
  db.query("UPDATE principal SET used = :at, used_region = :region WHERE id = :id")
      .integer(":at", base::to_millis(use.at))
      .text(":region", use.region)
      .text(":id", id)
      .run();
}

bool is_member(store::Db& db, const std::string& group, const std::string& user) {
  auto q = db.query("SELECT 1 FROM principal_member WHERE group_id = :group AND user_id = :user");
  return q.text(":group", group).text(":user", user).next();
}

void add_member(store::Db& db, const std::string& group, const std::string& user) {
  db.query("INSERT INTO principal_member (group_id, user_id) VALUES (:group, :user) ON CONFLICT DO NOTHING")
      .text(":group", group)
      .text(":user", user)
      .run();
}

void remove_member(store::Db& db, const std::string& group, const std::string& user) {
  db.query("DELETE FROM principal_member WHERE group_id = :group AND user_id = :user")
      .text(":group", group)
      .text(":user", user)
      .run();
}

bool has_members(store::Db& db, const std::string& group) {
  auto q = db.query("SELECT 1 FROM principal_member WHERE group_id = :group LIMIT 1");
  return q.text(":group", group).next();
}

std::vector<std::string> groups_of(store::Db& db, const std::string& user) {
  auto q = db.query("SELECT group_id FROM principal_member WHERE user_id = :user ORDER BY group_id");
  q.text(":user", user);
  return read_words(q);
}

Page<Principal> members(store::Db& db, const std::string& group, const PageRequest& wanted) {
  auto q = db.query("SELECT " SESAME_PRINCIPAL_COLUMNS
                    " FROM principal_member m JOIN principal p ON p.id = m.user_id "
                    "WHERE m.group_id = :group AND p.name > :after ORDER BY p.name LIMIT :limit");
  q.text(":group", group);
  return read_page<Principal>(bind_page(q, wanted), wanted, from_row);
}

Page<Principal> groups(store::Db& db, const std::string& user, const PageRequest& wanted) {
  auto q = db.query("SELECT " SESAME_PRINCIPAL_COLUMNS
                    " FROM principal_member m JOIN principal p ON p.id = m.group_id "
                    "WHERE m.user_id = :user AND p.name > :after ORDER BY p.name LIMIT :limit");
  q.text(":user", user);
  return read_page<Principal>(bind_page(q, wanted), wanted, from_row);
}

std::vector<InlinePolicy> inline_policies(store::Db& db, const std::string& principal) {
  auto q = db.query("SELECT name, document FROM inline_policy WHERE principal = :principal ORDER BY name");
  q.text(":principal", principal);
  std::vector<InlinePolicy> out;
  while (q.next()) out.push_back({q.get_string(0), q.get_string(1)});
  return out;
}

void put_inline(store::Db& db, const std::string& principal, const InlinePolicy& policy) {
  db.query(
        "INSERT INTO inline_policy (principal, name, document) VALUES (:principal, :name, :document) "
        "ON CONFLICT (principal, name) DO UPDATE SET document = excluded.document")
      .text(":principal", principal)
      .text(":name", policy.name)
      .text(":document", policy.document)
      .run();
}

bool erase_inline(store::Db& db, const std::string& principal, const std::string& name) {
  db.query("DELETE FROM inline_policy WHERE principal = :principal AND name = :name")
      .text(":principal", principal)
      .text(":name", name)
      .run();
  return db.changes() > 0;
}

std::vector<std::string> attached(store::Db& db, const std::string& principal) {
  auto q = db.query("SELECT arn FROM attached_policy WHERE principal = :principal ORDER BY arn");
  q.text(":principal", principal);
  return read_words(q);
}

bool is_attached(store::Db& db, const std::string& principal, const std::string& arn) {
  auto q = db.query("SELECT 1 FROM attached_policy WHERE principal = :principal AND arn = :arn");
  return q.text(":principal", principal).text(":arn", arn).next();
}

void attach(store::Db& db, const std::string& principal, const std::string& arn) {
  db.query("INSERT INTO attached_policy (principal, arn) VALUES (:principal, :arn)")
      .text(":principal", principal)
      .text(":arn", arn)
      .run();
}

void detach(store::Db& db, const std::string& principal, const std::string& arn) {
  db.query("DELETE FROM attached_policy WHERE principal = :principal AND arn = :arn")
      .text(":principal", principal)
      .text(":arn", arn)
      .run();
}

std::vector<Principal> holders(store::Db& db, const AccountId& account, const std::string& arn) {
  auto q = db.query("SELECT " SESAME_PRINCIPAL_COLUMNS
                    " FROM attached_policy a JOIN principal p ON p.id = a.principal "
                    "WHERE a.arn = :arn AND p.account = :account ORDER BY p.kind, p.name");
  q.text(":arn", arn).text(":account", account.str());
  return read_all(q);
}

std::vector<Principal> bounded(store::Db& db, const AccountId& account, const std::string& arn) {
  auto q =
      db.query("SELECT " SESAME_PRINCIPAL_COLUMNS
               " FROM principal p WHERE p.boundary = :arn AND p.account = :account ORDER BY p.kind, p.name");
  q.text(":arn", arn).text(":account", account.str());
  return read_all(q);
}

}  // namespace ses::principal_rows

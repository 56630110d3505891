#include "ses/managed_policy_rows.h"

#include "base/encoding.h"
#include "ses/packed.h"

namespace ses::managed_policy_rows {
namespace {

#define SESAME_POLICY_COLUMNS \
  "arn, account, id, name, path, description, default_version, created, updated, tags"

ManagedPolicy from_row(store::Query& q) {
  ManagedPolicy policy;
  policy.arn = q.get_string(0);
  policy.account = AccountId(q.get_string(1));
  policy.id = q.get_string(2);
  policy.name = q.get_string(3);
  policy.path = q.get_string(4);
  policy.description = q.get_string(5);
  policy.default_version = static_cast<int>(q.get_integer(6));
  policy.created = base::from_millis(q.get_integer(7));
  policy.updated = base::from_millis(q.get_integer(8));
  for (auto& row : unpack(q.get_text(9), 2)) policy.tags.push_back({std::move(row[0]), std::move(row[1])});
  return policy;
}

PolicyVersion version_from_row(store::Query& q, const ManagedPolicy& policy) {
  PolicyVersion version;
  version.number = static_cast<int>(q.get_integer(0));
  version.document = q.get_string(1);
  version.created = base::from_millis(q.get_integer(2));
  version.is_default = version.number == policy.default_version;
  return version;
}

std::int64_t count_of(store::Query& q, const AccountId& account) {
  q.text(":account", account.str()).next();
  return q.get_integer(0);
}

}  // namespace

std::optional<ManagedPolicy> find(store::Db& db, const std::string& arn) {
  auto q = db.query("SELECT " SESAME_POLICY_COLUMNS " FROM managed_policy WHERE arn = :arn");
  q.text(":arn", arn);
  if (!q.next()) return std::nullopt;
  return from_row(q);
}

void count_uses(store::Db& db, const AccountId& account, ManagedPolicy& policy) {
  auto holding = db.query(
      "SELECT COUNT(*) FROM attached_policy a JOIN principal p ON p.id = a.principal "
      "WHERE a.arn = :arn AND p.account = :account");
  policy.attached = count_of(holding.text(":arn", policy.arn), account);
  auto bounding = db.query("SELECT COUNT(*) FROM principal WHERE boundary = :arn AND account = :account");
  policy.boundaries = count_of(bounding.text(":arn", policy.arn), account);
}

bool is_taken(store::Db& db, const AccountId& account, const std::string& name) {
  const auto lower = base::ascii_lower(name);
  auto q = db.query("SELECT 1 FROM managed_policy WHERE account = :account AND lower_name = :lower");
  return q.text(":account", account.str()).text(":lower", lower).next();
}

std::int64_t count(store::Db& db, const AccountId& account) {
  auto q = db.query("SELECT COUNT(*) FROM managed_policy WHERE account = :account");
  return count_of(q, account);
}

std::int64_t count_versions(store::Db& db, const AccountId& account) {
  auto q = db.query(
      "SELECT COUNT(*) FROM managed_policy_version v JOIN managed_policy p ON p.arn = v.arn "
      "WHERE p.account = :account");
  return count_of(q, account);
}

std::vector<ManagedPolicy> all(store::Db& db, const AccountId& account) {
  auto q =
      db.query("SELECT " SESAME_POLICY_COLUMNS " FROM managed_policy WHERE account = :account ORDER BY name");
  q.text(":account", account.str());
  std::vector<ManagedPolicy> out;
  while (q.next()) out.push_back(from_row(q));
  return out;
}

std::vector<std::string> all_arns(store::Db& db) {
  auto q = db.query("SELECT arn FROM managed_policy");
  std::vector<std::string> out;
  while (q.next()) out.push_back(q.get_string(0));
  return out;
}

void insert(store::Db& db, const ManagedPolicy& policy) {
  std::vector<PackedRow> rows;
  for (const auto& tag : policy.tags) rows.push_back({tag.name, tag.value});
  const auto tags = pack(rows), lower = base::ascii_lower(policy.name);
  db.query(
        "INSERT INTO managed_policy (arn, account, id, name, lower_name, path, description, default_version, "
        "last_version, created, updated, tags) VALUES (:arn, :account, :id, :name, :lower, :path, "
        ":description, :number, :number, :created, :created, :tags)")
      .text(":arn", policy.arn)
      .text(":account", policy.account.str())
      .text(":id", policy.id)
      .text(":name", policy.name)
      .text(":lower", lower)
      .text(":path", policy.path)
      .text(":description", policy.description)
      .integer(":number", policy.default_version)
      .integer(":created", base::to_millis(policy.created))
      .text(":tags", tags)
      .run();
}

void erase(store::Db& db, const std::string& arn) {
  db.query("DELETE FROM managed_policy_version WHERE arn = :arn").text(":arn", arn).run();
  db.query("DELETE FROM managed_policy WHERE arn = :arn").text(":arn", arn).run();
}

void set_default(store::Db& db, const std::string& arn, int number, base::WallTime now) {
  db.query("UPDATE managed_policy SET default_version = :number, updated = :now WHERE arn = :arn")
      .integer(":number", number)
      .integer(":now", base::to_millis(now))
      .text(":arn", arn)
      .run();
}

std::vector<PolicyVersion> versions(store::Db& db, const ManagedPolicy& policy) {
  auto q = db.query(
      "SELECT number, document, created FROM managed_policy_version WHERE arn = :arn ORDER BY number DESC");
  q.text(":arn", policy.arn);
  std::vector<PolicyVersion> out;
  while (q.next()) out.push_back(version_from_row(q, policy));
  return out;
}

std::optional<PolicyVersion> version(store::Db& db, const ManagedPolicy& policy, int number) {
  auto q = db.query(
      "SELECT number, document, created FROM managed_policy_version WHERE arn = :arn AND number = :number");
  q.text(":arn", policy.arn).integer(":number", number);
  if (!q.next()) return std::nullopt;
  return version_from_row(q, policy);
}

int next_version(store::Db& db, const std::string& arn) {
  auto q = db.query(
      "UPDATE managed_policy SET last_version = last_version + 1 WHERE arn = :arn RETURNING last_version");
  return q.text(":arn", arn).next() ? static_cast<int>(q.get_integer(0)) : 1;
}

void insert_version(store::Db& db, const std::string& arn, const PolicyVersion& version) {
  db.query(
        "INSERT INTO managed_policy_version (arn, number, document, created) "
        "VALUES (:arn, :number, :document, :created)")
      .text(":arn", arn)
      .integer(":number", version.number)
      .text(":document", version.document)
      .integer(":created", base::to_millis(version.created))
      .run();
}

void erase_version(store::Db& db, const std::string& arn, int number) {
  db.query("DELETE FROM managed_policy_version WHERE arn = :arn AND number = :number")
      .text(":arn", arn)
      .integer(":number", number)
      .run();
}

}  // namespace ses::managed_policy_rows

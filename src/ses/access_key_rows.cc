#include "ses/access_key_rows.h"

#include "ses/iam_names.h"
#include "ses/sealed.h"

namespace ses::access_key_rows {
namespace {

#define SESAME_KEYS                                                                                         \
  "SELECT k.id, k.account, k.owner, k.secret, k.active, k.created, k.used, k.used_service, k.used_region, " \
  "p.name, p.path FROM access_key k LEFT JOIN principal p ON p.id = k.owner"

std::string context_of(const std::string& id) { return "access-key:" + id; }

AccessKey from_row(store::Query& q, const Keyring& keyring) {
  AccessKey key;
  key.id = q.get_string(0);
  key.account = AccountId(q.get_string(1));
  key.owner = q.get_string(2);
  key.secret = open_sealed(keyring, q.get_text(3), context_of(key.id));
  key.active = q.get_integer(4) != 0;
  key.created = base::from_millis(q.get_integer(5));
  if (!q.is_null(6))
    key.used = LastUse{base::from_millis(q.get_integer(6)), q.get_string(7), q.get_string(8)};
  if (key.owner.empty()) {
    key.arn = iam::root_arn(key.account);
    return key;
  }
  Principal user;
  user.account = key.account;
  user.name = key.user = q.get_string(9);
  user.path = q.get_string(10);
  key.arn = iam::arn_of(user);
  return key;
}

}  // namespace

std::vector<AccessKey> all(store::Db& db, const Keyring& keyring) {
  auto q = db.query(SESAME_KEYS);
  std::vector<AccessKey> out;
  while (q.next()) out.push_back(from_row(q, keyring));
  return out;
}

std::optional<AccessKey> find(store::Db& db, const Keyring& keyring, const std::string& id) {
  auto q = db.query(SESAME_KEYS " WHERE k.id = :id");
  q.text(":id", id);
  if (!q.next()) return std::nullopt;
  return from_row(q, keyring);
}

std::vector<std::string> ids_of(store::Db& db, const AccountId& account, const std::string& owner) {
  auto q =
      db.query("SELECT id FROM access_key WHERE account = :account AND owner = :owner ORDER BY created, id");
  q.text(":account", account.str()).text(":owner", owner);
  std::vector<std::string> out;
  while (q.next()) out.push_back(q.get_string(0));
  return out;
}

void insert(store::Db& db, const Keyring& keyring, const AccessKey& key) {
  const auto sealed = keyring.seal(key.secret, context_of(key.id));
  db.query(
        "INSERT INTO access_key (id, account, owner, secret, active, created, used_service, used_region) "
        "VALUES (:id, :account, :owner, :secret, :active, :created, '', '')")
      .text(":id", key.id)
      .text(":account", key.account.str())
      .text(":owner", key.owner)
      .blob(":secret", sealed)
      .integer(":active", key.active)
      .integer(":created", base::to_millis(key.created))
      .run();
}

bool set_active(store::Db& db, const AccountId& account, const std::string& owner, const std::string& id,
                bool active) {
  db.query("UPDATE access_key SET active = :active WHERE id = :id AND account = :account AND owner = :owner")
      .integer(":active", active)
      .text(":id", id)
      .text(":account", account.str())
      .text(":owner", owner)
      .run();
  return db.changes() > 0;
}

bool erase(store::Db& db, const AccountId& account, const std::string& owner, const std::string& id) {
  db.query("DELETE FROM access_key WHERE id = :id AND account = :account AND owner = :owner")
      .text(":id", id)
      .text(":account", account.str())
      .text(":owner", owner)
      .run();
  return db.changes() > 0;
}

void set_used(store::Db& db, const std::string& id, const LastUse& use) {
  db.query("UPDATE access_key SET used = :at, used_service = :service, used_region = :region WHERE id = :id")
      .integer(":at", base::to_millis(use.at))
      .text(":service", use.service)
      .text(":region", use.region)
      .text(":id", id)
      .run();
}

}  // namespace ses::access_key_rows

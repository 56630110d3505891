#include "ses/reseal.h"

#include <functional>
#include <vector>

#include "base/log.h"
#include "ses/sealed.h"

namespace ses {
namespace {

// A column of sealed texts. `all` answers the text and up to three columns of the row's key; the context of a
// text is `prefix` and the key's parts with colons between them. `set` binds :sealed and :k0 to :k2.
struct SealedColumn {
  const char* all;
  const char* set;
  const char* prefix;
  int parts;
};

constexpr SealedColumn kColumns[] = {
    {"SELECT secret, id FROM access_key", "UPDATE access_key SET secret = :sealed WHERE id = :k0",
     "access-key:", 1},
    {"SELECT value, name FROM installation", "UPDATE installation SET value = :sealed WHERE name = :k0",
     "installation:", 1},
    {"SELECT dkim_key, account, region, name FROM identity WHERE dkim_key IS NOT NULL",
     "UPDATE identity SET dkim_key = :sealed WHERE account = :k0 AND region = :k1 AND name = :k2",
     "dkim:", 3},
    {"SELECT dkim_next_key, account, region, name FROM identity WHERE dkim_next_key IS NOT NULL",
     "UPDATE identity SET dkim_next_key = :sealed WHERE account = :k0 AND region = :k1 AND name = :k2",
     "next-dkim:", 3},
};
constexpr const char* kPartNames[] = {":k0", ":k1", ":k2"};

struct Row {
  std::string sealed;
  std::vector<std::string> key;
};

std::vector<Row> old_rows(store::Db& db, const Keyring& keyring, const SealedColumn& column) {
  std::vector<Row> out;
  auto q = db.query(column.all);
  while (q.next()) {
    if (!keyring.is_old(q.get_text(0))) continue;
    Row row{q.get_string(0), {}};
    for (int i = 0; i < column.parts; ++i) row.key.push_back(q.get_string(1 + i));
    out.push_back(std::move(row));
  }
  return out;
}

void reseal_row(store::Db& db, const Keyring& keyring, const SealedColumn& column, const Row& row) {
  std::string context = column.prefix;
  for (std::size_t i = 0; i < row.key.size(); ++i) context += (i ? ":" : "") + row.key[i];
  auto plain = open_sealed(keyring, row.sealed, context);
  const auto sealed = keyring.seal(plain, context);
  wipe(plain);
  auto q = db.query(column.set);
  q.blob(":sealed", sealed);
  for (std::size_t i = 0; i < row.key.size(); ++i) q.text(kPartNames[i], row.key[i]);
  q.run();
}

}  // namespace

Resealed reseal(store::Db& db, const Keyring& keyring) {
  Resealed done;
  for (const auto& column : kColumns)
    for (const auto& row : old_rows(db, keyring, column)) {
      reseal_row(db, keyring, column, row);
      ++done.secrets;
    }
  return done;
}

base::Task<Resealed> rotate_master_key(store::Store& store, Keyring& keyring, bool keep_old) {
  keyring.begin_change();
  auto* ring = &keyring;
  auto sealing = store.write_value([ring](store::Db& db) { return reseal(db, *ring); });
  const auto done = co_await sealing;
  keyring.end_change(keep_old);
  base::log_info("the master key was changed; {} secrets are sealed with the new one", done.secrets);
  co_return done;
}

}  // namespace ses

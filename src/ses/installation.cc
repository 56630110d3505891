#include "ses/installation.h"

#include "ses/sealed.h"

namespace ses::installation {

std::optional<std::string> get(store::Db& db, const Keyring& keyring, const std::string& name) {
  auto q = db.query("SELECT value FROM installation WHERE name = :name");
  q.text(":name", name);
  if (!q.next()) return std::nullopt;
  return open_sealed(keyring, q.get_text(0), "installation:" + name);
}

std::string get_or_make(store::Db& db, const Keyring& keyring, const std::string& name,
                        const std::string& fresh) {
  if (auto kept = get(db, keyring, name)) return *kept;
  auto sealed = keyring.seal(fresh, "installation:" + name);
  db.query("INSERT INTO installation (name, value) VALUES (:name, :value)")
      .text(":name", name)
      .blob(":value", sealed)
      .run();
  return fresh;
}

}  // namespace ses::installation

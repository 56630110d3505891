// The rows of identities. Inside a transaction of the store; names are in their normal form. DKIM keys are
// sealed with the context "dkim:ACCOUNT:REGION:NAME", the next one with "next-" before it. Only the .cc files
// of identity.h use this.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ses/identity.h"
#include "ses/keyring.h"
#include "store/db.h"

namespace ses::identity_rows {

std::vector<Identity> all(store::Db& db, const Keyring& keyring);
std::optional<Identity> find(store::Db& db, const Keyring& keyring, const Scope& scope,
                             const std::string& name);
void save(store::Db& db, const Keyring& keyring, const Identity& identity);
bool erase(store::Db& db, const Scope& scope, const std::string& name);
std::int64_t count(store::Db& db, const Scope& scope);
// Goes up with each change of any identity; other nodes follow it.

}  // namespace ses::identity_rows

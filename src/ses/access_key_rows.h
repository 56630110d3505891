// The rows of access keys. Inside a transaction of the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ses/keyring.h"
#include "ses/principal_types.h"
#include "store/db.h"

namespace ses::access_key_rows {

std::vector<AccessKey> all(store::Db& db, const Keyring& keyring);
std::optional<AccessKey> find(store::Db& db, const Keyring& keyring, const std::string& id);
// Ids, oldest first. `owner`: a user's id; empty: the account's root.
std::vector<std::string> ids_of(store::Db& db, const AccountId& account, const std::string& owner);
// Seals the secret, which must happen inside the transaction (ses/reseal.h).
void insert(store::Db& db, const Keyring& keyring, const AccessKey& key);
// False where that owner has no such key.
bool set_active(store::Db& db, const AccountId& account, const std::string& owner, const std::string& id,
                bool active);
bool erase(store::Db& db, const AccountId& account, const std::string& owner, const std::string& id);
void set_used(store::Db& db, const std::string& id, const LastUse& use);

}  // namespace ses::access_key_rows

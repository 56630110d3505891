// Secrets of this installation that are made once and kept, sealed with the context "installation:NAME".
// Inside a transaction of the store.
#pragma once

#include <optional>
#include <string>

#include "ses/keyring.h"
#include "store/db.h"

namespace ses::installation {

std::optional<std::string> get(store::Db& db, const Keyring& keyring, const std::string& name);
// What is kept under the name, or `fresh`, which is kept from now on.
std::string get_or_make(store::Db& db, const Keyring& keyring, const std::string& name,
                        const std::string& fresh);

}  // namespace ses::installation

// The row of an account's settings. Inside a transaction of the store.
#pragma once

#include <optional>

#include "ses/account.h"
#include "store/db.h"

namespace ses {

void save_account(store::Db& db, const Scope& scope, const AccountSettings& settings);
std::optional<AccountSettings> find_account(store::Db& db, const Scope& scope);

}  // namespace ses

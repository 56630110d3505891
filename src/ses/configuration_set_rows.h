// The rows of configuration sets and their event destinations. Inside a transaction of the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ses/configuration_set.h"
#include "store/db.h"

namespace ses::configuration_set_rows {

std::vector<ConfigurationSet> all(store::Db& db);
std::optional<ConfigurationSet> find(store::Db& db, const Scope& scope, const std::string& name);
bool exists(store::Db& db, const Scope& scope, const std::string& name);
void save(store::Db& db, const ConfigurationSet& set);
bool erase(store::Db& db, const Scope& scope, const std::string& name);
std::int64_t count(store::Db& db, const Scope& scope);
// Goes up with each change of any set; other nodes follow it.

}  // namespace ses::configuration_set_rows

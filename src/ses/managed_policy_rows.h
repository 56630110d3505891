// The rows of an account's managed policies and their versions. AWS's own have none (ses/builtin_policies.h).
// Inside a transaction of the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ses/principal_types.h"
#include "store/db.h"

namespace ses::managed_policy_rows {

// Without `attached` and `boundaries`, which count_uses() fills in for one account's principals.
std::optional<ManagedPolicy> find(store::Db& db, const std::string& arn);
void count_uses(store::Db& db, const AccountId& account, ManagedPolicy& policy);
bool is_taken(store::Db& db, const AccountId& account, const std::string& name);
std::int64_t count(store::Db& db, const AccountId& account);
std::int64_t count_versions(store::Db& db, const AccountId& account);
std::vector<ManagedPolicy> all(store::Db& db, const AccountId& account);  // by name
std::vector<std::string> all_arns(store::Db& db);
void insert(store::Db& db, const ManagedPolicy& policy);
void erase(store::Db& db, const std::string& arn);  // with its versions
void set_default(store::Db& db, const std::string& arn, int number, base::WallTime now);

std::vector<PolicyVersion> versions(store::Db& db, const ManagedPolicy& policy);  // newest first
std::optional<PolicyVersion> version(store::Db& db, const ManagedPolicy& policy, int number);
int next_version(store::Db& db, const std::string& arn);  // numbers are not used twice
void insert_version(store::Db& db, const std::string& arn, const PolicyVersion& version);
void erase_version(store::Db& db, const std::string& arn, int number);

}  // namespace ses::managed_policy_rows

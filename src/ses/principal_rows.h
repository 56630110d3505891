// The rows of users, groups and roles: themselves, who is in which group, their inline policies and what is
// attached to them. Rows name a principal by its id, so that its name may change. Inside a transaction of the
// store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ses/principal_types.h"
#include "store/db.h"

namespace ses::principal_rows {

std::optional<Principal> find(store::Db& db, const PrincipalName& name);
Principal need(store::Db& db, const PrincipalName& name);  // Fault NoSuchEntity
std::optional<Principal> by_id(store::Db& db, const std::string& id);
std::vector<std::string> all_ids(store::Db& db);
// IAM: names differ by more than their case. `but_of`: the id of one whose name it may be.
bool is_taken(store::Db& db, const PrincipalName& name, const std::string& but_of);
std::int64_t count(store::Db& db, const AccountId& account, PrincipalKind kind);
Page<Principal> page(store::Db& db, const AccountId& account, PrincipalKind kind, const PageRequest& wanted);
void insert(store::Db& db, const Principal& principal);
void update(store::Db& db, const Principal& principal);
void erase(store::Db& db, const std::string& id);
void set_used(store::Db& db, const std::string& id, const LastUse& use);

bool is_member(store::Db& db, const std::string& group, const std::string& user);
void add_member(store::Db& db, const std::string& group, const std::string& user);
void remove_member(store::Db& db, const std::string& group, const std::string& user);
bool has_members(store::Db& db, const std::string& group);
std::vector<std::string> groups_of(store::Db& db, const std::string& user);  // ids
Page<Principal> members(store::Db& db, const std::string& group, const PageRequest& wanted);
Page<Principal> groups(store::Db& db, const std::string& user, const PageRequest& wanted);

std::vector<InlinePolicy> inline_policies(store::Db& db, const std::string& principal);  // by name
void put_inline(store::Db& db, const std::string& principal, const InlinePolicy& policy);
bool erase_inline(store::Db& db, const std::string& principal, const std::string& name);

std::vector<std::string> attached(store::Db& db, const std::string& principal);  // ARNs
bool is_attached(store::Db& db, const std::string& principal, const std::string& arn);
void attach(store::Db& db, const std::string& principal, const std::string& arn);
void detach(store::Db& db, const std::string& principal, const std::string& arn);
// Of one account: who has the policy attached, or has it as boundary.
std::vector<Principal> holders(store::Db& db, const AccountId& account, const std::string& arn);
std::vector<Principal> bounded(store::Db& db, const AccountId& account, const std::string& arn);

}  // namespace ses::principal_rows

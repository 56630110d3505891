// Principals: users and their access keys (IAM is global: no region). Secrets are sealed under the master key
// at rest and held in memory to check signatures with. Snapshot reads on any thread; writes through the
// store.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/task.h"
#include "ses/keyring.h"
#include "ses/types.h"
#include "store/store.h"

namespace ses {

struct AccessKey {
  std::string id;  // AKIA + 16
  AccountId account;
  std::string user;  // empty: the account's root
  std::string arn;
  std::string secret;
  bool active = true;
  base::WallTime created;
};
using AccessKeyPtr = std::shared_ptr<const AccessKey>;

struct User {
  AccountId account;
  std::string name, arn, id;  // id: AIDA + 17
  base::WallTime created;
};

class Principals {
 public:
  Principals(store::Store& store, const Keyring& keyring, const base::Clock& clock, base::Random& random);
  ~Principals();
  void load();

  AccessKeyPtr find_key(std::string_view id) const;

  // Faults: EntityAlreadyExists, NoSuchEntity, LimitExceeded (two keys a user) with IAM's codes and texts.
  base::Task<User> create_user(AccountId account, std::string name);
  base::Task<void> delete_user(AccountId account, std::string name);
  base::Task<std::vector<User>> list_users(AccountId account);
  base::Task<AccessKeyPtr> create_key(AccountId account,
                                      std::string user);  // the one time the secret is told
  base::Task<std::vector<AccessKeyPtr>> list_keys(AccountId account, std::string user);
  base::Task<void> set_key_active(AccountId account, std::string user, std::string id, bool active);
  base::Task<void> delete_key(AccountId account, std::string user, std::string id);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ses

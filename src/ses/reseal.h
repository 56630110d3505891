// Changing the master key: a new one is made, everything that is sealed in the store is sealed with it in one
// transaction, and then the old one goes. A process that ends anywhere in between opens everything after its
// start, and the change can be begun again. What is sealed by who writes must be sealed inside the write's
// transaction, or a text under the old key could come in behind this one. Temporary credentials (session
// tokens) are not in the store: those made under the old key are void afterwards, unless it is kept.
#pragma once

#include <cstddef>

#include "base/task.h"
#include "ses/keyring.h"
#include "store/store.h"

namespace ses {

struct Resealed {
  std::size_t secrets = 0;  // that were sealed anew
};

// `keep_old`: the old keys stay in the key file, so that older backups open. Throws KeyringError.
base::Task<Resealed> rotate_master_key(store::Store& store, Keyring& keyring, bool keep_old);

// Its middle part: seals anew what is under an old key. Inside a transaction.
Resealed reseal(store::Db& db, const Keyring& keyring);

}  // namespace ses

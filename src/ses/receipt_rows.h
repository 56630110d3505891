// The rows of receipt rule sets, rules and filters, for receipt.cc alone. In a transaction of the caller.
#pragma once

#include <vector>

#include "ses/receipt.h"
#include "store/db.h"

namespace ses::receipt_rows {

std::vector<ReceiptSetup> all(store::Db& db);
ReceiptSetup find(store::Db& db, const Scope& scope);  // empty where nothing is stored
// Writes what differs: a set whose rules changed is written anew.
void save(store::Db& db, const ReceiptSetup& before, const ReceiptSetup& after);

}  // namespace ses::receipt_rows

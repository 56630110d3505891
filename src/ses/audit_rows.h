// The rows of the audit record. Called inside the store's transactions.
#pragma once

#include <span>

#include "ses/audit.h"
#include "store/db.h"

namespace ses {

void insert_audit(store::Db& db, std::span<const AuditEntry> entries);
AuditPage list_audit(store::Db& db, const AuditQuery& query);
// Of the oldest rows, at most so many: those from before that time, and those over that number.
std::size_t sweep_audit(store::Db& db, base::WallTime before, std::int64_t most_rows, std::int64_t at_once);

}  // namespace ses

// The schema's steps: SQL scripts applied in order, each in a transaction of its own together with the number
// it brings the database to. A step, once released, is never changed; a new one is added.
#pragma once

#include <string>
#include <vector>

#include "store/db.h"

namespace store {

// Throws OpenError when the database has seen more steps than there are.
void apply_schema(Db& db, const std::vector<std::string>& steps);

}  // namespace store

// The generation of a noun: grows with each of its writes, so that of two racing swaps of a snapshot the
// newer one wins (ses/scoped_view.h). In a transaction of the caller.
#pragma once

#include <cstdint>
#include <string_view>

#include "store/db.h"

namespace ses {

std::int64_t next_generation(store::Db& db, std::string_view noun);

}  // namespace ses

// Dates of mail headers and reports (RFC 5322 §3.3, and the older forms of §4.3). Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace mail {

// nullopt: it is none. An ISO 8601 date is one, too: some write it.
std::optional<base::WallTime> parse_date(std::string_view text);

}  // namespace mail

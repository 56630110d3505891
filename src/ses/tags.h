// Tags of resources (SES §25.3): what a list of them must keep to. Pure; any thread.
#pragma once

#include <vector>

#include "ses/types.h"

namespace ses {

inline constexpr std::size_t kMaxTags = 50;

// Fault invalid_parameter if there are too many, a key comes twice, or a key or value has a length, a
// character or a prefix that is not allowed.
void check_tags(const std::vector<Tag>& tags);

}  // namespace ses

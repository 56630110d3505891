// Tags of resources (SES §25.3): what a list of them must keep to. Pure; any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ses/types.h"

namespace ses {

inline constexpr std::size_t kMaxTags = 50;

// Fault invalid_parameter if there are too many, a key comes twice, or a key or value has a length, a
// character or a prefix that is not allowed.
void check_tags(const std::vector<Tag>& tags);

// A change of a resource's tags, made inside the transaction of the noun that keeps them.
using TagEdit = std::function<void(std::vector<Tag>& tags)>;
TagEdit add_tags(std::vector<Tag> tags);              // a key that is there gets the new value
TagEdit remove_tags(std::vector<std::string> names);  // those that are not there do not matter

}  // namespace ses

// The schema of the store as steps; step n+1 brings version n to n+1. A step that was released is never
// changed.
#pragma once

#include <string>
#include <vector>

namespace ses {
const std::vector<std::string>& schema_steps();
}

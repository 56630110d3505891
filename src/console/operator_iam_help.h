// The commands of `sesame iam`, a line each, for its help. Any thread.
#pragma once

#include <string>

namespace console {

std::string iam_help();

}  // namespace console

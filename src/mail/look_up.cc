#include "mail/look_up.h"

#include <algorithm>

#include "base/encoding.h"

namespace mail {

bool is_look_up_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  for (auto label : base::split(name, '.'))
    if (label.empty() || label.size() > 63) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= 32 && c < 127; });
}

}  // namespace mail

#include "aws/permissions.h"

#include <algorithm>

namespace aws {

bool Permission::has_key(std::string_view key) const {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

const Permission* find_permission(Api api, std::string_view action) {
  auto all = permissions(api);
  auto it = std::lower_bound(all.begin(), all.end(), action,
                             [](const Permission& p, std::string_view name) { return p.action < name; });
  return it != all.end() && it->action == action ? &*it : nullptr;
}

}  // namespace aws

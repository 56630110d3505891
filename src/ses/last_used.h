// When access keys and roles were last used. Noted in memory by whoever lets them in, to the minute, and
// taken out now and then to be written. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ses/principal_types.h"

namespace ses {

class LastUsed {
 public:
  void note(std::string_view id, std::string_view service, std::string_view region, base::WallTime now);
  std::optional<LastUse> find(std::string_view id) const;
  void forget(const std::string& id);

  struct Noted {
    std::string id;
    LastUse use;
  };
  std::vector<Noted> take();  // what is not written yet

 private:
  mutable std::mutex mutex_;
  std::map<std::string, LastUse, std::less<>> known_;
  std::set<std::string> unwritten_;
};

}  // namespace ses

// GroupSync: makes files durable together: whoever wrote something waits for one syncfs() that began after
// it, and all who wait share it (as the store's commits do). A thread of its own. A failed sync is told to
// all who waited: what they wrote may not be there. Any thread.
#pragma once

#include <memory>
#include <string>

#include "base/task.h"

namespace cloud {

class GroupSync {
 public:
  explicit GroupSync(const std::string& folder);  // on the file system that is synced; must be there
  ~GroupSync();                                   // what waits is finished
  base::Task<bool> sync();                        // false: it failed

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cloud

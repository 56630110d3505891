// ChangeFeed: lets coroutines sleep until something about the mail changed, or a time has passed. Whoever
// changes something calls notify() on any thread; wait() is for loops' threads. The number of sleepers is
// bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "base/oneshot.h"
#include "base/task.h"
#include "net/loop.h"

namespace console {

class ChangeFeed {
 public:
  explicit ChangeFeed(std::size_t max_waiting = 1024) : max_waiting_(max_waiting) {}

  // To be asked before looking at what may change.
  std::uint64_t version() const;
  void notify();
  // True at once when there was a change since `seen`; false at the deadline, or when too many wait already.
  base::Task<bool> wait(std::uint64_t seen, net::Deadline deadline);
  std::size_t waiting() const;

 private:
  struct Waiter {
    base::OneShot<bool> woken;
    bool done = false;  // under the mutex
  };
  void wake(const std::shared_ptr<Waiter>& waiter, bool changed);

  const std::size_t max_waiting_;
  mutable std::mutex mutex_;
  std::uint64_t version_ = 0;
  std::list<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace console

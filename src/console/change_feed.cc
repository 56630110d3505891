#include "console/change_feed.h"

#include <algorithm>

namespace console {

std::uint64_t ChangeFeed::version() const {
  std::lock_guard lock(mutex_);
  return version_;
}

std::size_t ChangeFeed::waiting() const {
  std::lock_guard lock(mutex_);
  return waiters_.size();
}

void ChangeFeed::notify() {
  std::list<std::shared_ptr<Waiter>> waiters;
  {
    std::lock_guard lock(mutex_);
    ++version_;
    waiters.swap(waiters_);
    for (auto& waiter : waiters) waiter->done = true;
  }
  for (auto& waiter : waiters) waiter->woken.set(true);
}

void ChangeFeed::wake(const std::shared_ptr<Waiter>& waiter, bool changed) {
  {
    std::lock_guard lock(mutex_);
    if (waiter->done) return;
    waiter->done = true;
    waiters_.remove(waiter);
  }
  waiter->woken.set(changed);
}

base::Task<bool> ChangeFeed::wait(std::uint64_t seen, net::Deadline deadline) {
  auto waiter = std::make_shared<Waiter>();
  {
    std::lock_guard lock(mutex_);
    if (version_ != seen) co_return true;
    if (waiters_.size() >= max_waiting_) co_return false;
    waiters_.push_back(waiter);
  }
  net::Timer timer(*net::Loop::current());
  timer.at(deadline, [this, waiter] { wake(waiter, false); });
  const bool changed = co_await waiter->woken;
  co_return changed;
}

}  // namespace console

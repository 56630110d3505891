#include "net/byte_budget.h"

namespace net {

bool ByteBudget::Share::try_grow_to(std::size_t bytes) {
  return bytes <= held() || budget_.try_take(*this, bytes);
}

base::Task<bool> ByteBudget::Share::grow_to(std::size_t bytes, Deadline deadline) {
  if (try_grow_to(bytes)) co_return true;
  if (deadline <= Steady::now()) co_return false;
  Place place;
  auto granted = budget_.enqueue(*this, bytes - held_, place);
  // Rings on this loop, where this coroutine lives, so it cannot ring once the wait is over.
  Timer timer(*Loop::current());
  timer.at(deadline, [budget = &budget_, place] { budget->give_up(place); });
  co_return co_await granted;
}

void ByteBudget::Share::release() {
  if (held() > 0) budget_.give_back(*this);
}

void ByteBudget::grant(Share& share, std::size_t more) {
  if (share.age_ == 0) share.age_ = next_++;
  share.held_ += more;
  used_ += more;
  ++active_;
  small_used_ -= std::exchange(share.small_, 0);  // it has grown out of it
}

bool ByteBudget::try_take(Share& share, std::size_t bytes) {
  std::lock_guard lock(mutex_);
  if (share.held_ == 0 && bytes <= kSmall && small_used_ + (bytes - share.small_) <= small_limit_) {
    small_used_ += bytes - share.small_;
    share.small_ = bytes;
    return true;
  }
  auto more = bytes - share.held_;
  if (!waiters_.empty() || used_ + more > limit_) return false;
  if (share.held_ > 0) --active_;
  grant(share, more);
  return true;
}

base::OneShot<bool> ByteBudget::enqueue(Share& share, std::size_t more, Place& place) {
  std::lock_guard lock(mutex_);
  bool fresh = share.held_ == 0;
  if (!fresh) --active_;
  place = {fresh, fresh ? next_++ : share.age_};
  auto added = waiters_.emplace(place, Waiter{&share, more, {}}).first;
  auto granted = added->second.granted;
  pump();
  return granted;
}

void ByteBudget::pump() {
  while (!waiters_.empty()) {
    auto first = waiters_.begin();
    auto& waiter = first->second;
    if (used_ + waiter.more > limit_ && active_ > 0) return;
    grant(*waiter.share, waiter.more);
    waiter.granted.set(true);
    waiters_.erase(first);
  }
}

void ByteBudget::give_up(Place place) {
  std::lock_guard lock(mutex_);
  auto found = waiters_.find(place);
  if (found == waiters_.end()) return;
  if (found->second.share->held_ > 0) ++active_;
  found->second.granted.set(false);
  waiters_.erase(found);
  pump();
}

void ByteBudget::give_back(Share& share) {
  std::lock_guard lock(mutex_);
  small_used_ -= std::exchange(share.small_, 0);
  if (share.held_ == 0) return;
  used_ -= std::exchange(share.held_, 0);
  share.age_ = 0;
  --active_;
  pump();
}

std::size_t ByteBudget::used() const {
  std::lock_guard lock(mutex_);
  return used_ + small_used_;
}

std::size_t ByteBudget::waiting() const {
  std::lock_guard lock(mutex_);
  return waiters_.size();
}

}  // namespace net

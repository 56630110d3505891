#include "net/body_budget.h"

namespace net {

BodyBudget::Share::~Share() {
  if (held_ > 0) budget_.give_back(*this);
}

base::Task<bool> BodyBudget::Share::grow_to(std::size_t bytes, Deadline deadline) {
  if (bytes <= held_) co_return true;
  auto more = bytes - held_;
  if (budget_.try_take(*this, more)) co_return true;
  Place place;
  auto granted = budget_.enqueue(*this, more, place);
  // Rings on this loop, where this coroutine lives, so it cannot ring once the wait is over.
  Timer timer(*Loop::current());
  timer.at(deadline, [budget = &budget_, place] { budget->give_up(place); });
  co_return co_await granted;
}

void BodyBudget::grant(Share& share, std::size_t more) {
  if (share.age_ == 0) share.age_ = next_++;
  share.held_ += more;
  used_ += more;
  ++active_;
}

bool BodyBudget::try_take(Share& share, std::size_t more) {
  std::lock_guard lock(mutex_);
  if (!waiters_.empty() || used_ + more > limit_) return false;
  if (share.held_ > 0) --active_;
  grant(share, more);
  return true;
}

base::OneShot<bool> BodyBudget::enqueue(Share& share, std::size_t more, Place& place) {
  std::lock_guard lock(mutex_);
  bool fresh = share.held_ == 0;
  if (!fresh) --active_;
  place = {fresh, fresh ? next_++ : share.age_};
  auto added = waiters_.emplace(place, Waiter{&share, more, {}}).first;
  auto granted = added->second.granted;
  pump();
  return granted;
}

void BodyBudget::pump() {
  while (!waiters_.empty()) {
    auto first = waiters_.begin();
    auto& waiter = first->second;
    if (used_ + waiter.more > limit_ && active_ > 0) return;
    grant(*waiter.share, waiter.more);
    waiter.granted.set(true);
    waiters_.erase(first);
  }
}

void BodyBudget::give_up(Place place) {
  std::lock_guard lock(mutex_);
  auto found = waiters_.find(place);
  if (found == waiters_.end()) return;
  if (found->second.share->held_ > 0) ++active_;
  found->second.granted.set(false);
  waiters_.erase(found);
  pump();
}

void BodyBudget::give_back(Share& share) {
  std::lock_guard lock(mutex_);
  used_ -= share.held_;
  --active_;
  pump();
}

std::size_t BodyBudget::used() const {
  std::lock_guard lock(mutex_);
  return used_;
}

std::size_t BodyBudget::waiting() const {
  std::lock_guard lock(mutex_);
  return waiters_.size();
}

}  // namespace net

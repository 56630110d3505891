// BodyBudget: the bytes of all HTTP bodies being taken in or worked on, over all connections. Bodies wait for
// their share in the order they came; one that has begun goes before one that has not. No deadlock: when
// every body that holds a share waits for more, the oldest gets it although the budget is used up, so the
// bytes in flight are at most the budget and one body. Private to net/. Any loop's thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "base/oneshot.h"
#include "base/task.h"
#include "net/loop.h"

namespace net {

class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes) : limit_(bytes) {}

  // One body's share, given back when it goes. Stays where it is while grow_to() is awaited.
  class Share {
   public:
    explicit Share(BodyBudget& budget) : budget_(budget) {}
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    // False when the deadline came first. Must be awaited on a loop.
    base::Task<bool> grow_to(std::size_t bytes, Deadline deadline);
    std::size_t held() const { return held_; }  // while nobody waits for more

   private:
    friend class BodyBudget;
    BodyBudget& budget_;
    std::size_t held_ = 0;
    std::uint64_t age_ = 0;
  };

  std::size_t used() const;
  std::size_t waiting() const;

 private:
  struct Waiter {
    Share* share;
    std::size_t more;
    base::OneShot<bool> granted;
  };
  using Place = std::pair<bool, std::uint64_t>;  // those that hold nothing yet come after those that do

  bool try_take(Share& share, std::size_t more);
  base::OneShot<bool> enqueue(Share& share, std::size_t more, Place& place);
  void give_up(Place place);
  void give_back(Share& share);
  void grant(Share& share, std::size_t more);
  void pump();

  mutable std::mutex mutex_;
  const std::size_t limit_;
  std::size_t used_ = 0;
  std::size_t active_ = 0;  // shares that hold something and do not wait
  std::uint64_t next_ = 1;
  std::map<Place, Waiter> waiters_;
};

}  // namespace net

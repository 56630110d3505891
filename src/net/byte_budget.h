// ByteBudget: how many bytes of mail all connections together may hold while they take it in or work on it.
// Who wants more waits, in the order they came; one that has begun goes before one that has not. No deadlock:
// when every share that holds something waits for more, the oldest gets it although the budget is used up, so
// the bytes held are at most the budget and one mail. Small shares have room of their own, so that they never
// wait behind large ones. Any thread; a waiter is resumed on its own loop.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "base/oneshot.h"
#include "base/task.h"
#include "net/loop.h"

namespace net {

class ByteBudget {
 public:
  static constexpr std::size_t kSmall = 256 << 10;

  // `small_bytes`: beside `bytes`, for shares of at most kSmall each.
  explicit ByteBudget(std::size_t bytes, std::size_t small_bytes = 0)
      : limit_(bytes), small_limit_(small_bytes) {}

  // What one mail holds, given back when it goes. Stays where it is while grow_to() is awaited.
  class Share {
   public:
    explicit Share(ByteBudget& budget) : budget_(budget) {}
    ~Share() { release(); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    bool try_grow_to(std::size_t bytes);
    // False when the deadline came first. Must be awaited on a loop, unless the deadline has passed.
    base::Task<bool> grow_to(std::size_t bytes, Deadline deadline);
    std::size_t held() const { return held_ + small_; }  // while nobody waits for more
    void release();

   private:
    friend class ByteBudget;
    ByteBudget& budget_;
    std::size_t held_ = 0, small_ = 0;  // of the budget, or of the room for small ones
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

  bool try_take(Share& share, std::size_t bytes);
  base::OneShot<bool> enqueue(Share& share, std::size_t more, Place& place);
  void give_up(Place place);
  void give_back(Share& share);
  void grant(Share& share, std::size_t more);
  void pump();

  mutable std::mutex mutex_;
  const std::size_t limit_, small_limit_;
  std::size_t used_ = 0, small_used_ = 0;
  std::size_t active_ = 0;  // shares that hold something of the budget and do not wait
  std::uint64_t next_ = 1;
  std::map<Place, Waiter> waiters_;
};

}  // namespace net

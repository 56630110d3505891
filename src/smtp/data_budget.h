// DataBudget: how many bytes of mail data all server sessions together may hold. A session asks for more as
// its message grows; when there is none it waits, first come first served, up to a deadline. Any thread; a
// waiter is resumed on its own loop.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include "base/oneshot.h"
#include "base/task.h"
#include "net/loop.h"
#include "smtp/server.h"

namespace smtp {

class DataBudget {
 public:
  explicit DataBudget(std::size_t bytes) : total_(bytes) {}

  // Takes `bytes` at once if they are there and nobody waits.
  bool try_take(std::size_t bytes);
  void give_back(std::size_t bytes);
  std::size_t used() const;
  std::size_t total() const { return total_; }

  // False when the deadline passed first.
  static base::Task<bool> take(std::shared_ptr<DataBudget> budget, std::size_t bytes, net::Loop* loop,
                               net::Deadline deadline);

 private:
  struct Waiter {
    std::size_t bytes;
    base::OneShot<bool> granted;
  };
  using Queue = std::list<std::shared_ptr<Waiter>>;

  std::shared_ptr<Waiter> enqueue(std::size_t bytes);
  void give_up(const std::shared_ptr<Waiter>& waiter);
  Queue grantable();  // under the mutex: takes from the head of the queue what now fits

  const std::size_t total_;
  mutable std::mutex mutex_;
  std::size_t used_ = 0;
  Queue waiting_;
};

// What one session holds of the budget.
class BudgetShare {
 public:
  explicit BudgetShare(std::shared_ptr<DataBudget> budget) : budget_(std::move(budget)) {}
  ~BudgetShare() { release(); }
  BudgetShare(const BudgetShare&) = delete;
  BudgetShare& operator=(const BudgetShare&) = delete;

  std::size_t held() const { return held_; }
  bool try_grow_to(std::size_t bytes);
  // False when the deadline passed first, or the whole budget is smaller.
  base::Task<bool> grow_to(std::size_t bytes, net::Loop* loop, net::Deadline deadline);
  void release();

 private:
  std::shared_ptr<DataBudget> budget_;  // may be null: no bound
  std::size_t held_ = 0;
};

}  // namespace smtp

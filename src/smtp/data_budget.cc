#include "smtp/data_budget.h"

#include <utility>

namespace smtp {

std::shared_ptr<DataBudget> make_data_budget(std::size_t bytes) {
  return std::make_shared<DataBudget>(bytes);
}

bool DataBudget::try_take(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!waiting_.empty() || bytes > total_ - used_) return false;
  used_ += bytes;
  return true;
}

std::size_t DataBudget::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

DataBudget::Queue DataBudget::grantable() {
  Queue granted;
  while (!waiting_.empty() && waiting_.front()->bytes <= total_ - used_) {
    used_ += waiting_.front()->bytes;
    granted.splice(granted.end(), waiting_, waiting_.begin());
  }
  return granted;
}

void DataBudget::give_back(std::size_t bytes) {
  Queue granted;
  {
    const std::lock_guard lock(mutex_);
    used_ -= bytes;
    granted = grantable();
  }
  for (const auto& waiter : granted) waiter->granted.set(true);
}

std::shared_ptr<DataBudget::Waiter> DataBudget::enqueue(std::size_t bytes) {
  auto waiter = std::make_shared<Waiter>(Waiter{bytes, {}});
  const std::lock_guard lock(mutex_);
  if (waiting_.empty() && bytes <= total_ - used_) {
    used_ += bytes;
    waiter->granted.set(true);
  } else {
    waiting_.push_back(waiter);
  }
  return waiter;
}

// The one at the head may have kept smaller wishes behind it from being met.
void DataBudget::give_up(const std::shared_ptr<Waiter>& waiter) {
  Queue granted;
  bool was_waiting = false;
  {
    const std::lock_guard lock(mutex_);
    for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
      if (*it != waiter) continue;
      waiting_.erase(it);
      was_waiting = true;
      break;
    }
    if (was_waiting) granted = grantable();
  }
  if (was_waiting) waiter->granted.set(false);
  for (const auto& other : granted) other->granted.set(true);
}

base::Task<bool> DataBudget::take(std::shared_ptr<DataBudget> budget, std::size_t bytes, net::Loop* loop,
                                  net::Deadline deadline) {
  if (budget->try_take(bytes)) co_return true;
  const auto waiter = budget->enqueue(bytes);
  net::Timer timer(*loop);
  timer.at(deadline, [budget, waiter] { budget->give_up(waiter); });
  const bool granted = co_await waiter->granted;
  timer.cancel();
  co_return granted;
}

bool BudgetShare::try_grow_to(std::size_t bytes) {
  if (bytes > held_) {
    if (budget_ && !budget_->try_take(bytes - held_)) return false;
    held_ = bytes;
  }
  return true;
}

base::Task<bool> BudgetShare::grow_to(std::size_t bytes, net::Loop* loop, net::Deadline deadline) {
  if (try_grow_to(bytes)) co_return true;
  if (bytes > budget_->total()) co_return false;
  const bool granted = co_await DataBudget::take(budget_, bytes - held_, loop, deadline);
  if (granted) held_ = bytes;
  co_return granted;
}

void BudgetShare::release() {
  if (budget_ && held_ > 0) budget_->give_back(held_);
  held_ = 0;
}

}  // namespace smtp

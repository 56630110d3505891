#include "base/executor.h"

#include <chrono>

namespace base {
namespace {
thread_local Executor* t_current = nullptr;
}

Executor* Executor::current() noexcept { return t_current; }

Executor::Scope::Scope(Executor* executor) noexcept : before_(t_current) { t_current = executor; }
Executor::Scope::~Scope() { t_current = before_; }

void ManualExecutor::post(std::function<void()> work) {
  std::lock_guard lock(mutex_);
  queue_.push_back(std::move(work));
  posted_.notify_one();
}

bool ManualExecutor::run_ready() {
  Scope scope(this);
  bool ran = false;
  for (;;) {
    std::function<void()> work;
    {
      std::lock_guard lock(mutex_);
      if (queue_.empty()) return ran;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
    ran = true;
  }
}

void ManualExecutor::run_until(const std::function<bool()>& done) {
  while (!done()) {
    if (run_ready()) continue;
    // With a bound, because `done` may also come true without anything being posted.
    std::unique_lock lock(mutex_);
    posted_.wait_for(lock, std::chrono::milliseconds(10), [this] { return !queue_.empty(); });
  }
}

}  // namespace base

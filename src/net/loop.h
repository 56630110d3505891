// Loop: one event loop on one thread, an Executor for coroutines. LoopPool: one loop per core. What lives on
// a loop (streams, timers) is used from its thread only; post() may be called from any.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/task.h"

namespace net {

using Steady = std::chrono::steady_clock;
using Deadline = Steady::time_point;

class Loop final : public base::Executor {
 public:
  Loop();
  ~Loop() override;

  void post(std::function<void()> work) override;
  void run();   // on the calling thread, until stop()
  void stop();  // any thread

  // Real, monotonic time. Must be awaited on this loop.
  base::Task<void> sleep_for(Steady::duration duration);

  // The loop whose thread this is; never null on a loop's thread.
  static Loop* current() noexcept;

  struct Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// A timer that calls back once at a monotonic time, and can be set anew or cancelled. Loop's thread only.
class Timer {
 public:
  explicit Timer(Loop& loop);
  ~Timer();
  void at(Deadline when, std::function<void()> call);
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

class LoopPool {
 public:
  explicit LoopPool(std::size_t threads);  // starts them
  ~LoopPool();                             // stops and joins
  std::size_t size() const { return loops_.size(); }
  Loop& at(std::size_t i) { return *loops_[i]; }
  void stop();

 private:
  struct Threads;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::unique_ptr<Threads> threads_;
};

}  // namespace net

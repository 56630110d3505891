// Executor: where a suspended coroutine is resumed. Every loop is one; its thread sets itself as current().
// post() may be called from any thread; the work runs on the executor's own thread, in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

namespace base {

class Executor {
 public:
  virtual ~Executor() = default;
  virtual void post(std::function<void()> work) = 0;

  // The executor whose thread this is, or nullptr on a thread that has none.
  static Executor* current() noexcept;

  // Marks the calling thread as belonging to `executor` while in scope.
  class Scope {
   public:
    explicit Scope(Executor* executor) noexcept;
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Executor* before_;
  };
};

// For tests and for threads that wait for one answer: runs posted work when told to.
class ManualExecutor : public Executor {
 public:
  void post(std::function<void()> work) override;
  // Runs what was posted until nothing is left; true if anything ran.
  bool run_ready();
  // Runs posted work, waiting for more, until `done` is true.
  void run_until(const std::function<bool()>& done);

 private:
  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> queue_;
};

}  // namespace base

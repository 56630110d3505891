// OneShot<T>: a value that one thread sets once and one coroutine waits for. The waiter is resumed on the
// executor it suspended on (or, where it has none, on the thread that sets). Copies share the same value.
#pragma once

#include <atomic>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "base/executor.h"

namespace base {

struct Unit {};

template <class T>
class OneShot {
  enum State { kEmpty, kWaiting, kReady };
  struct Shared {
    std::atomic<int> state{kEmpty};
    std::optional<T> value;
    std::exception_ptr error;
    std::coroutine_handle<> waiter;
    Executor* executor = nullptr;
  };

 public:
  OneShot() : shared_(std::make_shared<Shared>()) {}

  void set(T value) const {
    shared_->value.emplace(std::move(value));
    publish();
  }
  void fail(std::exception_ptr error) const {
    shared_->error = std::move(error);
    publish();
  }

  struct Awaiter {
    std::shared_ptr<Shared> shared;
    bool await_ready() const noexcept { return shared->state.load(std::memory_order_acquire) == kReady; }
    bool await_suspend(std::coroutine_handle<> waiter) noexcept {
      shared->waiter = waiter;
      shared->executor = Executor::current();
      int expected = kEmpty;
      return shared->state.compare_exchange_strong(expected, kWaiting, std::memory_order_acq_rel);
    }
    T await_resume() {
      if (shared->error) std::rethrow_exception(shared->error);
      return std::move(*shared->value);
    }
  };
  Awaiter operator co_await() const noexcept { return {shared_}; }

 private:
  void publish() const {
    auto shared = shared_;
    if (shared->state.exchange(kReady, std::memory_order_acq_rel) != kWaiting) return;
    auto waiter = shared->waiter;
    if (shared->executor) {
      shared->executor->post([waiter] { waiter.resume(); });
    } else {
      waiter.resume();
    }
  }

  std::shared_ptr<Shared> shared_;
};

}  // namespace base

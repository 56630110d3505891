#include "base/task.h"

#include "base/log.h"

namespace base {
namespace {

struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

Detached drive(Task<void> task) {
  try {
    co_await task;
  } catch (const std::exception& e) {
    log_error("a task ended by an exception: {}", e.what());
  } catch (...) {
    log_error("a task ended by an exception of unknown type");
  }
}

}  // namespace

void spawn(Task<void> task) { drive(std::move(task)); }

}  // namespace base

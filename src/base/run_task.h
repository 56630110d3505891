// run_task(): drives a Task to its end on the calling thread and gives back what it returned. For tests,
// tools and start-up; never on a loop's thread.
#pragma once

#include <memory>
#include <type_traits>

#include "base/executor.h"
#include "base/task.h"

namespace base {
namespace detail {

template <class T>
struct Outcome {
  std::optional<T> value;
  std::exception_ptr error;
  bool done = false;
};

template <class T>
Task<void> store_outcome(Task<T> task, Outcome<T>* out) {
  try {
    out->value.emplace(co_await task);
  } catch (...) {
    out->error = std::current_exception();
  }
  out->done = true;
}

inline Task<bool> as_value(Task<void> task) {
  co_await task;
  co_return true;
}

}  // namespace detail

template <class T>
T run_task(ManualExecutor& executor, Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    run_task(executor, detail::as_value(std::move(task)));
  } else {
    detail::Outcome<T> outcome;
    {
      Executor::Scope scope(&executor);
      spawn(detail::store_outcome(std::move(task), &outcome));
    }
    executor.run_until([&] { return outcome.done; });
    if (outcome.error) std::rethrow_exception(outcome.error);
    return std::move(*outcome.value);
  }
}

template <class T>
T run_task(Task<T> task) {
  ManualExecutor executor;
  return run_task(executor, std::move(task));
}

}  // namespace base

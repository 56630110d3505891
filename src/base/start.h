// start(): runs a task beside its caller, on the same thread; what it returns is awaited later, or never. The
// task must own what it uses, for the caller may end before it.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include "base/oneshot.h"
#include "base/task.h"

namespace base {
namespace detail {

// `to` has set() and fail(), as OneShot.
template <class T, class To>
Task<void> hand_over(Task<T> task, To to) {
  std::optional<T> value;
  std::exception_ptr error;
  try {
    value.emplace(co_await task);
  } catch (...) {
    error = std::current_exception();
  }
  task = {};  // what the coroutine held is gone before the one who waits goes on
  if (error)
    to.fail(error);
  else
    to.set(std::move(*value));
}

}  // namespace detail

template <class T>
OneShot<T> start(Task<T> task) {
  OneShot<T> result;
  spawn(detail::hand_over(std::move(task), result));
  return result;
}

}  // namespace base

// run_on(): runs a coroutine on a loop from a thread that is not a loop's, and waits for what it returns. For
// tests, tools and start-up.
#pragma once

#include <future>
#include <memory>

#include "base/oneshot.h"
#include "base/start.h"
#include "base/task.h"
#include "net/loop.h"

namespace net {
namespace detail {

inline base::Task<base::Unit> unit_value(base::Task<void> task) {
  co_await task;
  co_return base::Unit{};
}

template <class T>
struct Promised {
  std::shared_ptr<std::promise<T>> promise;
  void set(T value) const { promise->set_value(std::move(value)); }
  void fail(std::exception_ptr error) const { promise->set_exception(std::move(error)); }
};

template <class T>
T task_value(const base::Task<T>&);

}  // namespace detail

// `make` returns the Task and is called on the loop's thread; it lives until the Task has ended, so it may
// own what the Task uses. (It must not be a coroutine itself: house rule on capturing lambdas.)
template <class F>
auto run_on(Loop& loop, F make) {
  using T = decltype(detail::task_value(make()));
  if constexpr (std::is_void_v<T>) {
    static_cast<void>(run_on(loop, [&make] { return detail::unit_value(make()); }));
  } else {
    auto promise = std::make_shared<std::promise<T>>();
    auto future = promise->get_future();
    loop.post(
        [promise, &make] { base::spawn(base::detail::hand_over(make(), detail::Promised<T>{promise})); });
    return future.get();
  }
}

}  // namespace net

// HeavyPool: a few threads for what takes more than some milliseconds and would hold up a loop: key
// generation, large bodies, files (ARCHITECTURE 3.5). Coroutines resume on their own executor. Any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "base/oneshot.h"
#include "base/task.h"

namespace base {

class HeavyPool {
 public:
  explicit HeavyPool(std::size_t threads);
  ~HeavyPool();  // finishes what waits

  Task<void> run(std::function<void()> work);
  template <class F>
  auto run_value(F work) -> Task<std::invoke_result_t<F>> {
    using T = std::invoke_result_t<F>;
    auto out = std::make_shared<std::optional<T>>();
    std::function<void()> job = [out, work = std::move(work)]() mutable { out->emplace(work()); };
    co_await run(std::move(job));
    co_return std::move(**out);
  }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace base

// How long a piece of work takes on average, for the in-process benchmarks.
#pragma once

#include <chrono>

template <class F>
double microseconds(int times, F work) {
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) work();
  std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - begin;
  return spent.count() / times;
}

// What a piece of work costs on average, for the in-process benchmarks: time of this processor, so that
// others on the machine do not count.
#pragma once

#include <ctime>

template <class F>
double microseconds(int times, F work) {
  const auto begin = std::clock();
  for (int i = 0; i < times; ++i) work();
  return static_cast<double>(std::clock() - begin) * 1e6 / CLOCKS_PER_SEC / times;
}

// SourceRate: so many of something a minute from one source, in short bursts too: a token bucket a source,
// counted as SourceLimit counts them. Any thread.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/loop.h"

namespace net {

class SourceRate {
 public:
  // A minute's worth may come at once. 0: nothing is counted.
  explicit SourceRate(double per_minute) : per_minute_(per_minute) {}

  bool take(std::string_view address, Deadline now);  // false: too many

 private:
  struct Bucket {
    double tokens = 0;
    Deadline filled;
  };

  const double per_minute_;
  std::mutex mutex_;
  Deadline swept_;
  std::unordered_map<std::string, Bucket> buckets_;  // of the sources of the last minute, more or less
};

}  // namespace net

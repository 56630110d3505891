// The wall clock, a parameter of everything that schedules, expires, counts or stamps. Deadlines of I/O use
// the real monotonic clock (std::chrono::steady_clock) instead, and SigV4 and TLS the real time. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

using Millis = std::chrono::milliseconds;
using WallTime = std::chrono::sys_time<Millis>;

inline std::int64_t to_millis(WallTime t) { return t.time_since_epoch().count(); }
inline WallTime from_millis(std::int64_t ms) { return WallTime{Millis{ms}}; }

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const = 0;
  // Calls `listener` after each jump (dev mode's clock control); a clock that never jumps never calls it.
  virtual void on_jump(std::function<void()> listener) { static_cast<void>(listener); }
};

class SystemClock final : public Clock {
 public:
  WallTime now() const override { return real_now(); }
  static WallTime real_now();
};

// The system clock plus an offset that only grows; or, with freeze(), a fixed time for tests.
class MovableClock final : public Clock {
 public:
  WallTime now() const override;
  void on_jump(std::function<void()> listener) override;
  void advance(Millis by);
  void freeze(WallTime at);
  Millis offset() const { return Millis{offset_.load()}; }

 private:
  std::atomic<std::int64_t> offset_{0};
  std::atomic<std::int64_t> frozen_{-1};
  std::mutex mutex_;
  std::vector<std::function<void()>> listeners_;
};

std::string iso8601(WallTime t);        // 2016-07-15T16:25:59.607Z
std::string iso8601_short(WallTime t);  // no fraction where it is zero
std::string amz_date(WallTime t);       // 20160715T162559Z
std::string rfc5322_date(WallTime t);   // Wed, 12 Apr 2023 09:58:45 +0000
std::string http_date(WallTime t);      // Wed, 12 Apr 2023 09:58:45 GMT

// ISO 8601 (basic or extended, Z or numeric offset, optional fraction), RFC 1123; nullopt if neither.
std::optional<WallTime> parse_time(std::string_view text);

}  // namespace base

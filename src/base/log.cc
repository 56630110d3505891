#include "base/log.h"

#include <unistd.h>

#include <atomic>

#include "base/clock.h"

namespace base {
namespace {
std::atomic<LogLevel> g_level{LogLevel::info};

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "?";
}

// One record stays one line: what came from outside cannot forge another.
std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    unsigned char u = static_cast<unsigned char>(c);
    if (u >= 0x20 && u != 0x7f) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", u);
    }
  }
  return out;
}
}  // namespace

void set_log_level(LogLevel level) { g_level = level; }
bool log_enabled(LogLevel level) { return level >= g_level.load(std::memory_order_relaxed); }

void log_write(LogLevel level, std::string_view text) {
  auto line = fmt::format("{} {:5} {}\n", iso8601(SystemClock::real_now()), name_of(level), one_line(text));
  // A single write() keeps lines of several threads apart; a full or closed stderr must not stop the mail.
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace base

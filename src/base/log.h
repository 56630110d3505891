// The log: one line a record, to standard error, with time, level and text. Never give it a secret, a private
// key, a password, an Authorization header or the content of a mail. Any thread.
#pragma once

#include <string_view>

#include <fmt/core.h>

namespace base {

enum class LogLevel { debug, info, warn, error };

void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);
void log_write(LogLevel level, std::string_view text);

template <class... A>
void log_debug(fmt::format_string<A...> format, A&&... args) {
  if (log_enabled(LogLevel::debug)) log_write(LogLevel::debug, fmt::format(format, std::forward<A>(args)...));
}
template <class... A>
void log_info(fmt::format_string<A...> format, A&&... args) {
  if (log_enabled(LogLevel::info)) log_write(LogLevel::info, fmt::format(format, std::forward<A>(args)...));
}
template <class... A>
void log_warn(fmt::format_string<A...> format, A&&... args) {
  if (log_enabled(LogLevel::warn)) log_write(LogLevel::warn, fmt::format(format, std::forward<A>(args)...));
}
template <class... A>
void log_error(fmt::format_string<A...> format, A&&... args) {
  if (log_enabled(LogLevel::error)) log_write(LogLevel::error, fmt::format(format, std::forward<A>(args)...));
}

}  // namespace base

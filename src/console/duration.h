// Lengths of time as people write them: "5s", "250ms", "14h", "1h30m", "2d"; a number alone is seconds. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace console {

// nullopt: not of that form, or longer than `longest`.
std::optional<std::chrono::milliseconds> parse_duration(
    std::string_view text, std::chrono::milliseconds longest = std::chrono::hours(24 * 3660));

}  // namespace console

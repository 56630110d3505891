#include "console/duration.h"

#include <charconv>
#include <utility>

namespace console {

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text,
                                                        std::chrono::milliseconds longest) {
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60e3}, {"h", 3600e3}, {"d", 86400e3}, {"w", 7 * 86400e3}};
  if (text.empty() || text.size() > 64) return std::nullopt;
  double total = 0;
  for (bool first = true; !text.empty(); first = false) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    std::size_t letters = 0;
    while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') ++letters;
    double factor = letters == 0 && text.empty() && first ? 1000 : 0;  // a bare number is seconds
    for (const auto& [name, milliseconds] : kUnits)
      if (text.substr(0, letters) == name) factor = milliseconds;
    if (factor == 0) return std::nullopt;
    text.remove_prefix(letters);
    total += number * factor;
    if (!(total <= static_cast<double>(longest.count()))) return std::nullopt;  // NaN too
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(total));
}

}  // namespace console

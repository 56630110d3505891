#include "mail/date.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/encoding.h"

namespace mail {
namespace {

constexpr std::size_t kMost = 200;
constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kZones = {{{"est", "-0500"},
                                                                                  {"edt", "-0400"},
                                                                                  {"cst", "-0600"},
                                                                                  {"cdt", "-0500"},
                                                                                  {"mst", "-0700"},
                                                                                  {"mdt", "-0600"},
                                                                                  {"pst", "-0800"},
                                                                                  {"pdt", "-0700"}}};

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// In lower case, without comments; a comma ends a word.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out(1);
  int depth = 0;
  for (char c : base::ascii_lower(text)) {
    depth += c == '(' ? 1 : 0;
    const bool part = depth == 0 && static_cast<unsigned char>(c) > ' ' && c != ',';
    if (part) out.back() += c;
    if (!part && !out.back().empty()) out.emplace_back();
    if (c == ')' && depth > 0) --depth;
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

// "12" of "dec"; empty if it is none.
std::string month_of(std::string_view word) {
  const auto at = word.size() < 3 ? std::string_view::npos : kMonths.find(word.substr(0, 3));
  return at == std::string_view::npos || at % 3 != 0 ? std::string() : fmt::format("{:02}", at / 3 + 1);
}

std::string year_of(const std::string& word) {
  if (!all_digits(word)) return {};
  if (word.size() == 2) return (word < "50" ? "20" : "19") + word;
  return word.size() == 4 ? word : std::string();
}

// "+0200"; one that is not known says nothing (RFC 5322 §4.3).
std::string zone_of(std::string_view word) {
  const bool numeric = word.size() == 5 && (word[0] == '+' || word[0] == '-') && all_digits(word.substr(1));
  if (numeric) return std::string(word.substr(1, 2) < "24" && word.substr(3) < "60" ? word : "");
  const auto* at = std::find_if(kZones.begin(), kZones.end(), [&](const auto& z) { return z.first == word; });
  return std::string(at == kZones.end() ? "+0000" : at->second);
}

std::string two_digits(std::string_view text) { return (text.size() == 1 ? "0" : "") + std::string(text); }

// "9:05" -> "09:05:00"
std::string time_of(std::string_view word) {
  const auto colon = word.find(':');
  if (colon == std::string_view::npos) return {};
  const auto rest = std::string(word.substr(colon + 1));
  return two_digits(word.substr(0, colon)) + ":" + rest + (rest.find(':') == std::string::npos ? ":00" : "");
}

}  // namespace

std::optional<base::WallTime> parse_date(std::string_view text) {
  text = base::trim(text.substr(0, kMost));
  if (auto time = base::parse_time(text)) return time;
  auto words = words_of(text);
  if (!words.empty() && !all_digits(words.front())) words.erase(words.begin());  // the day of the week
  if (words.size() < 4) return std::nullopt;
  const auto day = two_digits(words[0]), month = month_of(words[1]), year = year_of(words[2]);
  const auto time = time_of(words[3]), zone = zone_of(words.size() > 4 ? words[4] : "gmt");
  if (month.empty() || year.empty() || time.empty() || zone.empty()) return std::nullopt;
  return base::parse_time(fmt::format("{}-{}-{}T{}{}", year, month, day, time, zone));
}

}  // namespace mail

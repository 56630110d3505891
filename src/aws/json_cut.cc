#include "aws/json_cut.h"

#include <array>
#include <charconv>
#include <cstring>

namespace aws {
namespace {

constexpr std::string_view kMark =
    "\x7f"
    "cut:";

constexpr std::array<bool, 256> base64_characters() {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c)
    table[static_cast<std::size_t>(c)] = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                                         (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
  return table;
}
constexpr auto kBase64 = base64_characters();

bool only_base64(std::string_view text) {
  bool good = true;
  for (unsigned char c : text) good &= kBase64[c];
  return good;
}

// The quote that ends the string whose first character is body[at]; npos where it does not end.
std::size_t end_of_string(std::string_view body, std::size_t at, bool& escaped) {
  while (at < body.size()) {
    const char* quote = static_cast<const char*>(std::memchr(body.data() + at, '"', body.size() - at));
    if (!quote) return std::string_view::npos;
    auto end = static_cast<std::size_t>(quote - body.data());
    std::size_t backslashes = 0;
    while (end > at && end - backslashes > at && body[end - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return end;
    escaped = true;
    at = end + 1;
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<CutBody> CutBody::make(std::string_view body) {
  CutBody cut;
  std::size_t copied = 0;
  for (std::size_t at = 0; at < body.size();) {
    const char* quote = static_cast<const char*>(std::memchr(body.data() + at, '"', body.size() - at));
    if (!quote) break;
    auto start = static_cast<std::size_t>(quote - body.data()) + 1;
    bool escaped = false;
    std::size_t end = end_of_string(body, start, escaped);
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view inside = body.substr(start, end - start);
    if (inside.size() >= kLong && !escaped && only_base64(inside)) {
      cut.text_.append(body, copied, start - copied);
      cut.text_ += kMark;
      cut.text_ += std::to_string(cut.originals_.size());
      cut.originals_.push_back(inside);
      copied = end;
    }
    at = end + 1;
  }
  if (cut.originals_.empty()) return std::nullopt;
  std::string_view rest = body.substr(copied);
  cut.text_.append(rest);
  // A mark in the body itself, plain or escaped, would be taken for one of ours.
  std::size_t marks = 0;
  for (std::size_t at = cut.text_.find('\x7f'); at != std::string::npos; at = cut.text_.find('\x7f', at + 1))
    ++marks;
  if (marks != cut.originals_.size() || cut.text_.find("u007f") != std::string::npos ||
      cut.text_.find("u007F") != std::string::npos)
    return std::nullopt;
  return cut;
}

std::optional<std::string_view> CutBody::original(std::string_view mark) const {
  if (!mark.starts_with(kMark)) return std::nullopt;
  std::size_t index = 0;
  std::string_view digits = mark.substr(kMark.size());
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc{} || index >= originals_.size()) return std::nullopt;
  return originals_[index];
}

}  // namespace aws

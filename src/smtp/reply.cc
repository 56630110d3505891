#include "smtp/reply.h"

#include <algorithm>

namespace smtp {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// One to three digits; the length taken, 0 if there are none or too many.
std::size_t number_length(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  return n > 3 ? 0 : n;
}

}  // namespace

Reply Reply::from_line(std::string_view line) {
  Reply reply;
  if (line.size() >= 3 && is_digit(line[0]) && is_digit(line[1]) && is_digit(line[2]) &&
      (line.size() == 3 || line[3] == ' ' || line[3] == '-')) {
    reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    line.remove_prefix(std::min<std::size_t>(line.size(), 4));
  }
  reply.lines.emplace_back(line);
  return reply;
}

// RFC 3463 §2: class "." subject "." detail.
std::string Reply::enhanced_status() const {
  if (lines.empty()) return {};
  const std::string_view line = lines.front();
  if (line.size() < 5 || (line[0] != '2' && line[0] != '4' && line[0] != '5') || line[1] != '.') return {};
  const std::size_t subject = number_length(line.substr(2));
  if (subject == 0 || line.size() <= 2 + subject || line[2 + subject] != '.') return {};
  const std::size_t at = 3 + subject;
  const std::size_t detail = number_length(line.substr(at));
  if (detail == 0) return {};
  const std::size_t end = at + detail;
  if (end < line.size() && line[end] != ' ' && line[end] != '\t') return {};
  return std::string(line.substr(0, end));
}

std::string Reply::text() const {
  std::string out = std::to_string(code);
  for (const auto& line : lines) {
    if (!line.empty()) out.append(" ").append(line);
  }
  return out;
}

std::string Reply::wire() const {
  // A code that is none would break the dialogue; whoever made it, the client may try again.
  const std::string number = std::to_string(code >= 200 && code < 600 ? code : 451);
  std::string out;
  const std::size_t count = std::max<std::size_t>(lines.size(), 1);
  for (std::size_t i = 0; i < count; ++i) {
    out.append(number).push_back(i + 1 < count ? '-' : ' ');
    const std::size_t from = out.size();
    if (i < lines.size()) out += lines[i];
    for (std::size_t k = from; k < out.size(); ++k) {
      const auto c = static_cast<unsigned char>(out[k]);
      if (c < 0x20 || c == 0x7f) out[k] = ' ';  // a text cannot add lines of its own
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace smtp

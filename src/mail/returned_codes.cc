// Status and reply codes in texts (RFC 3463, RFC 5321 §4.2).
#include "mail/returned_text.h"

namespace mail {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Length of "5.1.1" at the start, or 0.
std::size_t status_length(std::string_view text) {
  if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.') return 0;
  std::size_t at = 2;
  for (int part = 0; part < 2; ++part) {
    auto begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at == begin || at - begin > 3) return 0;
    if (part == 1) break;
    if (at == text.size() || text[at] != '.') return 0;
    ++at;
  }
  // A fourth number: an address, or a version.
  if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) return 0;
  return at;
}

}  // namespace

std::string find_status(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && (is_digit(text[i - 1]) || text[i - 1] == '.')) continue;
    if (auto n = status_length(text.substr(i))) return std::string(text.substr(i, n));
  }
  return {};
}

int find_reply_code(std::string_view text) {
  for (std::size_t i = 0; i + 3 <= text.size(); ++i) {
    const bool begins = i == 0 || !(is_digit(text[i - 1]) || text[i - 1] == '.');
    const bool ends = i + 3 == text.size() || text[i + 3] == ' ' || text[i + 3] == '-';
    if (begins && ends && (text[i] == '4' || text[i] == '5') && is_digit(text[i + 1]) && text[i + 1] <= '5' &&
        is_digit(text[i + 2]))
      return (text[i] - '0') * 100 + (text[i + 1] - '0') * 10 + (text[i + 2] - '0');
  }
  return 0;
}

std::string made_status(const ReturnedRecipient& r) {
  if (r.action == DsnAction::failed) return find_reply_code(r.diagnostic) / 100 == 4 ? "4.0.0" : "5.0.0";
  return r.action == DsnAction::delayed ? "4.0.0" : "2.0.0";
}

}  // namespace mail

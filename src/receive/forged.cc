#include "receive/forged.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace receive {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::array<std::string_view, 6> kOurs = {"Return-Path",        "Received-SPF",
                                                   "X-SES-Spam-Verdict", "X-SES-Virus-Verdict",
                                                   "X-SES-RECEIPT",      "X-SES-DKIM-SIGNATURE"};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Readers differ in what ends a line (Python's takes a bare CR), so any of CR, LF and CRLF does here.
std::size_t next_line(std::string_view text, std::size_t pos) {
  pos = text.find_first_of("\r\n", pos);
  if (pos == npos) return text.size();
  const auto end = text.find_first_not_of('\r', pos);
  return end != npos && text[end] == '\n' ? end + 1 : pos + 1;
}

std::size_t next_field(std::string_view text, std::size_t pos) {
  do pos = next_line(text, pos);
  while (pos < text.size() && (text[pos] == ' ' || text[pos] == '\t'));
  return pos;
}

// The header section of `mail`, up to its empty line: one that ends in LF with nothing but CRs before it.
std::string_view header_section(std::string_view mail) {
  for (std::size_t line = 0; line < mail.size();) {
    const auto end = mail.find_first_not_of('\r', line);
    if (end != npos && mail[end] == '\n') return mail.substr(0, line);
    const auto feed = mail.find('\n', line);
    if (feed == npos) break;
    line = feed + 1;
  }
  return mail;
}

bool names_us(std::string_view value, std::string_view service_domain) {
  const auto id = authserv_id(value);
  return id.empty() || base::iequals(id, service_domain);
}

bool is_ours(std::string_view field, std::string_view service_domain) {
  if (field.empty() || std::string_view("RrXxAa").find(field[0]) == npos) return false;  // most fields
  const auto colon = field.find(':');
  if (colon == npos) return false;
  auto name = field.substr(0, colon);
  while (!name.empty() && static_cast<unsigned char>(name.back()) <= ' ') name.remove_suffix(1);
  if (base::iequals(name, "Authentication-Results")) return names_us(field.substr(colon + 1), service_domain);
  return std::any_of(kOurs.begin(), kOurs.end(), [&](auto ours) { return base::iequals(name, ours); });
}

// Blanks and comments, which may be nested (RFC 5322 §3.2.2); npos: it does not end.
std::size_t skip_comments(std::string_view text, std::size_t pos) {
  for (int depth = 0; pos < text.size(); ++pos) {
    const char c = text[pos];
    if (c == '(') {
      ++depth;
    } else if (depth == 0) {
      if (!is_space(c)) return pos;
    } else if (c == ')') {
      --depth;
    } else if (c == '\\') {
      ++pos;
    }
  }
  return npos;
}

}  // namespace

std::string authserv_id(std::string_view value) {
  auto pos = skip_comments(value, 0);
  if (pos == npos) return {};
  std::string id;
  const bool quoted = value[pos] == '"';
  if (quoted) ++pos;
  for (; pos < value.size(); ++pos) {
    char c = value[pos];
    if (quoted ? c == '"' : is_space(c) || c == ';' || c == '(' || c == '"') break;
    if (quoted && c == '\\' && pos + 1 < value.size()) c = value[++pos];
    if (c != '\r' && c != '\n') id += c;
  }
  while (id.ends_with('.')) id.pop_back();
  return id;
}

void append_unforged(std::string& out, std::string_view mail, std::string_view service_domain) {
  const auto head = header_section(mail);
  std::size_t kept = 0;
  const bool goes_on = !head.empty() && (head[0] == ' ' || head[0] == '\t');
  if (goes_on) kept = next_field(head, 0);
  for (auto pos = kept; pos < head.size();) {
    const auto end = next_field(head, pos);
    if (is_ours(head.substr(pos, end - pos), service_domain)) {
      out += mail.substr(kept, pos - kept);
      if (pos > 0 && head[pos - 1] == '\r') out += '\n';  // the line before ended there for some readers only
      kept = end;
    }
    pos = end;
  }
  out += mail.substr(kept);
}

}  // namespace receive

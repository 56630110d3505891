#include "mail/spf_macro.h"

#include <algorithm>
#include <vector>

#include "base/encoding.h"
#include "mail/envelope.h"
#include "mail/look_up.h"
#include "mail/spf_record.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view kDelimiters = ".-+,/_=";
constexpr std::size_t kMaxName = 253;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_alnum(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z'); }

std::optional<SpfMacroToken> escape_at(std::string_view text) {
  SpfMacroToken token;
  token.is_expand = true;
  token.length = 2;
  switch (text.size() > 1 ? text[1] : 0) {
    case '%':
      token.text = "%";
      return token;
    case '_':
      token.text = " ";
      return token;
    case '-':
      token.text = "%20";
      return token;
    default:
      return std::nullopt;
  }
}

// "%{" macro-letter *DIGIT ["r"] *delimiter "}"
std::optional<SpfMacroToken> macro_at(std::string_view text) {
  auto close = text.find('}');
  if (close == npos || close < 3) return std::nullopt;
  SpfMacroToken token;
  token.is_expand = true;
  token.length = close + 1;
  token.letter = text[2];
  if (std::string_view("slodiphcrtv").find(lower(token.letter)) == npos) return std::nullopt;
  auto rest = text.substr(3, close - 3);
  std::size_t digits = 0;
  while (digits < rest.size() && is_digit(rest[digits])) {
    token.keep = std::min<std::size_t>(token.keep * 10 + static_cast<std::size_t>(rest[digits] - '0'), 1000);
    ++digits;
  }
  if (digits > 0 && token.keep == 0) return std::nullopt;  // §7.1: not zero
  rest.remove_prefix(digits);
  if (!rest.empty() && lower(rest[0]) == 'r') {
    token.reverse = true;
    rest.remove_prefix(1);
  }
  if (rest.find_first_not_of(kDelimiters) != npos) return std::nullopt;
  if (!rest.empty()) token.delimiters = rest;
  return token;
}

// %x21-24 / %x26-7E
std::optional<SpfMacroToken> literal_at(std::string_view text) {
  SpfMacroToken token;
  while (token.length < text.size() && text[token.length] > 32 && text[token.length] < 127 &&
         text[token.length] != '%')
    ++token.length;
  if (token.length == 0) return std::nullopt;
  token.text = text.substr(0, token.length);
  return token;
}

// §7.1: letters and digits with at least one letter, or with hyphens inside.
bool is_top_label(std::string_view label) {
  if (label.empty() || !is_alnum(label.front()) || !is_alnum(label.back())) return false;
  if (!std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; })) return false;
  return !std::all_of(label.begin(), label.end(), is_digit);
}

// §7.3: split, turn around, keep the last ones, join with dots.
std::string transform(std::string_view value, const SpfMacroToken& token) {
  std::vector<std::string_view> parts;
  while (true) {
    auto cut = value.find_first_of(token.delimiters);
    parts.push_back(value.substr(0, cut));
    if (cut == npos) break;
    value.remove_prefix(cut + 1);
  }
  if (token.reverse) std::reverse(parts.begin(), parts.end());
  std::size_t first = token.keep > 0 && token.keep < parts.size() ? parts.size() - token.keep : 0;
  std::string out;
  for (auto i = first; i < parts.size(); ++i) {
    if (i > first) out += '.';
    out += parts[i];
  }
  return out;
}

std::string value_of(char letter, const SpfMacros& macros) {
  switch (lower(letter)) {
    case 's':
      return macros.sender;
    case 'l':
      return std::string(local_of(macros.sender));
    case 'o':
      return std::string(domain_of(macros.sender));
    case 'd':
      return macros.domain;
    case 'i':
      return macros.client.dotted();
    case 'p':
      return macros.validated;
    case 'h':
      return macros.helo;
    case 'v':
      return macros.client.is_v4() ? "in-addr" : "ip6";
    default:
      return {};
  }
}

}  // namespace

std::optional<SpfMacroToken> next_spf_token(std::string_view text) {
  if (text.starts_with("%{")) return macro_at(text);
  return text.starts_with('%') ? escape_at(text) : literal_at(text);
}

bool is_spf_macro_string(std::string_view text) {
  while (!text.empty()) {
    auto token = next_spf_token(text);
    if (!token) return false;
    text.remove_prefix(token->length);
  }
  return true;
}

bool is_spf_domain_spec(std::string_view text) {
  if (text.empty()) return false;
  bool ends_in_macro = false;
  for (auto rest = text; !rest.empty();) {
    auto token = next_spf_token(rest);
    if (!token || (token->letter && std::string_view("crt").find(lower(token->letter)) != npos)) return false;
    ends_in_macro = token->is_expand;
    rest.remove_prefix(token->length);
  }
  if (ends_in_macro) return true;
  if (text.ends_with('.')) text.remove_suffix(1);
  auto dot = text.rfind('.');
  return dot != npos && is_top_label(text.substr(dot + 1));
}

bool spf_uses_validated(std::string_view domain_spec) {
  while (!domain_spec.empty()) {
    auto token = next_spf_token(domain_spec);
    if (!token) return false;
    if (lower(token->letter) == 'p') return true;
    domain_spec.remove_prefix(token->length);
  }
  return false;
}

std::optional<std::string> expand_spf_domain(std::string_view domain_spec, const SpfMacros& macros) {
  std::string out;
  while (!domain_spec.empty()) {
    auto token = next_spf_token(domain_spec);
    if (!token) return std::nullopt;
    domain_spec.remove_prefix(token->length);
    if (!token->letter) {
      out += token->text;
      continue;
    }
    auto value = transform(value_of(token->letter, macros), *token);
    const bool upper = token->letter != lower(token->letter);
    out += upper ? base::percent_encode(value) : value;
  }
  if (out.ends_with('.')) out.pop_back();
  if (out.size() > kMaxName) {
    auto dot = out.find('.', out.size() - kMaxName - 1);
    if (dot == std::string::npos) return std::nullopt;
    out.erase(0, dot + 1);
  }
  if (!is_look_up_name(out)) return std::nullopt;
  return out;
}

}  // namespace mail

#include "mail/utf8_address.h"

#include <fmt/core.h>

#include <charconv>

#include "base/encoding.h"
#include "mail/charset.h"
#include "mail/domain.h"
#include "mail/envelope.h"
#include "mail/returned_mail.h"

namespace mail {
namespace {

constexpr std::string_view kWide = "UTF-32BE", kOpen = "\\x{";
constexpr std::size_t kUnit = 4, kMostDigits = 6;

std::uint32_t unit_at(std::string_view wide, std::size_t at) {
  std::uint32_t value = 0;
  for (char c : wide.substr(at, kUnit)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// RFC 6533 §3, QCHAR
bool is_plain(std::uint32_t c) { return c > 0x20 && c < 0x7f && c != '+' && c != '=' && c != '\\'; }

std::string embedded(std::string_view address) {
  const auto wide = from_utf8(repair_utf8(address), kWide).value_or("");
  std::string out;
  for (std::size_t at = 0; at < wide.size(); at += kUnit) {
    const auto c = unit_at(wide, at);
    out += is_plain(c) ? std::string(1, static_cast<char>(c)) : fmt::format("{}{:X}}}", kOpen, c);
  }
  return out;
}

std::string character(std::uint32_t c) {
  const char wide[] = {0, static_cast<char>(c >> 16), static_cast<char>(c >> 8), static_cast<char>(c)};
  return to_utf8({wide, kUnit}, kWide).value_or("");
}

// What is no such character stays as it is.
std::string disembedded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto at = std::min(text.find(kOpen), text.size());
    out += text.substr(0, at);
    text.remove_prefix(at);
    if (text.empty()) break;
    std::uint32_t c = 0;
    const auto digits = text.substr(kOpen.size(), kMostDigits);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), c, 16);
    const bool whole = error == std::errc() && end < text.data() + text.size() && *end == '}' && c > 0x1f &&
                       c != 0x7f && c < 0x110000;
    out += whole ? character(c) : std::string(kOpen);
    text.remove_prefix(whole ? static_cast<std::size_t>(end + 1 - text.data()) : kOpen.size());
  }
  return out;
}

// "Ann <a@b>" and "a@b (Ann)" are seen, too.
std::string bare(const std::string& value) {
  const auto open = value.rfind('<'), close = value.rfind('>');
  if (open != std::string::npos && close != std::string::npos && close > open + 1)
    return value.substr(open + 1, close - open - 1);
  return std::string(base::trim(std::string_view(value).substr(0, value.find(" ("))));
}

}  // namespace

std::string typed_address(std::string_view address) {
  if (has_type(address)) return std::string(address);
  if (base::is_ascii(address)) return fmt::format("rfc822; {}", address);
  const auto domain = ascii_domain(domain_of(address));
  const auto local = local_of(address);
  if (domain && base::is_ascii(local)) return fmt::format("rfc822; {}@{}", local, *domain);
  return "utf-8; " + embedded(address);
}

std::string address_of_typed(std::string_view value) {
  auto address = bare(typed_value(value));
  const bool utf8 = has_type(value) && base::iequals(base::trim(value.substr(0, value.find(';'))), "utf-8");
  return utf8 ? disembedded(address) : address;
}

std::string without_xtext(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto octet = text[at] == '+' ? base::hex_decode(text.substr(at + 1, 2)) : std::nullopt;
    const bool printable = octet && octet->size() == 1 && octet->front() > ' ' && octet->front() < 127;
    out += printable ? octet->front() : text[at];
    if (printable) at += 2;
  }
  return out;
}

}  // namespace mail

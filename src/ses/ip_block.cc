#include "ses/ip_block.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace ses {
namespace {

constexpr std::size_t kLongest = 45;  // of an address in text

bool is_mapped(const std::array<std::uint8_t, 16>& octets) {
  return std::all_of(octets.begin(), octets.begin() + 10, [](auto o) { return o == 0; }) &&
         octets[10] == 0xff && octets[11] == 0xff;
}

std::optional<IpBlock> parse_address(std::string_view text) {
  if (text.empty() || text.size() > kLongest) return std::nullopt;
  const std::string held(text);
  IpBlock out;
  if (::inet_pton(AF_INET, held.c_str(), out.octets.data()) == 1) {
    out.prefix = 32;
    return out;
  }
  if (::inet_pton(AF_INET6, held.c_str(), out.octets.data()) != 1) return std::nullopt;
  out.v6 = true;
  out.prefix = 128;
  return out;
}

std::optional<unsigned> parse_prefix(std::string_view text, unsigned most) {
  unsigned value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

}  // namespace

std::optional<IpBlock> IpBlock::parse(std::string_view text) {
  auto slash = text.find('/');
  auto out = parse_address(text.substr(0, slash));
  if (!out || (out->v6 && is_mapped(out->octets))) return std::nullopt;
  if (slash == std::string_view::npos) return out;
  auto prefix = parse_prefix(text.substr(slash + 1), out->prefix);
  if (!prefix) return std::nullopt;
  out->prefix = *prefix;
  return out;
}

bool IpBlock::contains(std::string_view address) const {
  auto other = parse_address(address);
  if (!other) return false;
  const std::uint8_t* theirs = other->octets.data();
  bool other_v6 = other->v6;
  if (other_v6 && is_mapped(other->octets)) {
    theirs += 12;
    other_v6 = false;
  }
  if (other_v6 != v6) return false;
  const unsigned whole = prefix / 8, rest = prefix % 8;
  if (!std::equal(octets.begin(), octets.begin() + whole, theirs)) return false;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (octets[whole] & mask) == (theirs[whole] & mask);
}

}  // namespace ses

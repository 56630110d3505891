#include "net/address_guard.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace net {
namespace {

struct Range4 {
  std::uint32_t base;
  unsigned prefix;
};
// The IANA special-purpose registry (RFC 6890): what is not globally reachable.
constexpr Range4 kInside4[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
    {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0586300, 24}, {0xc0a80000, 16},
    {0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 4},  {0xf0000000, 4},
    {0xa83f8110, 32},  // 168.63.129.16: Azure's own service for its machines, in a public range
};

using Octets = std::array<std::uint8_t, 16>;

bool is_public4(const std::uint8_t* octets) {
  const std::uint32_t address = std::uint32_t{octets[0]} << 24 | std::uint32_t{octets[1]} << 16 |
                                std::uint32_t{octets[2]} << 8 | octets[3];
  return std::none_of(std::begin(kInside4), std::end(kInside4), [address](const Range4& range) {
    return ((address ^ range.base) >> (32 - range.prefix)) == 0;
  });
}

bool starts_with(const Octets& octets, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), octets.begin());
}

bool is_public6(const Octets& o) {
  if (starts_with(o, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) return is_public4(o.data() + 12);  // mapped
  if (starts_with(o, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}))
    return is_public4(o.data() + 12);                                    // NAT64
  if (starts_with(o, {0x20, 0x02})) return is_public4(o.data() + 2);     // 6to4
  if ((o[0] & 0xe0) != 0x20) return false;                               // global unicast is 2000::/3
  if (starts_with(o, {0x20, 0x01, 0x0d, 0xb8})) return false;            // documentation
  if (starts_with(o, {0x3f, 0xff}) && (o[2] & 0xf0) == 0) return false;  // and RFC 9637's
  return !(starts_with(o, {0x20, 0x01}) && (o[2] & 0xfe) == 0);          // 2001::/23, Teredo and its kin
}

}  // namespace

bool is_public_address(std::string_view address) {
  const std::string held(address.substr(0, 64));
  Octets octets{};
  if (::inet_pton(AF_INET, held.c_str(), octets.data()) == 1) return is_public4(octets.data());
  if (::inet_pton(AF_INET6, held.c_str(), octets.data()) == 1) return is_public6(octets);
  return false;
}

}  // namespace net

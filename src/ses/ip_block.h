// IpBlock: one IPv4 or IPv6 address or CIDR block, as IP filters name them (SES §22.1). Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ses {

struct IpBlock {
  // "192.0.2.0/24", "2001:db8::/32", or an address, which is a block of one. Bits behind the prefix may be
  // set. No brackets, no zones, no IPv4-mapped forms.
  static std::optional<IpBlock> parse(std::string_view text);

  // False for an address of the other family; an IPv4-mapped address counts as the IPv4 one it holds.
  bool contains(std::string_view address) const;

  bool v6 = false;
  std::array<std::uint8_t, 16> octets{};  // the first 4 of IPv4
  unsigned prefix = 0;                    // bits
};

}  // namespace ses

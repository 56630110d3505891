// An IP address as a value, for policies that name networks. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail {

class IpAddress {
 public:
  // Dotted quad or IPv6 text; no brackets, zones or prefix lengths. ::ffff:a.b.c.d stays IPv6 unless `unmap`.
  static std::optional<IpAddress> parse(std::string_view text, bool unmap = false);

  bool is_v4() const { return v4_; }
  std::string text() const;
  // Equal in the first `prefix` bits; false if the families differ.
  bool in_network(const IpAddress& network, int prefix) const;
  // 192.0.2.1, or the 32 nibbles with dots between (RFC 7208 §7.3, %{i}).
  std::string dotted() const;
  // 1.2.0.192.in-addr.arpa
  std::string reverse_name() const;

  bool operator==(const IpAddress&) const = default;

 private:
  std::array<std::uint8_t, 16> octets_{};  // IPv4: the first four
  bool v4_ = false;
};

}  // namespace mail

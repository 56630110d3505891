#include "mail/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace mail {
namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text, bool unmap) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = 0;
  IpAddress out;
  out.v4_ = inet_pton(AF_INET, buffer, out.octets_.data()) == 1;
  if (out.v4_) return out;
  if (inet_pton(AF_INET6, buffer, out.octets_.data()) != 1) return std::nullopt;
  if (unmap && std::equal(kMapped.begin(), kMapped.end(), out.octets_.begin())) {
    out.v4_ = true;
    std::copy(out.octets_.begin() + 12, out.octets_.end(), out.octets_.begin());
    std::fill(out.octets_.begin() + 4, out.octets_.end(), std::uint8_t{0});
  }
  return out;
}

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN] = "";
  inet_ntop(v4_ ? AF_INET : AF_INET6, octets_.data(), buffer, sizeof buffer);
  return buffer;
}

bool IpAddress::in_network(const IpAddress& network, int prefix) const {
  if (v4_ != network.v4_) return false;
  auto whole = static_cast<std::size_t>(std::clamp(prefix, 0, v4_ ? 32 : 128));
  if (std::memcmp(octets_.data(), network.octets_.data(), whole / 8) != 0) return false;
  if (whole % 8 == 0) return true;
  return ((octets_[whole / 8] ^ network.octets_[whole / 8]) >> (8 - whole % 8)) == 0;
}

std::string IpAddress::dotted() const {
  if (v4_) return text();
  std::string out;
  for (auto octet : octets_) {
    for (auto nibble : {octet >> 4, octet & 15}) {
      if (!out.empty()) out += '.';
      out += kHex[nibble];
    }
  }
  return out;
}

std::string IpAddress::reverse_name() const {
  if (!v4_) {
    auto nibbles = dotted();
    std::reverse(nibbles.begin(), nibbles.end());
    return nibbles + ".ip6.arpa";
  }
  std::string out;
  for (std::size_t i = 4; i-- > 0;) out += std::to_string(octets_[i]) + ".";
  return out + "in-addr.arpa";
}

}  // namespace mail

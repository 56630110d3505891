// Endpoint: an IP address in text form and a port. Plain data, no Asio.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace net {

struct Endpoint {
  std::string address;  // "127.0.0.1", "::1"
  std::uint16_t port = 0;

  std::string text() const;  // "127.0.0.1:25", "[::1]:25"
  auto operator<=>(const Endpoint&) const = default;
};

// "HOST:PORT", "[v6]:PORT", ":PORT" (then `default_host`); nullopt if it is none of these.
std::optional<Endpoint> parse_endpoint(std::string_view text, std::string_view default_host = "127.0.0.1");
bool is_ip_address(std::string_view text);

}  // namespace net

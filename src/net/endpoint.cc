#include "net/endpoint.h"

#include <arpa/inet.h>

#include <charconv>

namespace net {
namespace {

bool is_v6(const std::string& address) {
  in6_addr six;
  return inet_pton(AF_INET6, address.c_str(), &six) == 1;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port > 65535 || text.size() > 5) return {};
  return static_cast<std::uint16_t>(port);
}

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  for (char c : host) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool digit = c >= '0' && c <= '9';
    if (!letter && !digit && c != '.' && c != '-' && c != '_') return false;
  }
  return true;
}

}  // namespace

std::string Endpoint::text() const {
  bool brackets = address.find(':') != std::string::npos;
  return (brackets ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

std::optional<Endpoint> parse_endpoint(std::string_view text, std::string_view default_host) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  auto port = parse_port(text.substr(colon + 1));
  if (!port) return {};
  std::string host(text.substr(0, colon));
  if (host.empty()) return Endpoint{std::string(default_host), *port};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_v6(host)) return {};
  } else if (!is_host(host)) {
    return {};
  }
  return Endpoint{std::move(host), *port};
}

bool is_ip_address(std::string_view text) {
  if (text.size() > 64) return false;
  std::string address(text);
  in_addr four;
  return inet_pton(AF_INET, address.c_str(), &four) == 1 || is_v6(address);
}

}  // namespace net

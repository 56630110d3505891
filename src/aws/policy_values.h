// Values of the typed condition operators: numbers, dates, truth, bytes, networks. Each is read from the text
// of a policy or of a request; nullopt for what is none. Pure; any thread. SES §10.5.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aws {

std::optional<double> read_number(std::string_view text);
// ISO 8601, whole or down to the minute, the day or the month; or seconds since 1970. In milliseconds.
std::optional<std::int64_t> read_date(std::string_view text);
std::optional<bool> read_truth(std::string_view text);
std::optional<std::string> read_bytes(std::string_view text);  // base64

// An address is a network of one. IPv4 written within IPv6 is IPv4.
struct Network {
  std::array<std::uint8_t, 16> address{};
  int bits = 0;  // of the prefix
  bool v6 = false;

  bool contains(const Network& other) const;
};

std::optional<Network> read_network(std::string_view text);  // with or without /prefix
std::optional<Network> read_address(std::string_view text);

}  // namespace aws

#include "aws/policy_values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/clock.h"
#include "base/encoding.h"

namespace aws {
namespace {

constexpr std::size_t kMaxText = 64;  // of a number, a date, an address

template <class T>
std::optional<T> whole_number(std::string_view text) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What base::parse_time wants written out: the day of a month, the seconds of a minute.
std::string full_date(std::string_view text) {
  auto full = base::ascii_upper(text);
  if (full.size() == 7 && full[4] == '-') return full + "-01";
  constexpr std::size_t kMinuteEnd = 16;  // 2026-01-31T10:30
  if (full.size() >= kMinuteEnd && full[10] == 'T' && full[13] == ':' &&
      (full.size() == kMinuteEnd || full[kMinuteEnd] != ':'))
    full.insert(kMinuteEnd, ":00");
  return full;
}

// Leaves as IPv4 what is written ::ffff:192.0.2.1.
void unmap(Network& network) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!network.v6 || network.bits < 96 ||
      !std::equal(kMapped.begin(), kMapped.end(), network.address.begin()))
    return;
  std::copy(network.address.begin() + 12, network.address.end(), network.address.begin());
  std::fill(network.address.begin() + 4, network.address.end(), 0);
  network.v6 = false;
  network.bits -= 96;
}

}  // namespace

std::optional<double> read_number(std::string_view text) {
  if (text.size() > kMaxText || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos)
    return std::nullopt;
  auto value = whole_number<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<std::int64_t> read_date(std::string_view text) {
  if (text.size() > kMaxText) return std::nullopt;
  constexpr std::int64_t kMaxSeconds = 9'000'000'000'000;
  if (is_digits(text)) {
    auto seconds = whole_number<std::int64_t>(text);
    if (!seconds || *seconds > kMaxSeconds) return std::nullopt;
    return *seconds * 1000;
  }
  if (text.size() < 7 || text[4] != '-') return std::nullopt;  // no other form that parse_time knows
  auto time = base::parse_time(full_date(text));
  if (!time) return std::nullopt;
  return base::to_millis(*time);
}

std::optional<bool> read_truth(std::string_view text) {
  if (base::iequals(text, "true")) return true;
  if (base::iequals(text, "false")) return false;
  return std::nullopt;
}

std::optional<std::string> read_bytes(std::string_view text) { return base::base64_decode(text); }

bool Network::contains(const Network& other) const {
  if (v6 != other.v6 || bits > other.bits) return false;
  auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(address.begin(), address.begin() + whole, other.address.begin())) return false;
  int rest = bits % 8;
  return rest == 0 || ((address[whole] ^ other.address[whole]) >> (8 - rest)) == 0;
}

std::optional<Network> read_address(std::string_view text) {
  if (text.size() > kMaxText || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::array<char, kMaxText + 1> ended{};
  std::copy(text.begin(), text.end(), ended.begin());
  Network network;
  network.v6 = text.find(':') != std::string_view::npos;
  network.bits = network.v6 ? 128 : 32;
  if (inet_pton(network.v6 ? AF_INET6 : AF_INET, ended.data(), network.address.data()) != 1)
    return std::nullopt;
  unmap(network);
  return network;
}

std::optional<Network> read_network(std::string_view text) {
  auto slash = text.find('/');
  auto network = read_address(text.substr(0, slash));
  if (!network || slash == std::string_view::npos) return network;
  auto digits = text.substr(slash + 1);
  auto bits = is_digits(digits) && digits.size() <= 3 ? whole_number<int>(digits) : std::nullopt;
  bool written_as_v6 = text.substr(0, slash).find(':') != std::string_view::npos;
  if (bits && written_as_v6 && !network->v6) *bits -= 96;
  if (!bits || *bits < 0 || *bits > network->bits) return std::nullopt;
  network->bits = *bits;
  return network;
}

}  // namespace aws

#include "ses/unsubscribe_mailbox.h"

#include "base/encoding.h"

namespace ses {
namespace {

constexpr std::string_view kPrefix = "unsub-";
constexpr std::string_view kPurpose =
    "unsubscribe mailbox\n";                                 // so that no other token of the secret fits here
constexpr std::size_t kNumber = 4, kContact = 8, kMac = 10;  // octets
constexpr std::size_t kPayload = 2 * kNumber + kContact;

std::string octets(std::int64_t number, std::size_t size) {
  std::string out(size, '\0');
  auto left = static_cast<std::uint64_t>(number);
  for (auto at = size; at-- > 0; left >>= 8) out[at] = static_cast<char>(left & 0xff);
  return out;
}

std::int64_t number_in(std::string_view octets) {
  std::uint64_t out = 0;
  for (char c : octets) out = out << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(out);
}

std::string mac_of(std::string_view payload, std::string_view secret) {
  return base::hmac_sha256(secret, std::string(kPurpose) + std::string(payload)).substr(0, kMac);
}

bool fits(std::int64_t number) { return number >= 0 && number < std::int64_t{1} << (8 * kNumber); }

}  // namespace

std::int64_t contact_number(std::string_view address) {
  return number_in(std::string_view(base::sha256(address)).substr(0, kContact));
}

std::optional<std::string> unsubscribe_local_part(const UnsubscribeMailbox& m, std::string_view secret) {
  if (!fits(m.list) || !fits(m.topic)) return std::nullopt;
  const auto payload = octets(m.list, kNumber) + octets(m.topic, kNumber) + octets(m.contact, kContact);
  return std::string(kPrefix) + base::hex_encode(payload + mac_of(payload, secret));
}

std::optional<UnsubscribeMailbox> read_unsubscribe_local_part(std::string_view local,
                                                              std::string_view secret) {
  if (local.size() != kPrefix.size() + 2 * (kPayload + kMac)) return std::nullopt;
  const auto lower = base::ascii_lower(local);
  if (!lower.starts_with(kPrefix)) return std::nullopt;
  const auto bytes = base::hex_decode(std::string_view(lower).substr(kPrefix.size()));
  if (!bytes) return std::nullopt;
  const auto payload = std::string_view(*bytes).substr(0, kPayload);
  if (!base::constant_time_equal(std::string_view(*bytes).substr(kPayload), mac_of(payload, secret)))
    return std::nullopt;
  return UnsubscribeMailbox{number_in(payload.substr(0, kNumber)),
                            number_in(payload.substr(kNumber, kNumber)),
                            number_in(payload.substr(2 * kNumber))};
}

}  // namespace ses

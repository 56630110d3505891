#include "receive/receipt_token.h"

#include <charconv>

#include "base/encoding.h"
#include "mail/header.h"

namespace receive {
namespace {

constexpr std::size_t kMostToken = 1024, kMac = 16, kHash = 32;
constexpr std::string_view kPurpose = "receipt\n";  // so that no other token of the secret fits here

std::string mac_of(std::string_view payload, std::string_view secret) {
  return base::hmac_sha256(secret, std::string(kPurpose) + std::string(payload)).substr(0, kMac);
}

std::string recipients_hash(const ses::ReceivedMail& mail) {
  std::string all;
  for (const auto& recipient : mail.recipients) all += recipient + "\n";
  return base::sha256(all);
}

}  // namespace

std::string body_hash(std::string_view content) {
  return base::sha256(mail::split_part(content).body(content));
}

std::string make_receipt_token(const ses::ReceivedMail& mail, std::string_view secret) {
  const auto payload = recipients_hash(mail) + body_hash(*mail.content) +
                       std::to_string(base::to_millis(mail.received)) + "\n" + mail.id;
  auto token = base::base64_encode(mac_of(payload, secret) + payload);
  while (token.ends_with('=')) token.pop_back();  // a word of a command line, too
  return token;
}

std::optional<ReceiptToken> read_receipt_token(std::string_view token, std::string_view secret) {
  if (token.size() > kMostToken) return std::nullopt;
  const auto bytes = base::base64_decode(token);
  if (!bytes || bytes->size() < kMac + 2 * kHash) return std::nullopt;
  const std::string_view mac = std::string_view(*bytes).substr(0, kMac);
  const std::string_view payload = std::string_view(*bytes).substr(kMac);
  if (!base::constant_time_equal(mac, mac_of(payload, secret))) return std::nullopt;
  const auto rest = payload.substr(2 * kHash);
  const auto end = rest.find('\n');
  std::int64_t millis = 0;
  if (end == rest.npos || std::from_chars(rest.data(), rest.data() + end, millis).ec != std::errc())
    return std::nullopt;
  return ReceiptToken{std::string(rest.substr(end + 1)), base::from_millis(millis),
                      std::string(payload.substr(0, kHash)), std::string(payload.substr(kHash, kHash))};
}

}  // namespace receive

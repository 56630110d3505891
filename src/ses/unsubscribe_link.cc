#include "ses/unsubscribe_link.h"

#include "base/encoding.h"

namespace ses {
namespace {

constexpr std::size_t kMaxToken = 4096;
constexpr std::size_t kMac = 16;
constexpr std::size_t kFields = 6;                      // before the address, which may hold anything
constexpr std::string_view kPurpose = "unsubscribe\n";  // so that no other token of the secret fits here

std::string mac_of(std::string_view payload, std::string_view secret) {
  return base::hmac_sha256(secret, std::string(kPurpose) + std::string(payload)).substr(0, kMac);
}

}  // namespace

std::string make_unsubscribe_token(const UnsubscribeLink& link, std::string_view secret) {
  std::string payload = link.kind == UnsubscribeLink::Kind::header ? "h" : "p";
  for (const auto* field : {&link.scope.account.str(), &link.scope.region.str(), &link.list, &link.topic,
                            &link.message.str(), &link.address})
    payload += "\n" + *field;
  return base::base64url_encode(mac_of(payload, secret) + payload);
}

std::optional<UnsubscribeLink> read_unsubscribe_token(std::string_view token, std::string_view secret) {
  if (token.size() > kMaxToken) return std::nullopt;
  auto bytes = base::base64url_decode(token);
  if (!bytes || bytes->size() < kMac) return std::nullopt;
  auto payload = std::string_view(*bytes).substr(kMac);
  if (!base::constant_time_equal(std::string_view(*bytes).substr(0, kMac), mac_of(payload, secret)))
    return std::nullopt;
  std::vector<std::string> fields;
  while (fields.size() < kFields) {
    auto end = payload.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    fields.emplace_back(payload.substr(0, end));
    payload.remove_prefix(end + 1);
  }
  UnsubscribeLink link;
  link.kind = fields[0] == "h" ? UnsubscribeLink::Kind::header : UnsubscribeLink::Kind::page;
  link.scope = {AccountId(fields[1]), Region(fields[2])};
  link.list = fields[3];
  link.topic = fields[4];
  link.message = MessageId(fields[5]);
  link.address = payload;
  return link;
}

std::string unsubscribe_url(const Settings& settings, const UnsubscribeLink& link, std::string_view secret) {
  auto start = settings.link_base.empty() ? "https://" + settings.service_domain : settings.link_base;
  while (start.ends_with('/')) start.pop_back();
  return start + "/unsubscribe?t=" + make_unsubscribe_token(link, secret);
}

// An address that does nothing is worse than none (RFC 2369 §2). The subject's form is ours (?).
std::vector<std::pair<std::string, std::string>> unsubscribe_headers(const std::string& url,
                                                                     const std::string& mailbox,
                                                                     const MessageId& message) {
  auto where = "<" + url + ">";
  if (!mailbox.empty()) where += ", <mailto:" + mailbox + "?subject=unsubscribe%20" + message.str() + ">";
  return {{"List-Unsubscribe", where}, {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}};
}

}  // namespace ses

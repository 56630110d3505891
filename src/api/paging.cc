#include "api/paging.h"

#include "base/encoding.h"

namespace api {
namespace {

constexpr std::size_t kMaxToken = 4096;
constexpr std::size_t kMac = 16;

std::string mac_of(const PageKey& key, std::string_view after) {
  std::string text = "page-token";
  // Each part with its length, so that two keys never make one text.
  for (std::string_view part : {key.kind, std::string_view(key.scope.account.str()),
                                std::string_view(key.scope.region.str()), key.filter, after})
    text += "\n" + std::to_string(part.size()) + ":" + std::string(part);
  return base::hmac_sha256(key.secret, text).substr(0, kMac);
}

}  // namespace

std::string make_page_token(const PageKey& key, std::string_view after) {
  return base::base64url_encode(mac_of(key, after) + std::string(after));
}

std::optional<std::string> read_page_token(const PageKey& key, std::string_view token) {
  if (token.size() > kMaxToken) return std::nullopt;
  auto bytes = base::base64url_decode(token);
  if (!bytes || bytes->size() < kMac) return std::nullopt;
  auto after = bytes->substr(kMac);
  if (!base::constant_time_equal(bytes->substr(0, kMac), mac_of(key, after))) return std::nullopt;
  return after;
}

}  // namespace api

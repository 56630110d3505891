#include "mail/message_id.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "mail/envelope.h"

namespace mail {
namespace {

constexpr std::string_view kHomeRegion = "us-east-1";  // whose names carry no region

// SES §12.1, codes seen in real ids.
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kRegionCodes = {{
    {"us-east-1", "0100"},
    {"us-west-2", "0101"},
    {"eu-west-1", "0102"},
    {"ap-northeast-1", "0106"},
    {"eu-central-1", "0107"},
    {"ap-southeast-2", "0108"},
    {"ap-south-1", "0109"},
    {"eu-west-2", "010b"},
    {"ap-northeast-2", "010c"},
    {"ca-central-1", "010d"},
    {"ap-southeast-1", "010e"},
    {"us-east-2", "010f"},
    {"eu-north-1", "0110"},
    {"us-west-1", "0111"},
    {"eu-west-3", "0113"},
}};

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// FNV-1a: stable over runs and builds, unlike std::hash.
std::uint32_t stable_hash(std::string_view text) {
  std::uint32_t h = 2166136261u;
  for (char c : text) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  return h;
}

// ...-xxxx-yHHH-HHHHHHHHHHHH-000000: the version and variant digits of the UUID stay, H is the keyed hash.
constexpr std::size_t kHashBegin = 37, kHashFirst = 3, kHashRest = 12;

// Puts the hash of the digits before it into an id of the right form.
void seal(std::string& id, std::string_view secret) {
  auto text = "return path " + id.substr(0, kHashBegin);
  auto digits = base::hex_encode(base::hmac_sha256(secret, text));
  id.replace(kHashBegin, kHashFirst, digits, 0, kHashFirst);
  id.replace(kHashBegin + kHashFirst + 1, kHashRest, digits, kHashFirst, kHashRest);
}

}  // namespace

std::string region_code(std::string_view region) {
  for (auto [name, code] : kRegionCodes)
    if (name == region) return std::string(code);
  // 0200 to 0fff: above what Amazon has been seen to use.
  return fmt::format("{:04x}", 0x0200 + stable_hash(region) % 0x0e00);
}

std::string make_message_id(std::string_view region, base::WallTime accepted, base::Random& random) {
  auto millis = static_cast<std::uint64_t>(std::max<std::int64_t>(base::to_millis(accepted), 0));
  return fmt::format("{}{:012x}-{}-000000", region_code(region), millis & 0xffffffffffffu,
                     base::uuid4(random));
}

std::string make_message_id(std::string_view region, base::WallTime accepted, base::Random& random,
                            std::string_view secret) {
  auto id = make_message_id(region, accepted, random);
  seal(id, secret);
  return id;
}

bool is_own_message_id(std::string_view id, std::string_view secret) {
  auto given = base::ascii_lower(id.substr(0, 100));
  if (!is_message_id(given)) return false;
  auto sealed = given;
  seal(sealed, secret);
  return base::constant_time_equal(given, sealed);
}

std::string own_message_id_of(std::string_view envelope_sender, std::string_view secret) {
  auto local = local_of(envelope_sender);
  return is_own_message_id(local, secret) ? base::ascii_lower(local) : std::string();
}

std::string message_id_header(std::string_view id, std::string_view region, std::string_view service_domain) {
  return fmt::format("<{}@{}.{}>", id, region == kHomeRegion ? "email" : region, service_domain);
}

std::string account_hash(std::string_view account, std::string_view secret) {
  return base::base64_encode(base::hmac_sha256(secret, account));
}

std::string feedback_id(std::string_view a, std::string_view b, std::string_view region,
                        std::string_view account_hash, std::string_view service) {
  return fmt::format("{}:{}:1.{}.{}:{}", a, b, region, account_hash, service);
}

std::string envelope_sender(std::string_view id, std::string_view mail_from_domain) {
  return fmt::format("{}@{}", id, mail_from_domain);
}

std::string default_mail_from_domain(std::string_view region, std::string_view service_domain) {
  if (region == kHomeRegion) return std::string(service_domain);
  return fmt::format("{}.{}", region, service_domain);
}

bool is_message_id(std::string_view text) {
  static constexpr std::string_view kForm = "xxxxxxxxxxxxxxxx-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx-000000";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (kForm[i] == 'x' ? !is_hex(text[i]) : text[i] != kForm[i]) return false;
  return true;
}

std::string_view message_id_of(std::string_view envelope_sender) {
  auto local = local_of(envelope_sender);
  return is_message_id(local) ? local : std::string_view{};
}

}  // namespace mail

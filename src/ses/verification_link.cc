#include "ses/verification_link.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/encoding.h"

namespace ses {
namespace {

constexpr std::size_t kMaxToken = 4096;
constexpr std::string_view kPurpose = "verify-address\n";  // so that no other token of the secret fits here

std::string mac_of(std::string_view payload, std::string_view secret) {
  return base::hmac_sha256(secret, std::string(kPurpose) + std::string(payload));
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 32> kRegions = {{
    {"us-east-1", "US East (N. Virginia)"},
    {"us-east-2", "US East (Ohio)"},
    {"us-west-1", "US West (N. California)"},
    {"us-west-2", "US West (Oregon)"},
    {"af-south-1", "Africa (Cape Town)"},
    {"ap-east-1", "Asia Pacific (Hong Kong)"},
    {"ap-northeast-1", "Asia Pacific (Tokyo)"},
    {"ap-northeast-2", "Asia Pacific (Seoul)"},
    {"ap-northeast-3", "Asia Pacific (Osaka)"},
    {"ap-south-1", "Asia Pacific (Mumbai)"},
    {"ap-south-2", "Asia Pacific (Hyderabad)"},
    {"ap-southeast-1", "Asia Pacific (Singapore)"},
    {"ap-southeast-2", "Asia Pacific (Sydney)"},
    {"ap-southeast-3", "Asia Pacific (Jakarta)"},
    {"ap-southeast-4", "Asia Pacific (Melbourne)"},
    {"ap-southeast-5", "Asia Pacific (Malaysia)"},
    {"ca-central-1", "Canada (Central)"},
    {"ca-west-1", "Canada West (Calgary)"},
    {"eu-central-1", "Europe (Frankfurt)"},
    {"eu-central-2", "Europe (Zurich)"},
    {"eu-north-1", "Europe (Stockholm)"},
    {"eu-south-1", "Europe (Milan)"},
    {"eu-south-2", "Europe (Spain)"},
    {"eu-west-1", "Europe (Ireland)"},
    {"eu-west-2", "Europe (London)"},
    {"eu-west-3", "Europe (Paris)"},
    {"il-central-1", "Israel (Tel Aviv)"},
    {"me-central-1", "Middle East (UAE)"},
    {"me-south-1", "Middle East (Bahrain)"},
    {"sa-east-1", "South America (Sao Paulo)"},
    {"us-gov-east-1", "AWS GovCloud (US-East)"},
    {"us-gov-west-1", "AWS GovCloud (US-West)"},
}};

}  // namespace

std::string_view region_title(std::string_view region) {
  for (const auto& [id, title] : kRegions)
    if (id == region) return title;
  return region;
}

std::string make_link_token(const VerificationLink& link, std::string_view secret) {
  auto payload = link.scope.account.str() + "\n" + link.scope.region.str() + "\n" + link.address + "\n" +
                 std::to_string(base::to_millis(link.ends));
  if (!link.template_name.empty()) payload += "\n" + link.template_name;
  return base::base64url_encode(payload) + "." + base::base64url_encode(mac_of(payload, secret));
}

std::optional<VerificationLink> read_link_token(std::string_view token, std::string_view secret) {
  auto dot = token.find('.');
  if (token.size() > kMaxToken || dot == std::string_view::npos) return std::nullopt;
  auto payload = base::base64url_decode(token.substr(0, dot));
  auto mac = base::base64url_decode(token.substr(dot + 1));
  if (!payload || !mac || !base::constant_time_equal(*mac, mac_of(*payload, secret))) return std::nullopt;

  auto parts = base::split(*payload, '\n');
  if (parts.size() != 4 && parts.size() != 5) return std::nullopt;
  std::int64_t ends = 0;
  auto last = parts[3].data() + parts[3].size();
  auto read = std::from_chars(parts[3].data(), last, ends);
  if (read.ec != std::errc() || read.ptr != last) return std::nullopt;
  return VerificationLink{{AccountId(std::string(parts[0])), Region(std::string(parts[1]))},
                          std::string(parts[2]),
                          base::from_millis(ends),
                          parts.size() == 5 ? std::string(parts[4]) : std::string()};
}

std::string verification_url(const Settings& settings, const VerificationLink& link,
                             std::string_view secret) {
  auto link_base = settings.link_base.empty() ? "https://" + settings.service_domain : settings.link_base;
  while (link_base.ends_with('/')) link_base.pop_back();
  return link_base + "/verify?t=" + make_link_token(link, secret);
}

SystemMail verification_mail(const Settings& settings, const Scope& scope, const std::string& address,
                             std::string_view secret, base::WallTime now) {
  auto link = verification_url(settings, {scope, address, now + kVerificationLinkLife, ""}, secret);
  std::string region(region_title(scope.region.str()));

  SystemMail mail;
  mail.scope = scope;
  mail.to = address;
  mail.from = "no-reply@" + settings.service_domain;
  mail.subject = "Sesame – Email Address Verification Request in region " + region;
  mail.text =
      "Somebody asked for the permission to send mail from this address:\n\n    " + address +
      "\n\nRegion: " + region + "\nAccount: " + scope.account.str() +
      "\n\nIf it was you, open this link and confirm. The link is good for 24 hours.\n\n" + link +
      "\n\nIf it was not you, do nothing: without your confirmation nobody can send from this address "
      "here.\n";
  return mail;
}

}  // namespace ses

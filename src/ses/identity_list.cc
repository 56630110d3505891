#include "ses/identity_list.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/fault.h"

namespace ses {
namespace {

[[noreturn]] void refuse(std::string text) {
  throw base::Fault(base::FaultKind::invalid_parameter, std::move(text));
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string parse_name(std::string_view given) {
  auto text = base::trim(given);
  auto length = code_points(text);
  if (length < 3) refuse("Filter IDENTITY_NAME_CONTAINS must be at least 3 characters.");
  if (length > 320) refuse("Filter IDENTITY_NAME_CONTAINS must be at most 320 characters.");
  return base::ascii_lower(text);
}

IdentityKind parse_kind(const std::string& given) {
  if (given == "EMAIL_ADDRESS") return IdentityKind::address;
  if (given == "DOMAIN") return IdentityKind::domain;
  refuse("Invalid identity type <" + given + "> in filter.");
}

VerificationStatus parse_status(const std::string& given) {
  using S = VerificationStatus;
  for (auto status : {S::pending, S::success, S::failed, S::temporary_failure})
    if (v2_status(status) == given) return status;
  if (given == v2_status(S::not_started)) refuse("Invalid verification status <NotStarted>.");
  refuse("Invalid verification status <" + given + "> in filter.");
}

}  // namespace

bool IdentityFilter::admits(const Identity& identity) const {
  if (kind && identity.kind != *kind) return false;
  if (status && identity.status != *status) return false;
  return !name_contains || base::ascii_lower(identity.name).find(*name_contains) != std::string::npos;
}

std::string IdentityFilter::text() const {
  std::string out;
  if (kind) out += *kind == IdentityKind::domain ? "domain" : "address";
  out += '|';
  if (status) out += v2_status(*status);
  out += '|';
  if (name_contains) out += *name_contains;
  return out;
}

IdentityFilter parse_identity_filter(const std::map<std::string, std::string>& given) {
  IdentityFilter filter;
  if (auto name = given.find("IDENTITY_NAME_CONTAINS"); name != given.end())
    filter.name_contains = parse_name(name->second);
  if (auto kind = given.find("IDENTITY_TYPE"); kind != given.end()) filter.kind = parse_kind(kind->second);
  if (auto status = given.find("VERIFICATION_STATUS"); status != given.end())
    filter.status = parse_status(status->second);
  return filter;
}

}  // namespace ses

#include "ses/identity_name.h"

#include "base/encoding.h"
#include "base/fault.h"
#include "mail/address.h"
#include "mail/domain.h"

namespace ses {
namespace {

constexpr std::size_t kMaxName = 320;  // SES §5.2

using base::Fault;
using base::FaultKind;

}  // namespace

IdentityKind kind_of_name(std::string_view name) {
  return name.find('@') == std::string_view::npos ? IdentityKind::domain : IdentityKind::address;
}

std::optional<std::string> normal_domain(std::string_view domain) {
  if (domain.empty() || domain.size() > kMaxName) return std::nullopt;
  auto ascii = mail::ascii_domain(domain);
  if (!ascii || !mail::is_domain_name(*ascii)) return std::nullopt;
  return ascii;
}

std::optional<std::string> normal_address(std::string_view address, bool allow_utf8) {
  if (address.size() > 4 * kMaxName || base::utf16_length(address) > kMaxName) return std::nullopt;
  auto box = mail::parse_mailbox(address, allow_utf8);
  if (!box || !box->raw_name.empty() || box->addr() != address) return std::nullopt;
  auto domain = normal_domain(box->domain);
  if (!domain) return std::nullopt;
  return box->local + "@" + *domain;
}

std::optional<std::string> normal_name(std::string_view name, bool allow_utf8) {
  return kind_of_name(name) == IdentityKind::domain ? normal_domain(name) : normal_address(name, allow_utf8);
}

std::string require_domain(std::string_view domain) {
  auto normal = normal_domain(domain);
  if (!normal) throw Fault(FaultKind::invalid_parameter, "Domain " + std::string(domain) + " is invalid.");
  return *normal;
}

std::string require_address(std::string_view address, bool allow_utf8) {
  auto normal = normal_address(address, allow_utf8);
  if (!normal)
    throw Fault(FaultKind::invalid_parameter, "Invalid email address<" + std::string(address) + ">.");
  return *normal;
}

std::string require_name(std::string_view name, bool allow_utf8) {
  return kind_of_name(name) == IdentityKind::domain ? require_domain(name)
                                                    : require_address(name, allow_utf8);
}

void require_deletable(std::string_view name) {
  if (normal_name(name)) return;
  throw Fault(FaultKind::invalid_parameter,
              "Identity " + std::string(name) + " is invalid. Must be a verified email address or domain.");
}

std::string_view domain_of(std::string_view name) {
  auto at = name.rfind('@');
  return at == std::string_view::npos ? name : name.substr(at + 1);
}

std::optional<std::string_view> parent_domain(std::string_view domain) {
  auto dot = domain.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  domain.remove_prefix(dot + 1);
  if (domain.find('.') == std::string_view::npos) return std::nullopt;
  return domain;
}

}  // namespace ses

#include "mail/envelope.h"

#include "base/encoding.h"
#include "mail/address.h"

namespace mail {

std::string_view domain_of(std::string_view address) {
  auto at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view{} : address.substr(at + 1);
}

std::string_view local_of(std::string_view address) {
  auto at = address.rfind('@');
  return at == std::string_view::npos ? address : address.substr(0, at);
}

bool same_address(std::string_view a, std::string_view b) {
  return local_of(a) == local_of(b) && base::iequals(domain_of(a), domain_of(b));
}

std::string address_key(std::string_view address) {
  auto at = address.rfind('@');
  if (at == std::string_view::npos) return std::string(address);
  return std::string(address.substr(0, at + 1)) + base::ascii_lower(address.substr(at + 1));
}

std::string identity_key(std::string_view address) {
  auto at = address.rfind('@');
  if (at == std::string_view::npos) return std::string(address);
  return strip_label(address.substr(0, at)) + "@" + base::ascii_lower(address.substr(at + 1));
}

}  // namespace mail

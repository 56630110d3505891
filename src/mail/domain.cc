#include "mail/domain.h"

#include <idn2.h>
#include <libpsl.h>

#include <algorithm>
#include <memory>

#include "base/encoding.h"

namespace mail {
namespace {

constexpr std::size_t kMaxDomainText =
    1024;  // of UTF-8; libidn2 refuses labels and names that come out too long

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 1035 §2.3.4 lengths; letters, digits, hyphens and underscores.
bool is_dns_name(std::string_view domain) {
  if (domain.empty() || domain.size() > 253) return false;
  std::size_t label = 0;
  for (char c : domain) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else {
      if (!is_alnum(c) && c != '-' && c != '_') return false;
      if (++label > 63) return false;
    }
  }
  return label > 0;
}

struct FreeIdn {
  void operator()(char* p) const { idn2_free(p); }
};

}  // namespace

std::optional<std::string> ascii_domain(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  if (domain.empty() || domain.size() > kMaxDomainText) return std::nullopt;
  if (base::is_ascii(domain)) {
    if (!is_dns_name(domain)) return std::nullopt;
    return base::ascii_lower(domain);
  }
  if (!base::is_utf8(domain) || domain.find('\0') != std::string_view::npos) return std::nullopt;
  char* out = nullptr;
  // UTS #46 without the transitional mapping of IDNA 2003 (so that ß and ss are two names).
  int rc = idn2_to_ascii_8z(std::string(domain).c_str(), &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  std::unique_ptr<char, FreeIdn> owned(out);
  if (rc != IDN2_OK || !is_dns_name(owned.get())) return std::nullopt;
  return base::ascii_lower(owned.get());
}

std::string unicode_domain(std::string_view domain) {
  if (domain.size() > kMaxDomainText || domain.find("xn--") == std::string_view::npos)
    return std::string(domain);
  char* out = nullptr;
  int rc = idn2_to_unicode_8z8z(std::string(domain).c_str(), &out, 0);
  std::unique_ptr<char, FreeIdn> owned(out);
  return rc == IDN2_OK ? std::string(owned.get()) : std::string(domain);
}

bool is_domain_name(std::string_view domain, bool allow_underscore) {
  if (!is_dns_name(domain)) return false;
  if (!allow_underscore && domain.find('_') != std::string_view::npos) return false;
  std::size_t labels = 0;
  std::string_view last;
  for (auto label : base::split(domain, '.')) {
    if (label.front() == '-' || label.back() == '-') return false;
    last = label;
    ++labels;
  }
  return labels >= 2 && !std::all_of(last.begin(), last.end(), is_digit);
}

std::string organizational_domain(std::string_view domain) {
  auto ascii = ascii_domain(domain);
  if (!ascii) return base::ascii_lower(domain);
  const char* found = psl_registrable_domain(psl_builtin(), ascii->c_str());
  return found ? std::string(found) : *ascii;
}

bool is_at_or_below(std::string_view name, std::string_view domain) {
  if (name.size() < domain.size()) return false;
  auto above = name.size() - domain.size();
  return base::iequals(name.substr(above), domain) && (above == 0 || name[above - 1] == '.');
}

}  // namespace mail

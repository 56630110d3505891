#include "ses/receipt_match.h"

#include <algorithm>

#include "base/encoding.h"
#include "mail/domain.h"
#include "mail/envelope.h"
#include "ses/ip_block.h"

namespace ses {
namespace {

bool condition_matches(std::string_view condition, std::string_view address, std::string_view domain) {
  if (condition.find('@') != std::string_view::npos)
    // A condition with a label is for that label alone. People write a mailbox's name in any case.
    return base::iequals(condition, address) || base::iequals(condition, mail::identity_key(address));
  if (condition.starts_with('.'))
    return domain.size() > condition.size() &&
           base::iequals(domain.substr(domain.size() - condition.size()), condition);
  return base::iequals(domain, condition);
}

// Domains are compared as DNS has them; either may come in the form people write (RFC 6531 §3.7.1).
std::string with_ascii_domain(std::string_view address) {
  const auto domain = mail::domain_of(address);
  auto ascii = mail::ascii_domain(domain);
  return std::string(address.substr(0, address.size() - domain.size())) +
         (ascii ? std::move(*ascii) : std::string(domain));
}

std::string ascii_condition(std::string_view condition) {
  if (condition.find('@') != std::string_view::npos) return with_ascii_domain(condition);
  const std::string dot(condition.starts_with('.') ? "." : "");
  auto ascii = mail::ascii_domain(condition.substr(dot.size()));
  return ascii ? dot + *ascii : std::string(condition);
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

bool rule_matches(const ReceiptRule& rule, std::string_view address) {
  if (rule.recipients.empty()) return true;
  std::string ascii;
  if (!is_ascii(mail::domain_of(address))) address = ascii = with_ascii_domain(address);
  auto domain = mail::domain_of(address);
  return std::any_of(rule.recipients.begin(), rule.recipients.end(), [&](const std::string& condition) {
    return is_ascii(condition) ? condition_matches(condition, address, domain)
                               : condition_matches(ascii_condition(condition), address, domain);
  });
}

FilterVerdict filter_verdict(const std::vector<ReceiptFilter>& filters, std::string_view address) {
  auto verdict = FilterVerdict::none;
  unsigned best = 0;
  for (const auto& filter : filters) {
    auto block = IpBlock::parse(filter.cidr);
    if (!block || !block->contains(address)) continue;
    bool first = verdict == FilterVerdict::none;
    if (!first && block->prefix < best) continue;
    if (!first && block->prefix == best && filter.allow) continue;
    best = block->prefix;
    verdict = filter.allow ? FilterVerdict::allowed : FilterVerdict::blocked;
  }
  return verdict;
}

}  // namespace ses

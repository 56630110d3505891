#include "receive/own_address.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "mail/domain.h"
#include "mail/envelope.h"
#include "mail/message_id.h"

namespace receive {
namespace {

constexpr std::array<std::string_view, 2> kForComplaints = {"complaints", "fbl"};

// The default MAIL FROM domain of some region: the service domain, or REGION.service-domain.
bool is_default_mail_from(const ses::Settings& settings, std::string_view domain) {
  if (base::iequals(domain, settings.service_domain)) return true;
  const std::string_view region = domain.substr(0, domain.find('.'));
  if (!base::iequals(domain, mail::default_mail_from_domain(region, settings.service_domain))) return false;
  const auto& regions = settings.regions;
  return regions.empty() || std::find(regions.begin(), regions.end(), region) != regions.end();
}

}  // namespace

std::string returned_message(const send::Service& service, std::string_view address) {
  auto id = mail::own_message_id_of(address, service.identities.link_secret());
  if (id.empty()) return id;
  const auto domain = mail::ascii_domain(mail::domain_of(address));
  const bool ours = domain && (is_default_mail_from(service.settings, *domain) ||
                               service.identities.may_be_mail_from(*domain));
  return ours ? id : std::string();
}

bool takes_complaints(const send::Service& service, std::string_view address) {
  const auto local = base::ascii_lower(mail::local_of(address));
  return base::iequals(mail::domain_of(address), service.settings.service_domain) &&
         std::find(kForComplaints.begin(), kForComplaints.end(), local) != kForComplaints.end();
}

std::optional<ses::UnsubscribeMailbox> unsubscribe_mailbox(const send::Service& service,
                                                           std::string_view address) {
  auto mailbox = ses::read_unsubscribe_local_part(mail::local_of(address), service.identities.link_secret());
  if (mailbox && !is_default_mail_from(service.settings, base::ascii_lower(mail::domain_of(address))))
    return std::nullopt;
  return mailbox;
}

std::optional<ses::ReceivedKind> own_kind(const send::Service& service, std::string_view address) {
  if (takes_complaints(service, address) || !returned_message(service, address).empty())
    return ses::ReceivedKind::feedback;
  if (unsubscribe_mailbox(service, address)) return ses::ReceivedKind::unsubscribe;
  return std::nullopt;
}

}  // namespace receive

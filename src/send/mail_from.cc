// The envelope sender's domain: the custom MAIL FROM of the identity that sends, or ours (SES §8.5, §12.2).
#include "base/fault.h"
#include "mail/message_id.h"
#include "send/steps.h"

namespace send {

std::string mail_from_domain(const Service& service, const Submission& s, const ses::SenderMatch& match) {
  auto custom = match.identity ? service.identities.mail_from_for(*match.identity) : std::nullopt;
  if (custom && custom->usable()) return custom->domain;
  if (custom && custom->reject)  // SES §5.6
    throw base::Fault(base::FaultKind::mail_from_not_verified, "DNS setup for MAIL FROM domain is invalid.");
  return mail::default_mail_from_domain(s.caller.scope.region.str(), service.settings.service_domain);
}

}  // namespace send

// The envelope sender's domain (SES §8.5, §12.2).
#include "mail/message_id.h"
#include "send/steps.h"

namespace send {

std::string mail_from_domain(const Service& service, const Submission& s, const ses::SenderMatch&) {
  return mail::default_mail_from_domain(s.caller.scope.region.str(), service.settings.service_domain);
}

}  // namespace send

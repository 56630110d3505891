#include "compose/fixup.h"

#include "base/encoding.h"
#include "mail/message_id.h"

namespace compose {

mail::Fixup fixup_for(const ses::Settings& settings, std::string_view secret, const ses::Mail& mail,
                      FeedbackTags tags) {
  const auto& region = mail.scope.region.str();
  mail::Fixup f;
  f.message_id_header = mail::message_id_header(mail.id.str(), region, settings.service_domain);
  f.date = base::rfc5322_date(mail.accepted);
  f.feedback_id =
      mail::feedback_id(tags.a, tags.b, region, mail::account_hash(mail.scope.account.str(), secret));
  return f;
}

}  // namespace compose

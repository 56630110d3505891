// What a SendBounce call gives (SES §23), and what becomes of it in the notification (RFC 3464): checked
// here, once, with all of SES's words for what is wrong. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mail/address.h"
#include "mail/dsn.h"
#include "ses/received.h"

namespace send {

struct RecipientFields {
  std::string final_recipient;  // empty: the recipient
  std::string action, status;
  std::string diagnostic, remote_mta;  // empty: not given
  std::optional<base::WallTime> last_attempt;
  mail::DsnFields extensions;
};

struct BouncedRecipient {
  std::string recipient;
  std::string type;  // BounceType; empty: not given
  std::optional<RecipientFields> fields;
};

struct MessageFields {
  std::string reporting_mta;
  std::optional<base::WallTime> arrival;
  mail::DsnFields extensions;
};

struct BounceFields {
  std::string explanation;  // empty: one is made
  std::optional<MessageFields> message;
  std::vector<BouncedRecipient> recipients;
};

// The mail that `id` names can be bounced: it was received in the scope, less than a day ago, and has a
// sender. Else Fault message_rejected.
void check_bounceable(const std::optional<ses::ReceivedMail>& original, const std::string& id,
                      const ses::Scope& scope, base::WallTime now);
// The sender of the bounce speaks for a domain the mail came to. Else Fault message_rejected.
void check_bounce_sender(const mail::Mailbox& sender, const ses::ReceivedMail& original);
// Everything of the call that stands in the notification. Fault invalid_parameter for what cannot,
// message_rejected for who did not receive the mail.
void put_fields(const BounceFields& fields, const ses::ReceivedMail& original, mail::DsnMail& dsn);

}  // namespace send

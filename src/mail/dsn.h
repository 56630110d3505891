// Delivery status notifications as we write them (RFC 3461 §6, RFC 3464, RFC 6522): for SendBounce and for
// the Bounce action of receipt rules (SES §22.4, §23). Values may come from callers and strangers: none of
// them can begin another field. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "mail/returned_mail.h"

namespace mail {

using DsnFields = std::vector<std::pair<std::string, std::string>>;  // X- fields, in this order

struct DsnRecipient {
  // Addresses: without a type they get "rfc822;", or "utf-8;" (RFC 6533 §3) where they are not ASCII.
  std::string final_recipient;
  std::string original_recipient;  // as ORCPT gave it, else empty and left out (RFC 3461 §6.3)
  DsnAction action = DsnAction::failed;
  std::string status;      // "5.1.1"
  std::string diagnostic;  // "smtp; 550 5.1.1 ..."; without a type it gets "smtp;"
  std::string remote_mta;  // "dns; mx.example.com", the same
  std::optional<base::WallTime> last_attempt;
  DsnFields extensions;
};

struct DsnMail {
  std::string from, to;     // as in headers
  std::string subject;      // empty: "Delivery Status Notification (Failure)" or what fits the actions
  std::string in_reply_to;  // with angle brackets; empty: left out
  std::string explanation;  // the text for people, UTF-8; empty: one is made from the recipients
  std::string reporting_mta;
  std::string envelope_id;
  std::optional<base::WallTime> arrival;
  std::vector<DsnRecipient> recipients;
  DsnFields extensions;
  std::string_view original;  // the mail it is about, of which the headers are returned; empty: no such part
};

// The message with CRLF line ends, without Date and Message-ID: fixup.h adds them. The envelope sender must
// be the null one (RFC 3464 §2).
std::string build_dsn(const DsnMail& dsn, base::Random& random);

}  // namespace mail

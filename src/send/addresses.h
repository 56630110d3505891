// The addresses of a submission: parsed and checked in SES's order, with SES's texts (SES §5.1, §5.2).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mail/address.h"
#include "mail/fixup.h"
#include "send/service.h"

namespace send {

struct Addresses {
  std::optional<mail::Mailbox> source;  // Source, FromEmailAddress, MAIL FROM
  std::vector<mail::Mailbox> from;      // of the From header
  std::optional<mail::Mailbox> sender;  // of the Sender header
  std::vector<mail::Mailbox> to, cc, bcc;
  std::vector<mail::Mailbox> reply_to;
  std::optional<mail::Mailbox> return_path;  // as given by the call or, for raw mail, the header
};

// `raw`: what a raw message says of itself; null for built mail. Throws Fault(invalid_parameter).
Addresses parse_addresses(const Submission& submission, const mail::MessageFacts* raw, bool allow_utf8);

// At least one recipient and at most 50, over To, Cc and Bcc; then the lengths.
void check_counts(const Addresses& addresses);
void check_lengths(const Addresses& addresses);

}  // namespace send

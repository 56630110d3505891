// Which identities a send uses: of the caller's account, or of another that lets the caller send for it, as
// the ARN parameters say (SES §5.5, §9). Any thread.
#pragma once

#include <vector>

#include "send/addresses.h"
#include "send/service.h"

namespace send {

struct UsedIdentity {
  const mail::Mailbox* address;  // in the Addresses that were looked at
  ses::SenderMatch match;        // of whoever owns it
};

struct Senders {
  ses::SenderMatch from;           // of the first From: it signs, and has the custom MAIL FROM
  std::vector<UsedIdentity> used;  // of From, Source, Sender and Return-Path, in this order
};

// Fault message_rejected with all addresses that no verified identity covers, in the sandbox the recipients
// too; invalid_parameter for an ARN that is none of an identity of this region.
Senders find_senders(const Service& service, const Submission& submission, const Addresses& addresses);
// Fault invalid_parameter for an ARN that is none of an identity of this region.
void check_identity_arn(const Submission& submission, const std::string& arn);

}  // namespace send

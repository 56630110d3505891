// Bounces of received mail: a delivery status notification to its envelope sender, with a null sender. Those
// by rule (SES §22.4) are system mail, signed by the key of the identity they are from; send_bounce.h has the
// calls.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mail/dsn.h"
#include "send/service.h"

namespace send {

struct BounceText {
  std::string sender;  // From, bare
  std::string status, diagnostic, explanation;
  bool delayed = false;  // else failed
};

struct BounceRequest {
  ses::Scope scope;
  std::string to;    // the envelope sender of the mail
  std::string head;  // its header section
  base::WallTime received;
  std::vector<std::string> recipients;
  BounceText text;
  std::function<void(store::Db&)> in_transaction = {};  // as of Submission
};
base::Task<ses::MessageId> bounce(Service& service, BounceRequest request);

// What every notification about that mail says. `head` outlives it.
mail::DsnMail dsn_about(const Service& service, const ses::Scope& scope, const std::string& head,
                        base::WallTime received);

}  // namespace send

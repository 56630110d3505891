// Bounces of received mail (SES §22.4, §23): a delivery status notification to its envelope sender, sent as
// system mail with a null sender, signed by the key of the identity it is from.
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

// "dns; inbound-smtp.REGION.SERVICE-DOMAIN" (SES §23).
std::string reporting_mta(const Service& service, const ses::Scope& scope);

}  // namespace send

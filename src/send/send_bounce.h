// SendBounce (SES §23): a bounce that the caller writes for a mail that was received here. It is a send as
// others are: IAM, the pause, the sandbox, the quotas and suppression hold for it; but its envelope sender is
// null, and it has no configuration set.
#pragma once

#include <optional>
#include <string>

#include "send/bounce_fields.h"
#include "send/service.h"

namespace send {

struct BounceCall {
  ses::Caller caller;
  std::string original;  // the id of the received mail
  std::string sender;    // with a display name, if it likes
  std::optional<std::string> sender_arn;
  std::vector<std::string> recipient_arns;  // looked at, and without effect: mail is the account's own
  BounceFields fields;
};
base::Task<ses::MessageId> send_bounce(Service& service, BounceCall call);

}  // namespace send

// Takes a mail to the mailbox of a List-Unsubscribe: a received mail of the kind unsubscribe. Its contact
// leaves the topic or list as by one click (SES §15); a crash in between repeats that, which changes nothing
// any more. On a loop.
#pragma once

#include "base/task.h"
#include "send/service.h"
#include "ses/received.h"

namespace receive {

// Both outlive the task.
base::Task<void> take_unsubscribe(send::Service& service, ses::ReceivedMail& mail);

}  // namespace receive

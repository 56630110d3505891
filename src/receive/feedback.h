// Takes what came back: a received mail of the kind feedback. What it changes and that it is done are one
// commit, so a crash neither repeats nor loses anything (SES §16).
#pragma once

#include <chrono>

#include "base/task.h"
#include "send/service.h"
#include "ses/received.h"

namespace receive {

// Leaves mail.progress as it was stored: done, or due again where attempts for its recipient are not over.
// Both outlive the task. On a loop.
base::Task<void> take_feedback(send::Service& service, std::chrono::hours life, ses::ReceivedMail& mail);

}  // namespace receive

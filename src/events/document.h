// The whole JSON of an event (SES §18): what its type says, the mail it is about, and the object that was
// recorded. A destination, the trace and (as another form of the same, SES §19) the topic of an identity show
// it. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "ses/message.h"

namespace events {

struct DocumentForm {
  bool notification = false;  // as the topic of an identity gets it: notificationType, no tags
  bool headers = true;        // of a notification: whether the identity wants them in it
};

// The event every accepted mail begins with. It is not recorded: the message's row says all of it.
ses::EventRecord send_event(const ses::MessageSummary& message);

std::string document(const ses::MessageSummary& message, const ses::EventRecord& event,
                     const DocumentForm& form = {});

// Send first, then what was recorded, oldest first. None for the service's own mail, which is nobody's send.
std::vector<ses::EventRecord> all_events(const ses::MessageSummary& message,
                                         std::vector<ses::EventRecord> recorded);

}  // namespace events

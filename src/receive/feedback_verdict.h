// What a mail that came back means for the message it is about: which recipients bounced or complained, and
// what that is worth (SES §16, §18.2). Anybody who got the message knows its return path, so an address that
// the message never had changes nothing, and each recipient bounces and complains once. Pure but for the
// feedback ids; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "deliver/outcome.h"
#include "receive/feedback_mail.h"
#include "ses/message.h"

namespace receive {

struct FeedbackVerdict {
  deliver::Outcome outcome;
  std::vector<ses::SentRecipient> changed;  // as they are now
  struct Line {                             // of a recipient of the message
    std::string recipient, action, status, diagnostic;
    std::string_view result;  // "bounced", "complained", "delayed", "bounced before", …
  };
  std::vector<Line> lines;
  std::size_t strangers = 0;   // addresses that the message never had
  bool about_message = false;  // no recipient is named, but it came back of this message
  // Attempts for a recipient it speaks of are not over, so what this makes of it can be told later only.
  bool early = false;

  // "recorded": an event; "noted": the trace tells; "ignored": it changes nothing.
  std::string_view result() const {
    if (!outcome.events.empty()) return "recorded";
    return lines.empty() && !about_message ? "ignored" : "noted";
  }
};
// `wait`: answers `early` where it is; else such a recipient is passed over.
FeedbackVerdict weigh(const FeedbackMail& mail, const ses::SentMail& sent, base::WallTime now, bool wait,
                      base::Random& random);

// The type and subtype of a recipient's bounce. Where nothing tells why, it is Undetermined (SES §18.2), for
// a guess must not suppress.
deliver::BounceName name_returned(const mail::ReturnedRecipient& recipient);

}  // namespace receive

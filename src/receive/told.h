// What became of a mail that Sesame itself got, as its row says it: {"at", "result", "detail", "message",
// "feedback"}. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "ses/received.h"

namespace receive {

struct Told {
  std::string_view result = "ignored";  // or "recorded": an event; "noted": it is known, no more
  std::string why;                      // where it is ignored
  std::string message;                  // the id of the message it is about
  std::string feedback;                 // JSON: what the message's trace says
};

inline Told ignored(std::string why) { return {"ignored", std::move(why), "", ""}; }
// The mail is done.
void finish(ses::ReceivedProgress& progress, base::WallTime now, const Told& told);

}  // namespace receive

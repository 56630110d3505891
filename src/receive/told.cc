#include "receive/told.h"

#include "base/json.h"

namespace receive {

void finish(ses::ReceivedProgress& progress, base::WallTime now, const Told& told) {
  base::JsonWriter w;
  w.object().field("at", base::iso8601(now)).field("result", told.result);
  if (!told.why.empty()) w.field("detail", told.why);
  if (!told.message.empty()) w.field("message", told.message);
  if (!told.feedback.empty()) w.key("feedback").raw(told.feedback);
  w.end();
  progress.results = std::move(w).text();
  progress.state = ses::ReceivedState::done;
}

}  // namespace receive

// The JSON of the control API's messages (ARCHITECTURE §5) and the filters of its lists. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "console/mime_view.h"
#include "ses/message.h"

namespace console {

struct MessageFilter {
  std::optional<std::string> to, from;  // bare addresses, exact but for the letter case of the domain
  std::optional<std::string> subject;   // contained

  bool matches(const ses::MessageSummary& message) const;
};

// The bare address of "Name <a@b>"; what cannot be read as one stays as it is.
std::string bare_address(const std::string& text);

// The From header, decoded; the sender the call named where there is none.
std::string shown_from(const ses::MessageSummary& message);

// "pending" while any recipient is; else what all of them are, or "mixed".
std::string_view state_of(const ses::MessageSummary& message);

// The members of a list's row, into an object that is open.
void write_summary(base::JsonWriter& json, const ses::MessageSummary& message);

std::string list_json(const std::vector<ses::MessageSummary>& messages);
// `view` is null when the content is gone.
std::string detail_json(const ses::MessageSummary& message, const MimeView* view);
// With the events as they are published (SES §18), Send first.
std::string trace_json(const ses::MessageSummary& message, const std::vector<ses::TraceEntry>& trace,
                       const std::vector<ses::EventRecord>& recorded);

}  // namespace console

// One message as LocalStack and as aws-ses-v2-local show it. `raw` is the mail as it left, empty when it was
// let go. Pure.
#pragma once

#include <string>
#include <string_view>

#include "ses/message.h"

namespace console {

// {"Id", "Region", "Timestamp", "Source", "Destination", "Subject", "Body", "RawData"}
std::string localstack_json(const ses::MessageSummary& message, std::string_view raw);

// {"messageId", "from", "replyTo", "destination", "subject", "body", "attachments", "at"}
std::string store_json(const ses::MessageSummary& message, std::string_view raw);

}  // namespace console

// What is put into every message that leaves (SES §12.3): Message-ID, Date and Feedback-ID, from what was
// known when it was accepted, so that they are the same whenever the message is made. Pure; any thread.
#pragma once

#include <string_view>

#include "mail/fixup.h"
#include "ses/message.h"
#include "ses/settings.h"

namespace compose {

struct FeedbackTags {  // values of ses:feedback-id-a and -b
  std::string_view a, b;
};

mail::Fixup fixup_for(const ses::Settings& settings, std::string_view secret, const ses::Mail& mail,
                      FeedbackTags tags);

}  // namespace compose

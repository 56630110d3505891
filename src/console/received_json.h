// The JSON of received mail in the control API and the operator's commands. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ses/received.h"

namespace console {

std::string received_json(const ses::ReceivedMail& mail);
// For a terminal: the mail, the verdicts, a line for each outcome of an action.
std::string received_text(const ses::ReceivedMail& mail);
std::string received_list_json(const std::vector<ses::ReceivedMail>& mails);
// A line a mail, and below it what did not go as it should.
std::string received_list_text(const std::vector<ses::ReceivedMail>& mails);
// Lines that end in LF alone get CRLF: a file of a test is a mail too.
std::string with_crlf(std::string_view text);

}  // namespace console

// Bounces and replies that only their text gives away: qmail, Exim, Sendmail, old Exchange and their likes.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/returned_mail.h"

namespace mail {

// The first enhanced status code in the text (RFC 3463), "5.1.1", or "".
std::string find_status(std::string_view text);

// The first reply code in the text that refuses, 400 to 559 (RFC 5321 §4.2), or 0.
int find_reply_code(std::string_view text);

// The status of a recipient for which none is told, by its action and the reply in its diagnostic.
std::string made_status(const ReturnedRecipient& recipient);

// Whether the message is a bounce that its text tells; if so the recipients it names.
bool guess_bounce(const MimePart& message, ReturnedMail& out);
// What the text of a bounce tells: its recipients.
void read_text(const MimePart& message, ReturnedMail& out);
// To the recipients of a standard report, what the text for people says of them.
void add_words(const MimePart& message, ReturnedMail& out);
// The original mail that is quoted in the text of a bounce, kept in `kept`; empty if there is none.
std::string_view out_of_text(const MimePart& message, std::string& kept);

// What people see of HTML, roughly.
std::string text_of_html(std::string_view html);
// What looks like addresses, wherever it stands; not all, where there are many.
std::vector<std::string> addresses_in(std::string_view text);
// Its beginning, with one blank for all that is blank.
std::string in_one_line(std::string_view text);

bool subject_tells_auto_reply(std::string_view subject);
bool subject_tells_challenge(std::string_view subject);

}  // namespace mail

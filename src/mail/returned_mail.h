// What comes back to a return path (SES §16, §18): delivery status notifications (RFC 3464) and the bounces
// of mail systems that do not write them, told apart from auto-replies (RFC 3834), challenges, and reports of
// other kinds. Everything in it was written by strangers: values are valid UTF-8 without control characters
// and of bounded length, and still only claims. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mail/mime_reader.h"

namespace mail {

enum class ReturnedKind {
  other,        // mail of a person, or nothing that is known
  bounce,       // a delivery status: look at the recipients' actions
  feedback,     // a complaint: arf.h reads it
  disposition,  // a read receipt (RFC 8098)
  auto_reply,   // out of office and its likes
  challenge     // asks the sender to prove to be a person
};

enum class DsnAction { failed, delayed, delivered, relayed, expanded };
std::string_view name_of(DsnAction action);

struct ReturnedRecipient {
  std::string address;   // Final-Recipient, or what the text names
  std::string original;  // Original-Recipient, or what the text says it was forwarded from
  DsnAction action = DsnAction::failed;
  std::string status;  // "5.1.1"; "5.0.0" or "4.0.0" where none is told
  bool status_told = false;
  std::string diagnostic;       // without its type
  std::string diagnostic_type;  // as written; empty where none is
  std::string remote_mta;       // without its type
  std::string words;            // what the text for people says of it, or as a whole
  bool guessed = false;         // all that is known is that the address stands somewhere in the text
};

struct ReturnedMail {
  ReturnedKind kind = ReturnedKind::other;
  bool standard = false;  // RFC 3464, not guessed from a text
  std::string reporting_mta, arrival_date, envelope_id;
  std::vector<ReturnedRecipient> recipients;
  // Of the mail it is about, where it is quoted: without angle brackets.
  std::string original_message_id, original_return_path;
};

ReturnedMail read_returned_mail(std::string_view message);
ReturnedMail read_returned_mail(const MimePart& message);

// The part of that type, not looking into messages that are attached: a bounce that a person forwards is not
// one of ours.
const MimePart* find_report(const MimePart& message, std::string_view media_type);
// The quoted header section of the original mail, or the message with it; nullptr if there is none.
const MimePart* find_original(const MimePart& message);

// Outlook.com sends the mail that somebody complained about back without a report: the recipient, in a field
// of the quoted header. Empty: it is not that.
std::string outlook_recipient(const MimePart& message);

// The fields of a message/delivery-status or message/feedback-report, group by group (RFC 3464 §2.1).
std::vector<MessageView> field_groups(std::string_view text, std::size_t most);
// A field's value as described above, comments left in; "" if there is none.
std::string field_text(const MessageView& group, std::string_view name, std::size_t most = 1000);
// Whether the value begins with "type;" (RFC 3464 §2.1.2), as in "rfc822; a@b".
bool has_type(std::string_view value);
// What follows the type, if there is one, without angle brackets.
std::string typed_value(std::string_view value);
std::string without_brackets(std::string_view value);

}  // namespace mail

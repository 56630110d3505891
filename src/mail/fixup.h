// Makes of a submitted message (raw or built) the one that leaves (SES §12.3): Bcc, Return-Path and the
// X-SES-* control headers go, Message-ID and Date are replaced, line ends become CRLF; and tells what was
// found. The body is copied once, or not at all. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "mail/header.h"

namespace mail {

// The X-SES-* control headers of SES §11.4, values unfolded. Of several of one name the first counts, but
// message tags add up.
struct ControlHeaders {
  std::optional<std::string> configuration_set;
  std::optional<std::string> message_tags;  // joined by ", "
  std::optional<std::string> source_arn;
  std::optional<std::string> from_arn;
  std::optional<std::string> return_path_arn;
  std::optional<std::string> list_management_options;
  std::optional<std::string> tenant;
  std::optional<std::string> endpoint_id;
};

struct ListManagementOptions {
  std::string contact_list;
  std::string topic;  // may be empty
};
// `{contactListName}; topic={topicName}`; nullopt if it is not of that form.
std::optional<ListManagementOptions> parse_list_management_options(std::string_view value);

// What a message says of itself. Values are unfolded, not decoded, and of the first header of their name.
struct MessageFacts {
  std::optional<std::string> from, to, cc, bcc, reply_to, sender, return_path, subject, date, message_id;
  ControlHeaders control;
  bool has_dkim_signature = false;
  bool eight_bit = false;  // an octet above 127 anywhere
  bool eight_bit_header = false;
  std::size_t longest_line =
      0;  // with its line break, as on the wire after the fix-up; unbounded lines count too
  // For events (SES §18.1): all headers as submitted, unfolded, until names and values reach 10 KB.
  std::vector<std::pair<std::string, std::string>> headers;
  bool headers_truncated = false;
  std::size_t header_count = 0;
};

inline constexpr std::size_t kEventHeaderBytes = 10 * 1024;
inline constexpr std::size_t kMaxLine = 1000;  // with CRLF (SES §5.2)

// Parses and checks (faults of split_message and check_single_headers), without making anything.
base::Result<MessageFacts, std::string> inspect(std::string_view raw);

struct Fixup {
  std::string message_id_header;    // value of Message-ID, with angle brackets; empty: keep the sender's
  std::string date;                 // value of Date; empty: keep the sender's
  std::string feedback_id;          // value of Feedback-ID; empty: none
  std::vector<std::string> remove;  // further names to remove (e.g. List-Unsubscribe), case-insensitive
  std::vector<std::pair<std::string, std::string>> add;  // put before Date, in this order, folded
  std::optional<std::string> from;  // for a raw message without From: its value, put on top
  // Body lines beyond kMaxLine are broken at kMaxLine - 2 octets, as relays do; else they stay.
  bool break_long_lines = true;
};

struct FixedMessage {
  std::string message;
  std::size_t body_offset = 0;  // in `message`
  MessageFacts facts;           // of the message as submitted
};

base::Result<FixedMessage, std::string> fix_up(std::string_view raw, const Fixup& fixup);
// The same in the memory of `raw`, where its body can stay as it is and there is room for the headers.
base::Result<FixedMessage, std::string> fix_up_in_place(std::string raw, const Fixup& fixup);

// True for Bcc, Return-Path and the X-SES-* control headers: never leaves.
bool is_removed_header(std::string_view name);

}  // namespace mail

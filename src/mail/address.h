// Mail addresses: the strict mailbox check SES makes on every address of a call (SES §5.1, messages as
// JavaMail words them), and the address lists of raw headers (RFC 5322 §3.4) with groups, comments and
// folding. Pure; any thread. Faults are the bare text, for whoever reports it to wrap in a code.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mail {

struct Mailbox {
  std::string display_name;  // decoded (RFC 2047), unquoted, UTF-8; empty if there is none
  std::string raw_name;      // as given: quotes and encoded words kept, outer blanks gone, unfolded
  std::string local;         // as given, quotes included
  std::string domain;        // as given (case kept); "[192.0.2.1]" for a literal; an A-label is not decoded

  std::string addr() const;  // local@domain
  bool operator==(const Mailbox&) const = default;
};

// Longest header value or address text that is looked at; longer is refused ("Illegal address").
inline constexpr std::size_t kMaxAddressText = 1u << 20;

// Exactly one mailbox. `allow_utf8` lets non-ASCII into the local part and the domain (RFC 6531), the
// operator's choice; SES does not.
base::Result<Mailbox, std::string> parse_mailbox(std::string_view text, bool allow_utf8 = false);

// The value of To, Cc, Bcc, Reply-To, From: any number of mailboxes, groups flattened, empty elements
// skipped.
base::Result<std::vector<Mailbox>, std::string> parse_address_list(std::string_view header_value,
                                                                   bool allow_utf8 = false);

// `Name <addr>`, or the bare address: the name quoted only if it holds specials or non-ASCII. This is the
// form whose length SES counts and shows.
std::string display_form(const Mailbox& mailbox);
// "Address length is more than 320 characters long: 'FORM'." when the form has more than 320 UTF-16 units.
std::optional<std::string> address_length_fault(const Mailbox& mailbox);
std::optional<std::string> address_length_fault(std::string_view given);  // parses first; none if that fails

// user+label -> user (SES §5.1: verification ignores the label).
std::string strip_label(std::string_view local);

}  // namespace mail

// The header section of a message (RFC 5322 §2.2): splitting, unfolding, RFC 2047 words, folding, and the
// guard against header injection. Views point into the text given, whose owner must outlive them. Pure; any
// thread. Faults carry the texts of SES §5.4.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mail {

struct HeaderField {
  std::string_view name;       // as on the wire
  std::string_view raw_value;  // after the colon, folded as on the wire, without the last line break
  std::string_view whole;      // the field with its last line break
};

struct MessageView {
  std::vector<HeaderField> fields;
  std::size_t body_offset =
      0;  // first octet after the empty line; the size of the message when there is no body

  const HeaderField* find(std::string_view name) const;  // first of that name, case-insensitive
  std::string_view body(std::string_view message) const { return message.substr(body_offset); }
};

// Caps of ours; past them the fault is "Header section too long."
inline constexpr std::size_t kMaxHeaderBytes = 1u << 20;
inline constexpr std::size_t kMaxHeaderFields = 2000;

// Lines end in CRLF or bare LF. A message may begin with an mbox "From " line, which is skipped.
// Faults: "Empty header names are illegal.", "Illegal header 'X Y'.", "Header section too long."
base::Result<MessageView, std::string> split_message(std::string_view raw);
// For parts within a message and for received mail: lines that are no header are passed over.
MessageView split_part(std::string_view raw);

// "Duplicate header 'Subject'." for the first header that may occur once only and occurs again.
std::optional<std::string> check_single_headers(std::span<const HeaderField> fields);
bool is_single_header(std::string_view name);

// RFC 5322 §2.2.3, as SES shows values in events: a line break and the blanks after it become one blank; NUL
// becomes a blank; outer blanks are trimmed.
std::string unfold(std::string_view raw_value);

// RFC 2047: encoded words decoded to UTF-8, blanks between two of them dropped. What does not decode (a
// broken word, an unknown charset) stays as it is. Input should be unfolded.
std::string decode_words(std::string_view value);

// RFC 2047 for unstructured text: the value as it is when it is printable ASCII that cannot be taken for an
// encoded word, else words of at most 75 characters in B or Q (the shorter), separated by a blank:
// fold_header breaks there. `charset` unknown, or the text not representable in it: UTF-8 is used.
std::string encode_words(std::string_view utf8, std::string_view charset = "UTF-8");
// The same for a display name (RFC 2047 §5 rule 3): atoms stay, other ASCII is quoted, the rest encoded.
std::string encode_phrase(std::string_view utf8, std::string_view charset = "UTF-8");

// "Name: value\r\n", folded at blanks so that lines stay at or below 76 characters where blanks allow it and,
// in any case, below 998 when `value` has blanks. Blanks are never added, so unfolding gives `value` back.
// CR, LF and NUL in name or value become blanks: a caller that must refuse them asks is_safe_value first.
std::string fold_header(std::string_view name, std::string_view value);

// No CR, LF or NUL: the value cannot begin another header.
bool is_safe_value(std::string_view value);
// Printable ASCII without ':' and blank, 1..998 (RFC 5322 §3.6.8).
bool is_header_name(std::string_view name);
// Names SES sets itself and a caller may not give in `Headers` (SES §6.2).
bool is_reserved_header(std::string_view name);

}  // namespace mail

// A message taken apart for showing: headers, text, HTML, attachments (RFC 2045 to 2047, RFC 2183). For
// people's eyes and tests, so whatever cannot be read is shown as it is and never an error. Depth, parts and
// text are capped. Attachments are views into the message, which must outlive them. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mail/transfer_encoding.h"

namespace console {

inline constexpr std::size_t kMaxMimeDepth = 20;
inline constexpr std::size_t kMaxMimeParts = 1000;
inline constexpr std::size_t kMaxShownText = 8u << 20;  // of a text or HTML body, before conversion

struct AttachmentView {
  std::string file_name;     // made up from the type where the part has none
  std::string content_type;  // "image/png", lower case
  std::string content_id;    // without angle brackets
  bool is_inline = false;
  mail::TransferEncoding encoding = mail::TransferEncoding::none;
  std::string_view encoded;
  std::size_t size = 0;  // decoded
};

struct MimeView {
  std::vector<std::pair<std::string, std::string>> headers;  // unfolded and decoded, in order
  std::optional<std::string> text, html;                     // UTF-8, lines end in LF
  std::vector<AttachmentView> attachments;
  bool truncated = false;  // a cap was met

  // The first header of that name, or empty.
  std::string_view header(std::string_view name) const;
};

MimeView read_mime(std::string_view message);

std::string decode_attachment(const AttachmentView& attachment);

}  // namespace console

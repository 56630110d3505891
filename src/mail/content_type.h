// Content-Type and Content-Disposition values (RFC 2045 §5.1, RFC 2183, RFC 2231), file names in them, and
// the attachment types SES refuses (SES §5.2). Pure; any thread. Faults carry the texts of SES §5.4.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace mail {

struct ContentType {
  std::string type;     // lower case, e.g. "multipart"
  std::string subtype;  // lower case, e.g. "mixed"; empty for a Content-Disposition
  // Names in lower case; values decoded: quoting removed, RFC 2231 parts joined and converted to UTF-8.
  std::vector<std::pair<std::string, std::string>> parameters;

  const std::string* parameter(std::string_view name) const;
  bool is(std::string_view media_type) const;  // "text/plain", or "multipart/" for any multipart
};

// The value may be folded. Faults: "Expected '=', got 'null'" and its likes for parameters,
// "Expected MIME type, got 'X'" for a missing type, "Expected '/', got 'X'" for a missing subtype.
base::Result<ContentType, std::string> parse_content_type(std::string_view value);
// The same without faults: what can be read.
ContentType read_content_type(std::string_view value);
// attachment; filename=...: same grammar without the subtype.
base::Result<ContentType, std::string> parse_disposition(std::string_view value);

// The name a part would be saved by: filename of Content-Disposition, else name of Content-Type, with RFC
// 2231 and (as senders do in spite of RFC 2047 §5) encoded words decoded; "" if there is none.
std::string part_file_name(std::string_view content_disposition, std::string_view content_type);

// The blocked extension of a file name in lower case ("exe"), if it has one. Blanks and dots at the end do
// not hide it, nor does letter case.
std::optional<std::string_view> blocked_extension(std::string_view file_name);
std::span<const std::string_view> blocked_extensions();  // sorted

// The file names of all parts of a raw message, at most `limit` of them, nested multiparts to a depth of 20
// and attached messages (message/rfc822) included. A broken part ends the walk of its multipart, without a
// fault.
std::vector<std::string> attachment_names(std::string_view message, std::size_t limit = 1000);
// Checks the Content-Type of the message and the file names of its parts: the fault of parse_content_type, or
// "Illegal filename 'x.exe'."
std::optional<std::string> check_content(std::string_view message);

// By the extension of the name; "application/octet-stream" if unknown.
std::string_view guess_content_type(std::string_view file_name);

}  // namespace mail

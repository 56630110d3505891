// Builds the MIME message of SendEmail, Simple and Template content, in the header order of SES §12.4. It
// does not add Date, Message-ID or Feedback-ID: fixup.h does, for built and raw messages alike. Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace mail {

// SES's Content. `data` is UTF-8. An empty charset is SES's default: 7-bit ASCII where the text is ASCII;
// UTF-8 where it is not. A text the named charset cannot hold is sent as UTF-8, so nothing is lost or
// refused.
struct Content {
  std::string data;
  std::string charset;
};

struct Attachment {
  enum class Disposition { attachment, inline_ };
  enum class Encoding { base64, quoted_printable, seven_bit };

  std::string bytes;
  std::string file_name;  // UTF-8
  Disposition disposition = Disposition::attachment;
  std::string content_id;                     // with or without angle brackets
  std::string description;                    // UTF-8
  std::optional<Encoding> transfer_encoding;  // chosen from the bytes if absent or if the bytes do not fit it
  std::string content_type;                   // guessed from the file name if empty
};

struct SimpleMail {
  std::string
      from;  // `Name <a@b>` or `a@b`, as given; non-ASCII names are encoded, IDN domains become A-labels
  std::vector<std::string> to;
  std::vector<std::string> cc;
  std::vector<std::string> reply_to;
  Content subject;
  std::optional<Content> text;
  std::optional<Content> html;
  std::vector<std::pair<std::string, std::string>> headers;  // after Subject, in this order
  std::vector<Attachment> attachments;
};

// Lines end in CRLF and hold at most 998 octets, and so does the last. Faults: an unknown charset
// ("Unsupported charset 'X'."), a blocked or overlong file name ("Illegal filename 'x.exe'."), a header name
// or value that could begin another header, or a name that is not the caller's to give ("Illegal header
// 'X'."), or both together longer than 996. Neither text nor html: an empty text/plain body.
base::Result<std::string, std::string> build(const SimpleMail& mail, base::Random& random,
                                             base::WallTime now);

// One address as it stands in a header: see SimpleMail::from.
std::string header_address(std::string_view given);

}  // namespace mail

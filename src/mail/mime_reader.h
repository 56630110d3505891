// A received message taken apart into a tree of parts (RFC 2045, RFC 2046), bounded in depth, parts and
// octets looked at: whatever came in, reading it ends and costs what its size allows. Broken MIME is no
// error; what cannot be read is a leaf. Views point into the message, which must outlive them. Pure; any
// thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mail/content_type.h"
#include "mail/header.h"
#include "mail/transfer_encoding.h"

namespace mail {

struct MimeLimits {
  std::size_t depth = 20;
  std::size_t parts = 1000;
  std::size_t octets = 4u << 20;  // what follows is not looked at
};

struct MimePart {
  MessageView header;
  std::string_view whole, body;  // header and body; the body alone, encoded
  ContentType type{"text", "plain", {}};
  TransferEncoding encoding = TransferEncoding::none;
  std::vector<MimePart> parts;  // of a multipart, or the one message in a message/rfc822

  // The first part of that type, this one included, in the order of the text; "message/" for any such.
  const MimePart* find(std::string_view media_type) const;
  // Unfolded, decoded (RFC 2047), valid UTF-8; "" if there is none. At most `most` octets of it are read.
  std::string header_text(std::string_view name, std::size_t most = 4096) const;
  // The body decoded, at most `most` octets of what is encoded; text: as UTF-8, lines ending in LF.
  std::string bytes(std::size_t most) const;
  std::string text(std::size_t most) const;
};

MimePart read_parts(std::string_view message, MimeLimits limits = {});

// RFC 2046 §5.1.1 has delimiter lines end after the boundary but for blanks, and readers compare no more than
// the beginning. `exact` reads the first way; `beginning` the second, for checks that nothing may slip by.
enum class Delimiters { exact, beginning };
// The bodies between the delimiter lines of a multipart, at most `most` of them; none if there is no such
// line. The line break before a delimiter belongs to it. One pass, in linear time.
std::vector<std::string_view> split_multipart(std::string_view body, std::string_view boundary,
                                              std::size_t most, Delimiters how = Delimiters::exact);

}  // namespace mail

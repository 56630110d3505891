// The mails of a run. Each carries its own id in the header X-Load-Id, so that what was acknowledged and what
// arrived can be compared whatever lies between; the body is the same block of text for all of one size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace load {

inline constexpr std::string_view kIdHeader = "X-Load-Id";

struct MailPlan {
  std::string run;        // first part of each id
  std::string from;       // bare address
  std::string recipient;  // "user@d%.example": % is the message's number modulo `domains`
  std::int64_t domains = 1;
  std::size_t size = 10240;  // of the whole mail
  std::size_t big_size = 0;  // every big_every-th mail is this big instead
  std::int64_t big_every = 0;
  std::string fixed;  // the whole mail, CRLF, no line begins with a dot; each gets its id on top; empty: made

  std::string id(std::int64_t number) const;
  std::string recipient_of(std::int64_t number) const;
  std::size_t size_of(std::int64_t number) const;
};

// Header section with its empty line, CRLF.
std::string header_text(const MailPlan& plan, std::int64_t number);
// Printable ASCII lines of 76 characters, `size` bytes in all, no line starts with a dot. With `line_end`
// "\r\n", or "\\n" for the inside of a JSON string.
std::string body_text(std::size_t size, std::string_view line_end);
// What comes after "\nX-Load-Id: " in a mail's header section; "" if there is none.
std::string_view id_of(std::string_view mail);

}  // namespace load

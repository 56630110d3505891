// An SMTP reply (RFC 5321 §4.2): code, enhanced status if any (RFC 3463, RFC 2034), and its lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace smtp {

struct Reply {
  int code = 0;
  std::vector<std::string> lines;  // without code and separator

  Reply() = default;
  Reply(int c, std::string text) : code(c), lines{std::move(text)} {}
  // "550 5.1.1 no such user": code and text in one line, as Fault::smtp_reply() gives.
  static Reply from_line(std::string_view line);

  bool positive() const { return code >= 200 && code < 400; }
  bool transient() const { return code >= 400 && code < 500; }
  bool permanent() const { return code >= 500 && code < 600; }
  std::string enhanced_status() const;  // "5.1.1" from the first line, or ""
  std::string text() const;             // "550 5.1.1 no such user", lines joined by a blank
  std::string wire() const;             // with CRLF, multi-line form
};

// To who is here, or begins something, while the server stops (RFC 5321 §3.8).
inline Reply stopping() { return {421, "4.3.2 Service shutting down, please try again"}; }

}  // namespace smtp

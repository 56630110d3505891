// Takes replies off the bytes a server sends (RFC 5321 §4.2.1), however they are cut into pieces. Lines that
// end in a bare LF are taken, since servers that send them exist. Text beyond the caps is dropped; far beyond
// it is an error.
#pragma once

#include <string>
#include <string_view>

#include "smtp/reply.h"

namespace smtp {

class ReplyParser {
 public:
  static constexpr std::size_t kKeptLines = 100, kKeptBytes = 8192;
  static constexpr std::size_t kMaxLines = 1000, kMaxBytes = 65536, kMaxLine = 4096;

  enum class Status { more, done, malformed };

  // Eats from `bytes` (advancing it) until a reply is complete or more is needed.
  Status feed(std::string_view& bytes);
  // The complete reply; the parser is then ready for the next.
  Reply take();
  const std::string& error() const { return error_; }

 private:
  Status end_line();
  Status malformed(std::string_view why);

  Reply reply_;
  std::string line_;
  std::size_t lines_ = 0, bytes_ = 0, kept_ = 0;
  std::string error_;
};

}  // namespace smtp

// ChunkDecoder: the chunked transfer coding (RFC 9112 §7.1), strictly: lines end in CRLF only, extensions and
// trailer fields are looked at and dropped. (Beast's own decoder asserts on some splits of a last chunk.)
// Private to net/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace net {

class ChunkDecoder {
 public:
  enum class State { size, data, data_end, trailer, done };

  // Takes what it can use of `bytes`, appending data to `body`; returns how much that was, and goes no
  // further once refused(). A line is taken only whole.
  std::size_t decode(std::string_view bytes, std::string& body, std::size_t body_limit);
  bool done() const { return state_ == State::done; }
  int refused() const { return refused_; }  // the status to refuse with, or 0

 private:
  std::size_t step(std::string_view bytes, std::string& body, std::size_t body_limit);
  std::size_t take_line(std::string_view bytes, std::string_view& line);
  void size_line(std::string_view line, std::size_t room);
  void trailer_line(std::string_view line);

  State state_ = State::size;
  std::uint64_t left_ = 0;
  std::size_t trailer_bytes_ = 0;
  int refused_ = 0;
};

}  // namespace net

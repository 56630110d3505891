// Mail data on the wire (RFC 5321 §4.5.2): dot-stuffing out and in, and the check for bare line ends
// (§2.3.8). Pure; each object serves one message.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace smtp {

// Cuts a message into slices to be written, with the dots added and the end line behind. Slices point into
// the message where nothing is to be added over a long stretch; crowded places are copied into a buffer of
// its own.
class DotStuffer {
 public:
  static constexpr std::size_t kMaxSlices = 16;        // net::Stream::write takes no more
  static constexpr std::size_t kBatchBytes = 1 << 20;  // one write, one time-out
  static constexpr std::size_t kShort = 1024, kScratch = 16384;

  // `parts` must outlive the stuffer.
  explicit DotStuffer(std::span<const std::string_view> parts) : parts_(parts) {}

  // The next slices, valid until the next call; none when all was given.
  std::span<const std::string_view> next();
  bool finished() const { return ended_; }  // the batch given last holds the end of the data

 private:
  bool add_stretch();
  void add(std::string_view piece);
  void add_copy(std::string_view piece);
  void add_end();
  bool full() const;
  std::size_t stretch_length(std::string_view rest) const;

  std::span<const std::string_view> parts_;
  std::size_t part_ = 0, at_ = 0;
  bool line_start_ = true;
  char last_ = '\n', before_last_ = '\r';
  bool ended_ = false;
  std::array<std::string_view, kMaxSlices> slices_;
  std::size_t count_ = 0, bytes_ = 0;
  std::string scratch_;
  bool scratch_open_ = false;  // the last slice is the end of scratch_
};

// Takes data off the wire up to the line with the lone dot. Only CRLF ends a line and only CRLF.CRLF ends the
// data.
class DotDecoder {
 public:
  // Appends what `in` carries to `out` (unless nullptr); the octets eaten, fewer than all only when done().
  std::size_t feed(std::string_view in, std::string* out);
  bool done() const { return state_ == State::done; }
  bool bare_line_end() const { return bare_; }  // a CR or LF stood alone
  std::size_t line_octets() const {
    return line_octets_ > longest_ ? line_octets_ : longest_;
  }  // longest so far

 private:
  enum class State { line_start, dot, dot_cr, middle, after_cr, done };
  std::size_t middle(std::string_view in);
  void end_line();

  State state_ = State::line_start;
  bool bare_ = false;
  std::size_t line_octets_ = 0, longest_ = 0;
};

// Says whether every CR and LF of a message that comes in pieces stands in a CRLF.
class LineEndCheck {
 public:
  void feed(std::string_view in);
  void finish() { bare_ = bare_ || after_cr_; }
  bool bare_line_end() const { return bare_; }

 private:
  bool after_cr_ = false, bare_ = false;
};

}  // namespace smtp

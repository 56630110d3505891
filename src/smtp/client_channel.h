// A client's side of the wire: lines out, replies in (private to the room). Used by one coroutine at a time.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/stream.h"
#include "smtp/input_buffer.h"
#include "smtp/reply.h"
#include "smtp/reply_parser.h"

namespace smtp {

// What came of waiting for a reply: the reply, or what the network did instead.
struct Answer {
  std::optional<Reply> reply;
  std::string detail;
  int code() const { return reply ? reply->code : 0; }
};

std::string describe(const net::IoResult& result);

class Channel {
 public:
  explicit Channel(net::StreamPtr stream) : stream_(std::move(stream)) {}

  base::Task<Answer> read(net::Deadline deadline);
  // Sends `text` and waits for one reply.
  base::Task<Answer> ask(std::string text, net::Deadline deadline);
  // nullopt if all went out.
  base::Task<std::optional<Answer>> send(std::string text, net::Deadline deadline);
  // After a failed write: the server may have said why before it hung up.
  base::Task<Answer> last_words(net::IoResult failed);

  void forget_input() { input_.clear(); }
  bool has_input() const { return !input_.empty(); }
  net::Stream& stream() { return *stream_; }
  const net::Stream& stream() const { return *stream_; }

 private:
  net::StreamPtr stream_;
  InputBuffer input_;
  ReplyParser parser_;
};

}  // namespace smtp

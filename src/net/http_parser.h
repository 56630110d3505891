// HttpParser: bytes to requests, without sockets. Beast parses heads; what Beast lets through and a strict
// origin server must not (RFC 9112 §2.2, §3.2, §5.1, §5.2, §6.1, §11.2) is refused here. Private to net/. One
// connection's, one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/chunk_decoder.h"
#include "net/http.h"

namespace net {

class HttpParser {
 public:
  explicit HttpParser(std::size_t max_head_bytes);
  ~HttpParser();

  struct Step {
    enum Kind { more, done, refused } kind = more;
    std::size_t consumed = 0;
    int status = 0;  // to refuse with
  };

  // Gets all bytes not yet consumed, from the start of a message. `more`: come back with the same bytes and
  // further ones behind them. Consumes nothing, or the whole head.
  Step head(std::string_view bytes);

  // Once head() is done:
  HttpRequest& request();
  bool http11() const;
  bool keep_alive() const;
  bool chunked() const;
  std::size_t content_length() const;  // 0 when chunked
  bool expects_continue() const;

  // The next part of a chunked body, appended to `body`. A chunk's data is consumed as it comes; a chunk's
  // head and the trailer (which is dropped) only whole.
  Step chunks(std::string_view bytes, std::string& body, std::size_t body_limit);

 private:
  struct Beast;
  Step parse(std::string_view head, std::size_t skipped);
  int check() const;

  const std::size_t max_head_;
  std::size_t scanned_ = 0;
  std::unique_ptr<Beast> beast_;
  ChunkDecoder chunks_;
};

}  // namespace net

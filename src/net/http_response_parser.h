// HttpResponseParser: bytes to one response, without sockets; Beast stays behind the .cc. Private to net/.
// One connection's, one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/http_client.h"

namespace net {

class HttpResponseParser {
 public:
  // `head_request`: the answer has no body whatever its header says.
  HttpResponseParser(std::size_t max_head_bytes, std::size_t max_body_bytes, bool head_request);
  ~HttpResponseParser();

  // Takes the next bytes. False: not a response, or over a limit; why() says which.
  bool put(std::string_view bytes);
  void end_of_stream();  // the peer has closed: the end of a body without a length
  bool done() const;
  bool keep_alive() const;  // once done
  const std::string& why() const { return why_; }
  HttpAnswer take();

 private:
  struct Beast;
  std::unique_ptr<Beast> beast_;
  const std::size_t max_waiting_;
  std::string waiting_;  // bytes of a head, or of a line, that is not whole yet
  std::string why_;
};

}  // namespace net

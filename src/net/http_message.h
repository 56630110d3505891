// The answer's side of HTTP/1.1: status line and header fields as bytes. Private to net/.
#pragma once

#include <string>
#include <string_view>

#include "net/http.h"

namespace net {

std::string_view http_reason(int status);

struct ResponseFraming {
  bool keep_alive = true;
  bool say_keep_alive = false;  // to an HTTP/1.0 client
};

// Appends the head, empty line included. Content-Length, Connection, Date and Transfer-Encoding are the
// server's: a handler's own are left out, as is a field whose name or value would break the line (a defect,
// logged).
void append_head(const HttpResponse& response, ResponseFraming framing, std::string& out);
bool status_has_body(int status);

HttpResponse plain_response(int status);  // one line of text

}  // namespace net

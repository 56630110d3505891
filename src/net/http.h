// HTTP/1.1 server (RFC 9112); Boost.Beast parses heads, and stays behind http_parser.cc. One handler serves
// all requests; it runs on the connection's loop. Keep-alive, pipelining, chunked bodies, Expect:
// 100-continue, TLS if given. Requests that break the grammar get 400 and the connection closes. All sizes
// and times are capped: the header section, the body per request (asked of `body_limit` once the head is
// read), the bytes of all bodies in flight, the time for a head, for each piece of a body (with a least
// rate), for writing, and idle.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.h"
#include "net/endpoint.h"
#include "net/loop.h"
#include "net/tls.h"

namespace net {

class ByteBudget;

struct HttpRequest {
  std::string method;
  std::string target;  // as on the wire: "/v2/email/identities/a%40b?x=1"
  std::vector<std::pair<std::string, std::string>> headers;  // order and case as on the wire
  std::string body;
  Endpoint peer;
  std::string tls_version;  // empty without TLS

  std::string_view header(std::string_view name) const;  // first of that name, or empty
  bool has_header(std::string_view name) const;
  std::string_view path() const;   // target up to '?', still encoded
  std::string_view query() const;  // after '?', still encoded
};

struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // Content-Length and Date are added
  std::string body;
  bool close = false;
  // The answer leaves only after this time; the request's body and its share of the budget are gone by then.
  std::chrono::milliseconds held_back{0};
  std::shared_ptr<const void> keep{};  // lives until the answer is on its way
};

struct HttpServerOptions {
  std::size_t max_connections = 4096;
  std::size_t max_connections_per_source = 1024;  // those beyond are closed at once
  std::size_t max_head_bytes = 64 << 10;
  std::function<std::size_t(const HttpRequest& head)> body_limit{};  // body still empty; default 1 MiB
  // Answer for a body over its limit (status 413 usually); default is a plain 413.
  std::function<HttpResponse(const HttpRequest& head)> too_large{};
  std::shared_ptr<ByteBudget> budget{};  // of bodies in flight over all connections; null: one of its own
  std::chrono::milliseconds budget_timeout{60000};  // how long a body waits for its share, then 503
  std::chrono::milliseconds head_timeout{30000}, idle_timeout{75000}, body_timeout{60000},
      write_timeout{60000};
  std::size_t min_body_rate = 1024;  // bytes/s averaged over the body; slower ones are cut off
  const TlsServerContext* tls = nullptr;
};

class HttpServer {
 public:
  using Handler = std::function<base::Task<HttpResponse>(HttpRequest)>;
  HttpServer(LoopPool& pool, HttpServerOptions options, Handler handler);
  // Ends all connections at once and waits some seconds for handlers under way; not on a loop's thread. The
  // pool must still be there.
  ~HttpServer();
  Endpoint listen(
      const Endpoint& endpoint);  // may be called for several; port 0 picks one; throws when taken
  // No new connections; answers under way are finished with Connection: close; then true, or false at the
  // deadline.
  bool drain(Deadline deadline);  // from a thread that is not a loop's
  std::size_t open_connections() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace net

// HttpClient: outgoing HTTP/1.1 (RFC 9112), for hooks, object stores and other AWS services. Connections are
// kept and used again per loop and site. Names come from configuration (`trusted`) or from people who use the
// service: those reach public addresses only (address_guard.h), and redirects are never followed. Sizes and
// times are capped. Any loop; what is open when the client goes is closed.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "net/dns.h"
#include "net/loop.h"
#include "net/tls.h"

namespace net {

struct HttpSite {
  bool tls = false;
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 80;
  bool trusted = false;  // configured by the operator: may be inside

  std::string authority() const;  // "host", "host:8080", "[::1]:80": the Host header
  auto operator<=>(const HttpSite&) const = default;
};

struct HttpUrl {
  HttpSite site;
  std::string target;  // path and query, at least "/"
};
// http and https only, without user info and fragment; nullopt for anything else.
std::optional<HttpUrl> parse_http_url(std::string_view url);

struct HttpCall {
  HttpSite site;
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers;  // Host and Content-Length are added
  std::shared_ptr<const std::string> body;                   // null: none
  std::optional<std::chrono::milliseconds> timeout = {};     // instead of the client's
};

struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  std::string_view header(std::string_view name) const;
};

struct HttpClientOptions {
  std::size_t max_head = 64 << 10, max_body = 8u << 20;
  std::chrono::milliseconds connect_timeout{10000};
  std::chrono::milliseconds call_timeout{60000};  // all of a call, the name look-up included
  std::size_t least_rate = 64 << 10;  // octets a second of the body, for which it gets more time; 0: none
  std::size_t idle_per_site = 8;      // kept per loop
  std::chrono::milliseconds idle_time{20000};
};

class HttpClient {
 public:
  // `tls` checks certificates; both outlive the client.
  HttpClient(Resolver& resolver, const TlsClientContext& tls, HttpClientOptions options = {});
  ~HttpClient();

  // What went wrong is a text for the trace: "connect: refused", "the answer is too large".
  base::Task<base::Result<HttpAnswer, std::string>> call(HttpCall call);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace net

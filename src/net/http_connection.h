// HttpConnection: one client's requests in order, from the handshake to the close. Private to net/.
#pragma once

#include "net/byte_budget.h"
#include "net/http_parser.h"
#include "net/read_buffer.h"
#include "net/stream.h"

namespace net {

inline constexpr std::size_t kBodiesInFlight = 256u << 20, kSmallBodiesInFlight = 64u << 20;

// What the connections of one server share. Outlives them.
struct HttpShared {
  HttpShared(HttpServerOptions o, HttpServer::Handler h)
      : options(std::move(o)),
        handler(std::move(h)),
        budget(options.budget ? options.budget
                              : std::make_shared<ByteBudget>(kBodiesInFlight, kSmallBodiesInFlight)) {}
  const HttpServerOptions options;
  const HttpServer::Handler handler;
  const std::shared_ptr<ByteBudget> budget;
  std::atomic<bool> draining{false};
};

class HttpConnection {
 public:
  HttpConnection(HttpShared& shared, StreamPtr stream);
  base::Task<void> run();

  // Loop's thread: ends it if it waits for a request to begin; else the answer under way is the last.
  void drain();
  void close() { stream_->close(); }

 private:
  // How a step ended: go on, answer with a status and close, or just close.
  struct Verdict {
    enum Kind { proceed, refuse, hang_up } kind = proceed;
    int status = 0;
  };
  static Verdict refuse(int status) { return {Verdict::refuse, status}; }
  static Verdict after(const IoResult& failed);

  base::Task<bool> serve_one();  // false: no more requests
  base::Task<Verdict> read_head();
  base::Task<Verdict> read_body(HttpRequest* request, ByteBudget::Share* share, std::size_t limit);
  base::Task<Verdict> read_sized(std::string* body, ByteBudget::Share* share, std::size_t size);
  base::Task<Verdict> read_chunks(std::string* body, ByteBudget::Share* share, std::size_t limit);
  base::Task<Verdict> say_continue();
  base::Task<HttpResponse> handle(HttpRequest request);
  base::Task<void> hold(std::chrono::milliseconds time);
  base::Task<bool> send(HttpResponse response, bool keep, bool without_body);
  base::Task<void> linger();
  Deadline body_deadline(Deadline began, std::size_t received) const;
  void fill_in(HttpRequest& request) const;

  HttpShared& shared_;
  StreamPtr stream_;
  HttpParser parser_;
  ReadBuffer buffer_;
  std::string out_;
  bool idle_ = false;
  bool first_ = true;
};

}  // namespace net

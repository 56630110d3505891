#include "net/http.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "base/oneshot.h"
#include "net/byte_budget.h"
#include "net/run_on.h"
#include "net/stream.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Task;

// A blocking client that says exactly what a test wants said.
class Client {
 public:
  explicit Client(const Endpoint& to) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port);
    inet_pton(AF_INET, to.address.c_str(), &address.sin_addr);
    timeval most{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fd_ = -1;
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;

  Client& say(std::string_view bytes) {
    while (!bytes.empty()) {
      auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return *this;
  }
  Client& end() {
    ::shutdown(fd_, SHUT_WR);
    return *this;
  }
  // Until the server closes; without the Date fields.
  std::string all() {
    std::string got;
    while (read_more(got)) {
    }
    return without_dates(got);
  }
  std::string until(std::string_view mark) {
    std::string got;
    while (got.find(mark) == std::string::npos && read_more(got)) {
    }
    return without_dates(got);
  }

 private:
  bool read_more(std::string& into) {
    char buffer[4096];
    auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n > 0) into.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  }
  static std::string without_dates(std::string text) {
    for (std::size_t at; (at = text.find("Date: ")) != std::string::npos;) {
      text.erase(at, text.find("\r\n", at) + 2 - at);
    }
    return text;
  }
  int fd_;
};

Task<HttpResponse> answer(HttpRequest request) {
  if (request.path() == "/throw") throw std::runtime_error("on purpose");
  HttpResponse response;
  response.body = request.method + " " + request.target + " " + request.body;
  if (request.path() == "/none") response.status = 204;
  response.close = request.path() == "/close";
  if (request.path() == "/evil") response.headers.emplace_back("X-A", "b\r\nX-Evil: 1");
  if (request.path() == "/headers") {
    for (auto& [name, value] : request.headers) response.body += name + "=" + value + ";";
  }
  co_return response;
}

std::string ok(const std::string& body, const std::string& more = "") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
}
std::string refused(int status, const std::string& reason) {
  return "HTTP/1.1 " + std::to_string(status) + " " + reason +
         "\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(reason.size() + 1) +
         "\r\nConnection: close\r\n\r\n" + reason + "\n";
}
const std::string kClose = "Connection: close\r\n";

struct HttpTest : testing::Test {
  void start(HttpServerOptions options, HttpServer::Handler handler = answer) {
    server.emplace(pool, std::move(options), std::move(handler));
    at = server->listen({"127.0.0.1", 0});
  }
  std::string exchange(std::string_view bytes) {
    Client client(at);
    return client.say(bytes).end().all();
  }
  LoopPool pool{2};
  std::optional<HttpServer> server;
  Endpoint at;
};

TEST_F(HttpTest, AnswersWellFormedRequests) {
  start({});
  struct Case {
    std::string sent, expect;
  } cases[] = {
      {"GET /a?b=%20 HTTP/1.1\r\nHost: x\r\n\r\n", ok("GET /a?b=%20 ")},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", ok("GET / ")},
      {"\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", ok("GET / ")},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", ok("POST / abc")},
      {"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nContent-Length: 3\r\n\r\nabc", ok("POST / abc")},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", ok("POST / ")},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
       "chunked\r\n\r\n3\r\nabc\r\n0A ; x=y\r\n0123456789\r\n0\r\n\r\n",
       ok("POST / abc0123456789")},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nX-Trailer: t\r\n\r\n"
       "GET /next HTTP/1.1\r\nHost: x\r\n\r\n",
       ok("POST / a") + ok("GET /next ")},
      // In order, as many as were sent.
      {"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPUT /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nzzGET /3 "
       "HTTP/1.1\r\nHost: x\r\n\r\n",
       ok("GET /1 ") + ok("PUT /2 zz") + ok("GET /3 ")},
      {"GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n",
       ok("GET /1 ", kClose)},
      {"GET /close HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n", ok("GET /close ", kClose)},
      {"GET /1 HTTP/1.0\r\n\r\nGET /2 HTTP/1.0\r\n\r\n", ok("GET /1 ", kClose)},
      {"GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n",
       ok("GET /1 ", "Connection: keep-alive\r\n") + ok("GET /2 ", kClose)},
      {"HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n",
       "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" + ok("GET /2 ")},
      {"GET /none HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"},
      {"GET http://x:80/a?b HTTP/1.1\r\nHost: x:80\r\n\r\n", ok("GET /a?b ")},
      {"GET HTTPS://x?b HTTP/1.1\r\nHost: x\r\n\r\n", ok("GET /?b ")},
      {"GET http://x HTTP/1.1\r\nHost: x\r\n\r\n", ok("GET / ")},
      {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", ok("OPTIONS * ")},
      {"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nz", ok("POST / z")},
      {"GET /headers HTTP/1.1\r\nHost: x\r\nB:  two words \r\na: \r\nB: 2\r\n\r\n",
       ok("GET /headers Host=x;B=two words;a=;B=2;")},
      {"GET /evil HTTP/1.1\r\nHost: x\r\n\r\n", ok("GET /evil ")},
      {"GET /throw HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
       "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: "
       "22\r\n\r\nInternal Server Error\n" +
           ok("GET / ")},
      {"", ""},
      {"GET / HTT", ""},
  };
  for (auto& c : cases) EXPECT_EQ(exchange(c.sent), c.expect) << c.sent;
}

TEST_F(HttpTest, RefusesWhatBreaksTheGrammar) {
  start({});
  const std::string host = "Host: x\r\n", get = "GET / HTTP/1.1\r\n", post = "POST / HTTP/1.1\r\nHost: x\r\n";
  std::string bad[] = {
      "GET / HTTP/1.1\nHost: x\n\n",
      "GET / HTTP/1.1\r\nHost: x\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\n\n",
      "GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
      "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
      " GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
      "GET /\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.2\r\nHost: x\r\n\r\n",
      "GET / http/1.1\r\nHost: x\r\n\r\n",
      "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET a HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /#f HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n",
      "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
      "G\x01T / HTTP/1.1\r\nHost: x\r\n\r\n",
      get + "\r\n",
      get + "Host: x\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n",
      get + "Host: a b\r\n\r\n",
      get + "Host: a/b\r\n\r\n",
      get + "Host : x\r\n\r\n",
      get + host + "X Y: 1\r\n\r\n",
      get + host + "X\t: 1\r\n\r\n",
      get + host + ": 1\r\n\r\n",
      get + host + "X\r\n\r\n",
      get + host + "X: a\r\n b\r\n\r\n",
      get + host + "X: a\r\n\tb\r\n\r\n",
      get + " folded: x\r\n" + host + "\r\n",
      get + host + "X: a" + std::string(1, '\0') + "b\r\n\r\n",
      get + host + "X: a\x01\r\n\r\n",
      post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
      post + "Content-Length: 3, 3\r\n\r\nabc",
      post + "Content-Length: 3, 4\r\n\r\nabc",
      post + "Content-Length: +3\r\n\r\nabc",
      post + "Content-Length: -3\r\n\r\nabc",
      post + "Content-Length: 0x3\r\n\r\nabc",
      post + "Content-Length:\r\n\r\nabc",
      post + "Content-Length: 99999999999999999999999\r\n\r\nabc",
      post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
      post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      post + "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      post + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      post + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\nx\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\n3 \nabc\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\n 3\r\nabc\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\n3 x\r\nabc\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\n3;\rx\r\nabc\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\n0\r\nX\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\n0\r\n X: y\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\r\n",
      post + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(40000, 'x'),
      post + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(40000, 'x'),
  };
  for (auto& sent : bad) EXPECT_EQ(exchange(sent), refused(400, "Bad Request")) << sent.substr(0, 100);
  EXPECT_EQ(exchange("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), refused(505, "HTTP Version Not Supported"));
  EXPECT_EQ(exchange(post + "Expect: tea\r\nContent-Length: 1\r\n\r\nx"), refused(417, "Expectation Failed"));
  // What went well before stays.
  EXPECT_EQ(exchange(get + host + "\r\nnonsense\r\n\r\n"), ok("GET / ") + refused(400, "Bad Request"));
}

TEST_F(HttpTest, CapsTheHead) {
  start({.max_head_bytes = 1000});
  const std::string too_long = refused(431, "Request Header Fields Too Large");
  auto with_field = [](std::size_t n) {
    return "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(n, 'y') + "\r\n\r\n";
  };
  auto fits = 1000 - with_field(0).size();
  EXPECT_EQ(exchange(with_field(fits)), ok("GET / "));
  EXPECT_EQ(exchange(with_field(fits + 1)), too_long);
  EXPECT_EQ(exchange("GET /" + std::string(5000, 'a')), too_long);
}

TEST_F(HttpTest, CapsTheNumberOfFields) {
  start({});
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 300; ++i) many += "a: b\r\n";
  EXPECT_EQ(exchange(many + "\r\n"), refused(431, "Request Header Fields Too Large"));
}

TEST_F(HttpTest, CapsBodiesAsToldByTheHead) {
  HttpServerOptions options;
  options.body_limit = [](const HttpRequest& head) { return head.path() == "/big" ? 100000u : 10u; };
  options.too_large = [](const HttpRequest& head) {
    HttpResponse response{413, {{"X-Own", "1"}}, head.target, false};
    return response;
  };
  start(std::move(options));
  auto sized = [](std::string path, std::size_t n) {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(n) + "\r\n\r\n" +
           std::string(n, 'x');
  };
  auto own = [](std::string path) {
    return "HTTP/1.1 413 Content Too Large\r\nX-Own: 1\r\nContent-Length: " + std::to_string(path.size()) +
           "\r\nConnection: close\r\n\r\n" + path;
  };
  EXPECT_EQ(exchange(sized("/a", 10)), ok("POST /a xxxxxxxxxx"));
  EXPECT_EQ(exchange(sized("/a", 11)), own("/a"));
  EXPECT_EQ(exchange(sized("/a", 3000000)), own("/a"));
  EXPECT_EQ(exchange(sized("/big", 100000)).size(), ok("POST /big " + std::string(100000, 'x')).size());
  const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(exchange(head + "5\r\nxxxxx\r\n5\r\nyyyyy\r\n0\r\n\r\n"), ok("POST /a xxxxxyyyyy"));
  EXPECT_EQ(exchange(head + "5\r\nxxxxx\r\n6\r\nyyyyyy\r\n0\r\n\r\n"), own("/a"));
  for (auto size : {"ffffffffffffffff", "1ffffffffffffffff", "00000000000000001"}) {
    EXPECT_EQ(exchange(head + size + "\r\n"), own("/a"));
  }
  std::string long_body(90000, 'z');
  std::string chunked = "POST /big HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 9; ++i) chunked += "2710\r\n" + long_body.substr(0, 10000) + "\r\n";
  EXPECT_EQ(exchange(chunked + "0\r\n\r\n"), ok("POST /big " + long_body));
}

TEST_F(HttpTest, SaysContinueOnlyWhenTheBodyMayCome) {
  HttpServerOptions options;
  options.body_limit = [](const HttpRequest&) { return 10u; };
  start(std::move(options));
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n";
  Client patient(at);
  EXPECT_EQ(patient.say(head + "Content-Length: 3\r\n\r\n").until("\r\n\r\n"),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(patient.say("abc").end().all(), ok("POST / abc"));
  Client chunked(at);
  EXPECT_EQ(chunked.say(head + "Transfer-Encoding: chunked\r\n\r\n").until("\r\n\r\n"),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(chunked.say("1\r\na\r\n0\r\n\r\n").end().all(), ok("POST / a"));
  Client greedy(at);
  EXPECT_EQ(greedy.say(head + "Content-Length: 11\r\n\r\n").all(), refused(413, "Content Too Large"));
}

TEST_F(HttpTest, ReadsPiecesOfAnySize) {
  start({});
  const std::string sent =
      "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nT: "
      "u\r\n\r\nPOST /q HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nwxyz";
  for (std::size_t piece : {1u, 2u, 3u, 7u}) {
    Client client(at);
    for (std::size_t i = 0; i < sent.size(); i += piece) client.say(sent.substr(i, piece));
    EXPECT_EQ(client.end().all(), ok("POST /p abcde") + ok("POST /q wxyz"));
  }
}

TEST_F(HttpTest, TimesOut) {
  start({.head_timeout = 1ms, .idle_timeout = 1ms, .body_timeout = 1ms});
  Client silent(at);
  EXPECT_EQ(silent.all(), "");
  Client head(at);
  auto said = head.say("GET / HT").all();
  EXPECT_TRUE(said == refused(408, "Request Timeout") || said.empty())
      << said;  // "" if it rang before the bytes
}

TEST_F(HttpTest, TimesOutInTheBodyAndWhenIdle) {
  start({.idle_timeout = 1ms, .body_timeout = 1ms});
  Client body(at);
  EXPECT_EQ(body.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc").all(),
            refused(408, "Request Timeout"));
  Client idle(at);
  EXPECT_EQ(idle.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").all(), ok("GET / "));
}

// A handler that waits until the test lets it go on.
struct Gate {
  base::OneShot<int> open;
  std::promise<void> entered;
};
Task<HttpResponse> behind(std::shared_ptr<Gate> gate, HttpRequest request) {
  if (request.path() == "/gate") {
    gate->entered.set_value();
    co_await gate->open;
  }
  auto answering = answer(std::move(request));
  co_return co_await answering;
}

TEST_F(HttpTest, BodiesWaitForTheBudget) {
  auto gate = std::make_shared<Gate>();
  start({.budget = std::make_shared<ByteBudget>(100)},
        [gate](HttpRequest r) { return behind(gate, std::move(r)); });
  auto post = [](std::string path, std::size_t n) {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(n) + "\r\n\r\n" +
           std::string(n, 'x');
  };
  Client holder(at), waiter(at), big(at);
  holder.say(post("/gate", 80)).end();
  gate->entered.get_future().get();
  waiter.say(post("/w", 30)).end();
  big.say(post("/b", 500)).end();
  EXPECT_EQ(exchange("GET /free HTTP/1.1\r\nHost: x\r\n\r\n"), ok("GET /free "));
  gate->open.set(1);
  EXPECT_EQ(holder.all(), ok("POST /gate " + std::string(80, 'x')));
  EXPECT_EQ(waiter.all(), ok("POST /w " + std::string(30, 'x')));
  EXPECT_EQ(big.all(), ok("POST /b " + std::string(500, 'x')));
}

TEST_F(HttpTest, BodiesThatWaitTooLongAreTurnedAway) {
  auto gate = std::make_shared<Gate>();
  start({.budget = std::make_shared<ByteBudget>(100), .budget_timeout = 1ms},
        [gate](HttpRequest r) { return behind(gate, std::move(r)); });
  Client holder(at);
  holder.say("POST /gate HTTP/1.1\r\nHost: x\r\nContent-Length: 80\r\n\r\n" + std::string(80, 'x')).end();
  gate->entered.get_future().get();
  EXPECT_EQ(exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n" + std::string(30, 'x')),
            refused(503, "Service Unavailable"));
  gate->open.set(1);
  EXPECT_EQ(holder.all(), ok("POST /gate " + std::string(80, 'x')));
}

TEST_F(HttpTest, DrainFinishesWhatIsUnderWay) {
  auto gate = std::make_shared<Gate>();
  start({}, [gate](HttpRequest r) { return behind(gate, std::move(r)); });
  Client busy(at), idle(at);
  EXPECT_EQ(idle.say("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n").until("GET /1 "), ok("GET /1 "));
  busy.say("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
  gate->entered.get_future().get();
  EXPECT_FALSE(server->drain(Steady::now() + 1ms));
  EXPECT_EQ(idle.all(), "");
  gate->open.set(1);
  EXPECT_EQ(busy.all(), ok("GET /gate ", kClose));
  busy.end();
  EXPECT_TRUE(server->drain(Steady::now() + 20s));
  EXPECT_EQ(server->open_connections(), 0u);
}

TEST_F(HttpTest, EndsOpenConnectionsWhenItGoes) {
  start({});
  Client idle(at);
  EXPECT_EQ(idle.say("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n").until("GET /1 "), ok("GET /1 "));
  server.reset();
  EXPECT_EQ(idle.all(), "");
}

TEST_F(HttpTest, LimitsConnections) {
  start({.max_connections = 1});
  Client first(at);
  EXPECT_EQ(first.say("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n").until("GET /1 "), ok("GET /1 "));
  Client second(at);
  EXPECT_EQ(second.say("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n").all(), "");
  EXPECT_THROW(server->listen(at), std::runtime_error);
}

TEST_F(HttpTest, LimitsConnectionsOfOneSource) {
  start({.max_connections_per_source = 2});
  Client first(at);
  EXPECT_EQ(first.say("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n").until("GET /1 "), ok("GET /1 "));
  {
    Client second(at);
    EXPECT_EQ(second.say("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n").until("GET /2 "), ok("GET /2 "));
    Client third(at);
    EXPECT_EQ(third.say("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n").all(), "");
    EXPECT_EQ(second.end().all(), "");
  }
  while (server->open_connections() > 1) std::this_thread::yield();
  Client fourth(at);
  EXPECT_EQ(fourth.say("GET /4 HTTP/1.1\r\nHost: x\r\n\r\n").until("GET /4 "), ok("GET /4 "));
}

struct Held {
  std::weak_ptr<const void> kept;
  Task<HttpResponse> answer(HttpRequest request) {
    HttpResponse response;
    response.body = request.path();
    if (request.path() != "/held") co_return response;
    auto keep = std::make_shared<const int>(1);
    kept = keep;
    response.held_back = 1500ms;
    response.keep = keep;
    co_return response;
  }
};

// The share of the budget is given back while the answer waits, so the second body finds room.
TEST_F(HttpTest, AnAnswerHeldBackHoldsNoBody) {
  Held held;
  start({.budget = std::make_shared<ByteBudget>(1000)},
        [&held](HttpRequest request) { return held.answer(std::move(request)); });
  const std::string body(1000, 'x');
  const auto post = [&](const std::string& path) {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + body;
  };
  const auto began = Steady::now();
  Client first(at), second(at);
  first.say(post("/held"));
  EXPECT_EQ(second.say(post("/soon")).until("/soon"), ok("/soon"));
  EXPECT_EQ(first.until("/held"), ok("/held"));
  EXPECT_GE(Steady::now() - began, 1500ms);
  EXPECT_TRUE(held.kept.expired());
}

Task<std::string> ask_over_tls(Endpoint to, const TlsClientContext* context) {
  auto deadline = Steady::now() + 20s;
  auto made = co_await connect(to, deadline);
  if (!made) co_return made.error().detail;
  auto stream = std::move(*made);
  auto shook = co_await stream->start_tls_client(*context, "x.example", deadline);
  if (!shook.ok()) co_return shook.detail;
  co_await stream->write("GET /tls HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", deadline);
  std::string all;
  for (;;) {
    char buffer[1000];
    auto got = co_await stream->read_some(buffer, deadline);
    if (!got.ok()) co_return all;
    all.append(buffer, got.bytes);
  }
}

Task<HttpResponse> tell_tls(HttpRequest request) {
  HttpResponse response;
  response.body = request.tls_version + " from " + request.peer.address;
  co_return response;
}

TEST_F(HttpTest, ServesTls) {
  auto dir = std::filesystem::path(testing::TempDir()) / ("sesame-http-" + std::to_string(getpid()));
  std::filesystem::create_directories(dir);
  auto made = make_self_signed("x.example");
  std::ofstream(dir / "cert.pem") << made.certificate_pem;
  std::ofstream(dir / "key.pem") << made.key_pem;
  TlsServerContext context(dir / "cert.pem", dir / "key.pem");
  TlsClientContext client(dir / "cert.pem", true);
  std::filesystem::remove_all(dir);
  start({.tls = &context}, tell_tls);
  auto answer = run_on(pool.at(0), [&] { return ask_over_tls(at, &client); });
  EXPECT_TRUE(answer.ends_with("\r\n\r\nTLSv1.3 from 127.0.0.1")) << answer;
  server.reset();
}

// The budget alone: who gets what, in which order.
struct Asker {
  explicit Asker(ByteBudget& budget) : share(std::in_place, budget) {}
  std::optional<ByteBudget::Share> share;
  std::string log;
};
Task<void> grow(Asker* asker, std::size_t bytes, Deadline deadline) {
  auto growing = asker->share->grow_to(bytes, deadline);
  bool granted = co_await growing;
  asker->log += granted ? "+" + std::to_string(bytes) : std::string("-");
}
Task<void> nothing() { co_return; }

struct BudgetTest : testing::Test {
  void on_loop(std::function<void()> work) {
    run_on(pool.at(0), [&] {
      work();
      return nothing();
    });
    settle();
  }
  // What the loop's own work posts is taken up after the work, so later than a post from here made meanwhile.
  void settle() {
    for (int i = 0; i < 4; ++i) run_on(pool.at(0), [] { return nothing(); });
  }
  void ask(Asker& asker, std::size_t bytes) {
    on_loop([&] { base::spawn(grow(&asker, bytes, Steady::now() + 1h)); });
  }
  void leave(Asker& asker) {
    on_loop([&] { asker.share.reset(); });
  }
  LoopPool pool{1};
  ByteBudget budget{100};
};

TEST_F(BudgetTest, IsFirstComeFirstServed) {
  Asker a(budget), b(budget), c(budget), d(budget);
  ask(a, 60), ask(b, 50), ask(c, 10), ask(d, 200);
  EXPECT_EQ(a.log + b.log + c.log + d.log, "+60");  // c would fit, but b was first
  EXPECT_EQ(budget.waiting(), 3u);
  leave(a);
  EXPECT_EQ(b.log + c.log + d.log, "+50+10");
  leave(b), leave(c);
  EXPECT_EQ(d.log, "+200");  // larger than all of it, so alone
  Asker e(budget);
  ask(e, 1);
  EXPECT_EQ(e.log, "");
  leave(d);
  EXPECT_EQ(e.log, "+1");
  leave(e);
  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(BudgetTest, GrowersNeverWaitForEachOtherForEver) {
  Asker a(budget), b(budget), c(budget);
  ask(a, 40), ask(b, 60), ask(c, 10);
  ask(b, 70);
  EXPECT_EQ(b.log, "+60");  // a still works
  ask(a, 50);
  EXPECT_EQ(a.log, "+40+50");  // all wait: the oldest goes on
  ask(a, 80);
  EXPECT_EQ(a.log, "+40+50+80");
  leave(a);
  EXPECT_EQ(b.log, "+60+70");
  EXPECT_EQ(c.log, "+10");
  leave(b), leave(c);
  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(BudgetTest, SmallOnesDoNotWaitBehindLargeOnes) {
  constexpr auto kSmall = ByteBudget::kSmall;
  ByteBudget roomy(4 * kSmall, 2 * kSmall);
  Asker large(roomy), waits(roomy), one(roomy), two(roomy), three(roomy);
  ask(large, 4 * kSmall), ask(waits, 2 * kSmall);
  ask(one, 100), ask(one, kSmall), ask(two, kSmall), ask(three, 1);
  EXPECT_EQ(waits.log + three.log, "");  // their room is used up too: three waits its turn
  EXPECT_EQ(one.log, "+100+" + std::to_string(kSmall));
  EXPECT_EQ(two.log, "+" + std::to_string(kSmall));
  ask(two, kSmall + 1);  // grown out of it: what it held there is free when it has its share
  EXPECT_EQ(roomy.waiting(), 3u);
  leave(large);
  EXPECT_EQ(two.log, "+" + std::to_string(kSmall) + "+" + std::to_string(kSmall + 1));
  EXPECT_EQ(waits.log + three.log, "+" + std::to_string(2 * kSmall) + "+1");
  EXPECT_EQ(roomy.used(), 2 * kSmall + kSmall + 1 + kSmall + 1);
  leave(waits), leave(one), leave(two), leave(three);
  EXPECT_EQ(roomy.used(), 0u);
}

TEST_F(BudgetTest, GivesUpAtTheDeadline) {
  Asker a(budget), b(budget);
  ask(a, 100);
  on_loop([&] { base::spawn(grow(&b, 1, Steady::now())); });
  settle();
  EXPECT_EQ(b.log, "-");
  on_loop([&] { base::spawn(grow(&b, 1, Steady::now() + 1ms)); });
  while (budget.waiting() > 0) settle();
  settle();
  EXPECT_EQ(b.log, "--");
  leave(a), leave(b);
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace net

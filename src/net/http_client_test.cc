#include "net/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "net/address_guard.h"
#include "net/http.h"
#include "net/http_response_parser.h"
#include "net/run_on.h"
#include "net/stream.h"

namespace net {
namespace {

using namespace std::chrono_literals;

base::Task<HttpResponse> answer(HttpRequest request) {
  HttpResponse response;
  response.body = request.method + " " + request.target + " " + std::string(request.header("Host")) + " " +
                  std::string(request.header("X-Test")) + " " + request.body;
  if (request.path() == "/large") response.body.assign(1 << 20, 'x');
  if (request.path() == "/none") response.status = 204;
  response.close = request.path() == "/close";
  co_return response;
}

struct HttpClientTest : testing::Test {
  HttpClientTest() {
    server.emplace(pool, HttpServerOptions{}, answer);
    site.host = "server.test";
    site.port = server->listen({"127.0.0.1", 0}).port;
    site.trusted = true;
    dns.add("server.test", DnsType::a, {"127.0.0.1"});
  }
  base::Result<HttpAnswer, std::string> run(HttpCall call) {
    return run_on(pool.at(0), [&] { return client.call(std::move(call)); });
  }
  std::string body_of(HttpCall call) {
    auto got = run(std::move(call));
    return got ? std::to_string(got->status) + " " + got->body : "failed: " + got.error();
  }

  LoopPool pool{1};
  TableResolver dns;
  TlsClientContext tls{"", true};
  HttpClientOptions options;
  HttpClient client{dns, tls, {.max_body = 1000}};
  std::optional<HttpServer> server;
  HttpSite site;
};

TEST_F(HttpClientTest, CallsAndReadsTheAnswer) {
  HttpCall call{site, "POST", "/a?b=c", {{"X-Test", "t"}}, std::make_shared<const std::string>("body")};
  EXPECT_EQ(body_of(call), "200 POST /a?b=c " + site.authority() + " t body");
  EXPECT_EQ(server->open_connections(), 1u);
  call.method = "GET";
  call.body = nullptr;
  EXPECT_EQ(body_of(call), "200 GET /a?b=c " + site.authority() + " t ");
  EXPECT_EQ(server->open_connections(), 1u) << "the connection is used again";
  call.target = "/close";
  EXPECT_EQ(body_of(call), "200 GET /close " + site.authority() + " t ");
  call.target = "/none";
  EXPECT_EQ(body_of(call), "204 ");
  call.method = "HEAD";
  EXPECT_EQ(body_of(call), "204 ");
}

// Whoever calls once at each of many sites does not keep a connection to each for ever.
TEST_F(HttpClientTest, WhatIsIdleTooLongIsClosedWhateverIsCalledNext) {
  HttpClient brief{dns, tls, {.idle_time = 0ms}};
  for (int n = 0; n < 5; ++n) {
    HttpCall call{site, "GET", "/", {}, nullptr};
    call.site.host = "server" + std::to_string(n) + ".test";
    dns.add(call.site.host, DnsType::a, {"127.0.0.1"});
    EXPECT_TRUE(run_on(pool.at(0), [&] { return brief.call(std::move(call)); }));
  }
  const auto until = Steady::now() + 10s;  // the server sees it a moment later
  while (server->open_connections() > 1 && Steady::now() < until) std::this_thread::yield();
  EXPECT_EQ(server->open_connections(), 1u);
}

TEST_F(HttpClientTest, LimitsAndFaultsAreTold) {
  HttpCall call{site, "GET", "/large", {}, nullptr};
  EXPECT_EQ(body_of(call), "failed: bad answer: body limit exceeded");
  call.target = "/a b";
  EXPECT_EQ(body_of(call), "failed: the request is malformed");
  call.target = "/";
  call.headers = {{"X", "a\r\nY: b"}};
  EXPECT_EQ(body_of(call), "failed: the request is malformed");
  call.headers.clear();
  call.site.host = "gone.test";
  EXPECT_EQ(body_of(call), "failed: no address of gone.test is known");
}

// 40 MB over a line of 5 Mbit/s take longer than any other call may.
TEST_F(HttpClientTest, ALargeBodyHasMoreTime) {
  HttpClient slow{dns, tls, {.call_timeout = 0ms, .least_rate = 1}};
  HttpCall call{site, "POST", "/", {}, std::make_shared<const std::string>(30, 'x')};
  EXPECT_TRUE(run_on(pool.at(0), [&] { return slow.call(call); }));
  call.body = std::make_shared<const std::string>();
  EXPECT_FALSE(run_on(pool.at(0), [&] { return slow.call(call); }));
}

TEST_F(HttpClientTest, ACallMayHaveATimeOfItsOwn) {
  HttpCall call{site, "GET", "/", {}, nullptr};
  call.timeout = 0ms;
  EXPECT_NE(body_of(call).find("timed out"), std::string::npos) << body_of(call);
  HttpClient brief{dns, tls, {.call_timeout = 0ms}};
  call.timeout = 20s;
  EXPECT_TRUE(run_on(pool.at(0), [&] { return brief.call(call); }));
}

// A server that answers the first request of a connection, breaks off in the answer to the second, and
// closes.
struct HalfServer {
  HalfServer() {
    ::bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listening, 5);
    socklen_t size = sizeof address;
    ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size);
    thread = std::thread([this] { run(); });
  }
  ~HalfServer() {
    ::shutdown(listening, SHUT_RDWR);
    thread.join();
    ::close(listening);
  }
  void run() {
    for (int fd; (fd = ::accept(listening, nullptr, nullptr)) >= 0; ::close(fd)) {
      for (std::string_view text : {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                                    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"}) {
        char buffer[4096];
        if (::read(fd, buffer, sizeof buffer) <= 0) break;
        ++requests;
        static_cast<void>(!::write(fd, text.data(), text.size()));
      }
    }
  }
  int listening = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
  std::atomic<int> requests{0};
  std::thread thread;
};

TEST_F(HttpClientTest, WhoBeganToAnswerIsNotAskedTwice) {
  HalfServer half;
  site.port = ntohs(half.address.sin_port);
  HttpCall call{site, "POST", "/", {}, nullptr};
  EXPECT_EQ(body_of(call), "200 ok");
  EXPECT_EQ(body_of(call).substr(0, 15), "failed: receive");
  EXPECT_EQ(half.requests, 2);
}

TEST(HttpResponseParser, NothingGrowsWithoutBound) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string line(1000, 'x');
  struct Case {
    const char* what;
    std::string start, more;
  } cases[] = {
      {"a header", "HTTP/1.1 200 OK\r\nX: ", line},
      {"headers", "HTTP/1.1 200 OK\r\n", "X: " + line + "\r\n"},
      {"a body", "HTTP/1.1 200 OK\r\n\r\n", line},
      {"chunks", chunked, "3e8\r\n" + line + "\r\n"},
      {"a chunk's extension", chunked + "5;a=", line},
      {"a chunk's size", chunked, std::string(1000, '0')},
      {"a trailer", chunked + "0\r\nX: ", line},
      {"trailers", chunked + "0\r\n", "X: " + line + "\r\n"},
  };
  for (const auto& c : cases) {
    HttpResponseParser parser(4000, 5000, false);
    bool good = parser.put(c.start);
    int put = 0;
    while (good && put < 100) good = parser.put(c.more), ++put;
    EXPECT_FALSE(good) << c.what;
    EXPECT_LT(put, 12) << c.what << ": " << parser.why();
  }
}

TEST_F(HttpClientTest, NamesThatOthersChoseDoNotLeadInside) {
  HttpCall call{site, "GET", "/", {}, nullptr};
  call.site.trusted = false;
  EXPECT_EQ(body_of(call), "failed: server.test leads to no public address");
  call.site.host = "127.0.0.1";
  EXPECT_EQ(body_of(call), "failed: 127.0.0.1 leads to no public address");
}

TEST(AddressGuard, OnlyWhatAnyoneCanReach) {
  for (const char* address : {"8.8.8.8", "192.0.3.1", "172.32.0.1", "168.63.129.17", "2600::1", "2001:200::1",
                              "3fff:1000::1", "2a00:1450::1", "::ffff:8.8.8.8"})
    EXPECT_TRUE(is_public_address(address)) << address;
  for (const char* address : {"127.0.0.1",
                              "10.1.2.3",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.0.1",
                              "169.254.169.254",
                              "100.64.0.1",
                              "0.0.0.0",
                              "224.0.0.1",
                              "255.255.255.255",
                              "192.0.2.1",
                              "::1",
                              "::",
                              "fe80::1",
                              "fc00::1",
                              "fd00:ec2::254",
                              "ff02::1",
                              "2001:db8::1",
                              "::ffff:10.0.0.1",
                              "64:ff9b::a00:1",
                              "2002:7f00:1::",
                              "2001::1",
                              "2001:1ff::1",
                              "3fff:fff::1",
                              "::7f00:1",
                              "64:ff9b:1::a00:1",
                              "168.63.129.16",
                              "::ffff:168.63.129.16",
                              "localhost",
                              ""})
    EXPECT_FALSE(is_public_address(address)) << address;
}

TEST(HttpUrl, IsTakenApart) {
  struct Case {
    const char* url;
    const char* told;  // "" where it is none
  } cases[] = {
      {"http://Host.test/a?b#c", "0 host.test 80 /a?b host.test"},
      {"https://host.test", "1 host.test 443 / host.test"},
      {"https://host.test:8443?x", "1 host.test 8443 /?x host.test:8443"},
      {"http://[::1]:8080/", "0 ::1 8080 / [::1]:8080"},
      {"ftp://host.test/", ""},
      {"http://user@host.test/", ""},
      {"http://host.test:0/", ""},
      {"http://host.test:99999/", ""},
      {"http:///path", ""},
      {"http://[::1/", ""},
      {"http://a b/", ""},
      {"host.test", ""},
  };
  for (const auto& c : cases) {
    auto url = parse_http_url(c.url);
    std::string told;
    if (url)
      told = std::to_string(url->site.tls) + " " + url->site.host + " " + std::to_string(url->site.port) +
             " " + url->target + " " + url->site.authority();
    EXPECT_EQ(told, c.told) << c.url;
  }
}

}  // namespace
}  // namespace net

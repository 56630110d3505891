#include "receive/scan.h"

#include <gtest/gtest.h>

#include "net/http.h"
#include "net/run_on.h"
#include "net/stream.h"
#include "receive/scan_clamd.h"
#include "receive/scan_rspamd.h"
#include "receive/verdicts.h"

namespace receive {
namespace {

using namespace std::chrono_literals;

struct Answer {
  const char* text;
  const char* verdict;
  const char* detail;
};

TEST(Clamd, AnswersAreRead) {
  for (const auto& [text, verdict, detail] :
       {Answer{"stream: OK", "PASS", ""}, Answer{"stream: OK\n", "PASS", ""},
        Answer{"stream: Eicar-Signature FOUND", "FAIL", "Eicar-Signature"},
        Answer{"stream: A B\x01 FOUND", "FAIL", "A B?"},
        Answer{"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", "GRAY",
               "Heuristics.Limits.Exceeded.MaxFileSize"},
        Answer{"INSTREAM size limit exceeded. ERROR", "PROCESSING_FAILED",
               "INSTREAM size limit exceeded. ERROR"},
        Answer{"stream:  FOUND", "PROCESSING_FAILED", "stream:  FOUND"},
        Answer{"stream: FOUND", "PROCESSING_FAILED", "stream: FOUND"},
        Answer{"OK", "PROCESSING_FAILED", "OK"}, Answer{"", "PROCESSING_FAILED", "no answer"}})
    EXPECT_EQ(read_clamd_answer(text), (Scanned{verdict, detail})) << text;
  EXPECT_EQ(read_clamd_answer(std::string(5000, 'x')).detail.size(), 200u);
}

TEST(Rspamd, AnswersAreRead) {
  for (const auto& [text, verdict, detail] :
       {Answer{R"({"action":"no action","score":1.5})", "PASS", ""},
        Answer{R"({"score":15.0,"action":"reject"})", "FAIL", "reject"},
        Answer{R"({"action":"discard"})", "FAIL", "discard"},
        Answer{R"({"action":"greylist"})", "GRAY", "greylist"},
        Answer{R"({"action":"add header"})", "GRAY", "add header"},
        Answer{R"({"action":"rewrite subject"})", "GRAY", "rewrite subject"},
        Answer{R"({"action":"soft reject"})", "GRAY", "soft reject"},
        Answer{R"({"action":"quarantine"})", "GRAY", "quarantine"},
        Answer{R"({"action":"dance"})", "PROCESSING_FAILED", "the action dance"},
        Answer{R"({"action":1})", "PROCESSING_FAILED", "the answer names no action"},
        Answer{R"({"error":"x"})", "PROCESSING_FAILED", "the answer names no action"},
        Answer{"<html>", "PROCESSING_FAILED", "the answer names no action"}})
    EXPECT_EQ(read_rspamd_answer(200, text), (Scanned{verdict, detail})) << text;
  EXPECT_EQ(read_rspamd_answer(500, R"({"action":"no action"})"), not_scanned("HTTP status 500"));
}

TEST(Verdicts, AreUnpackedAsTheyWerePacked) {
  Verdicts v;
  v.spf = "PASS";
  v.receipt = "X: a=&b\r\n";
  v.signature = "Y: c\r\n";
  v.scan = {{"FAIL", "reject"}, {"PROCESSING_FAILED", "connect: refused"}};
  const auto read = unpack_verdicts(pack(v));
  EXPECT_EQ(read.spf, "PASS");
  EXPECT_EQ(read.receipt, v.receipt);
  EXPECT_EQ(read.signature, v.signature);
  EXPECT_EQ(read.scan.spam, v.scan.spam);
  EXPECT_EQ(read.scan.virus, v.scan.virus);
}

// Reads as clamd does, and answers how many octets the mail had, or that it found something.
base::Task<void> play_clamd(net::StreamPtr stream) {
  const auto soon = net::Steady::now() + 20s;
  std::string got;
  std::vector<char> buffer(65536);
  std::size_t at = 10, octets = 0;
  bool infected = false;
  for (;;) {
    while (got.size() < at + 4) {
      const auto read = co_await stream->read_some(buffer, soon);
      if (!read.ok()) co_return;
      got.append(buffer.data(), read.bytes);
    }
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(got[at + i]);
    at += 4;
    if (length == 0) break;
    while (got.size() < at + length) {
      const auto read = co_await stream->read_some(buffer, soon);
      if (!read.ok()) co_return;
      got.append(buffer.data(), read.bytes);
    }
    infected = infected || got.substr(at, length).find("VIRUS") != got.npos;
    octets += length;
    at += length;
  }
  std::string answer = got.starts_with(std::string("zINSTREAM\0", 10)) ? "stream: " : "UNKNOWN ";
  answer += infected ? "Test.Virus FOUND" : std::to_string(octets) + " FOUND";
  answer += '\0';
  const auto first = answer.substr(0, 5), rest = answer.substr(5);  // in two pieces
  co_await stream->write(std::string_view(first), soon);
  co_await stream->write(std::string_view(rest), soon);
}

base::Task<net::HttpResponse> play_rspamd(net::HttpRequest request) {
  net::HttpResponse response;
  std::string seen = request.target + "|" + std::string(request.header("From"));
  for (const auto& [name, value] : request.headers)
    if (name == "Rcpt" || name == "IP" || name == "Helo") seen += "|" + value;
  const bool as_meant =
      seen == "/checkv2|a@example.net|192.0.2.1|mx.example.net|x@example.com|y@example.com" ||
      seen == "/r/checkv2|a@example.net|192.0.2.1|mx.example.net|x@example.com|y@example.com";
  response.status = as_meant ? 200 : 400;
  response.body =
      request.body.find("SPAM") == std::string::npos ? R"({"action":"no action"})" : R"({"action":"reject"})";
  co_return response;
}

struct ScanTest : testing::Test {
  ScanTest() {
    clamd.emplace(pool, net::Endpoint{"127.0.0.1", 0}, 10, play_clamd);
    rspamd.emplace(pool, net::HttpServerOptions{}, play_rspamd);
    both.clamd = clamd->local();
    both.rspamd = net::parse_http_url("http://" + rspamd->listen({"127.0.0.1", 0}).text());
  }
  ScanVerdicts run(Scanners with, std::string content) {
    ses::ReceivedMail mail;
    mail.sender = "a@exa\r\nmple.net";
    mail.source_ip = "192.0.2.1";
    mail.helo = "mx.example.net";
    mail.recipients = {"x@example.com", "y@example.com"};
    mail.content = std::make_shared<const std::string>(std::move(content));
    return net::run_on(pool.at(0), [&] { return scan(with, &http, mail); });
  }

  net::LoopPool pool{1};
  net::TableResolver dns;
  net::TlsClientContext tls{"", true};
  net::HttpClient http{dns, tls, rspamd_limits()};
  std::optional<net::Listener> clamd;
  std::optional<net::HttpServer> rspamd;
  Scanners both;
};

TEST_F(ScanTest, BothAreAsked) {
  for (const auto& [content, spam, virus] :
       {std::tuple{std::string("x: y"), Scanned{"PASS", ""}, Scanned{"FAIL", "4"}},
        {std::string(), Scanned{"PASS", ""}, Scanned{"FAIL", "0"}},
        {std::string(600000, 'x') + "VIRUS", Scanned{"PASS", ""}, Scanned{"FAIL", "Test.Virus"}},
        {std::string(524288, 'x'), Scanned{"PASS", ""}, Scanned{"FAIL", "524288"}},
        {std::string("SPAM"), Scanned{"FAIL", "reject"}, Scanned{"FAIL", "4"}}}) {
    const auto got = run(both, content);
    EXPECT_EQ(got.spam, spam) << got.spam.detail;
    EXPECT_EQ(got.virus, virus) << got.virus.detail;
  }
  auto below = both;
  below.rspamd->target = "/r/";
  EXPECT_EQ(run(below, "x").spam.verdict, "PASS");
}

TEST_F(ScanTest, WhoIsNotThereDoesNotDecide) {
  const auto none = run({}, "x");
  EXPECT_EQ(none.spam, Scanned{});
  EXPECT_EQ(none.virus, Scanned{});
  auto gone = both;
  clamd->stop();
  clamd.reset();
  rspamd.reset();
  const auto got = run(gone, "x");
  EXPECT_EQ(got.virus, not_scanned("connect: connection refused"));
  EXPECT_EQ(got.spam.verdict, "PROCESSING_FAILED");
}

TEST(Scan, IsWantedWhereARuleSaysSo) {
  ses::ReceivedMail mail;
  mail.plan.resize(2);
  EXPECT_FALSE(wants_scan(mail));
  mail.plan[1].scan = true;
  EXPECT_TRUE(wants_scan(mail));
  EXPECT_EQ(shown_to(mail.plan[0], {"FAIL", ""}), "DISABLED");
  EXPECT_EQ(shown_to(mail.plan[1], {"FAIL", ""}), "FAIL");
  EXPECT_EQ(shown_to(mail.plan[1], {}), "GRAY");
}

}  // namespace
}  // namespace receive

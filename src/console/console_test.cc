// The small parts of the console: durations, who may ask, JSON in and out, filters, look-alikes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "console/command_line.h"
#include "console/duration.h"
#include "console/html_view.h"
#include "console/http_tools.h"
#include "console/json_body.h"
#include "console/lookalike_json.h"
#include "console/message_json.h"
#include "console/web_guard.h"

namespace console {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Duration, Forms) {
  EXPECT_EQ(parse_duration("5s"), milliseconds(5000));
  EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(parse_duration("14h"), std::chrono::hours(14));
  EXPECT_EQ(parse_duration("1h30m"), std::chrono::minutes(90));
  EXPECT_EQ(parse_duration("2d"), std::chrono::hours(48));
  EXPECT_EQ(parse_duration("1.5"), milliseconds(1500));
  EXPECT_EQ(parse_duration("0"), milliseconds(0));
  for (const char* bad : {"", "h", "-5s", "5x", "5 s", "1h30", "inf", "nan", "99999999999d", "1e300s", "s5"})
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
}

TEST(WebGuard, Hosts) {
  for (const char* own : {"127.0.0.1:8025", "localhost", "LOCALHOST:8025", "[::1]:8025", "192.168.1.7",
                          "sesame:8025", "mail.localhost", "host.docker.internal:8025", "ses.example.net"})
    EXPECT_TRUE(is_own_host(own, {"ses.example.net"})) << own;
  for (const char* foreign :
       {"", "evil.example.com", "localhost.evil.com", "127.0.0.1.nip.io", "[::1", "a.local"})
    EXPECT_FALSE(is_own_host(foreign, {"ses.example.net"})) << foreign;
}

net::HttpRequest request(std::string method, std::vector<std::pair<std::string, std::string>> headers) {
  net::HttpRequest out;
  out.method = std::move(method);
  out.target = "/_sesame/messages";
  out.headers = std::move(headers);
  return out;
}

TEST(WebGuard, Requests) {
  EXPECT_FALSE(refusal_of(request("POST", {{"Host", "localhost:1"}}), {}));
  EXPECT_FALSE(refusal_of(request("POST", {{"Host", "localhost:1"}, {"Origin", "http://localhost:1"}}), {}));
  EXPECT_TRUE(refusal_of(request("GET", {{"Host", "rebound.example"}}), {}));
  EXPECT_TRUE(refusal_of(request("GET", {}), {}));
  EXPECT_TRUE(refusal_of(request("POST", {{"Host", "localhost:1"}, {"Origin", "http://localhost:2"}}), {}));
  EXPECT_TRUE(refusal_of(request("POST", {{"Host", "localhost:1"}, {"Origin", "null"}}), {}));
  EXPECT_TRUE(refusal_of(request("GET", {{"Host", "localhost:1"}, {"Origin", "https://evil.example"}}), {}));
  EXPECT_TRUE(refusal_of(request("DELETE", {{"Host", "localhost:1"}, {"Sec-Fetch-Site", "cross-site"}}), {}));
  EXPECT_FALSE(refusal_of(request("GET", {{"Host", "localhost:1"}, {"Sec-Fetch-Site", "cross-site"}}), {}));
}

TEST(JsonBody, Kinds) {
  const auto body = parse_json_body(R"({"a":true,"b":2.5,"c":"x","d":["y","z"],"e":null})");
  ASSERT_TRUE(body);
  EXPECT_TRUE(*body->boolean("a"));
  EXPECT_EQ(*body->number("b"), 2.5);
  EXPECT_EQ(*body->text("c"), "x");
  EXPECT_THAT(*body->list("d"), ElementsAre("y", "z"));
  EXPECT_EQ(body->text("a"), nullptr);
  EXPECT_EQ(body->text("none"), nullptr);
  EXPECT_TRUE(parse_json_body("")->members.empty());
  for (const char* bad : {"[]", "1", "{", R"({"a":{}})", R"({"a":[1]})", "{}x"})
    EXPECT_FALSE(parse_json_body(bad)) << bad;
}

TEST(HttpTools, QueryAndPath) {
  const auto query = query_parameters("to=a%40b.c&subject=x+y&to=second&flag&=");
  EXPECT_EQ(find_parameter(query, "to"), "a@b.c");
  EXPECT_EQ(find_parameter(query, "subject"), "x y");
  EXPECT_EQ(find_parameter(query, "flag"), std::nullopt);
  EXPECT_EQ(number_parameter({{"n", "12"}}, "n", 0, 20), 12);
  EXPECT_EQ(number_parameter({{"n", "21"}}, "n", 0, 20), std::nullopt);
  EXPECT_EQ(number_parameter({{"n", "1x"}}, "n", 0, 20), std::nullopt);
  EXPECT_EQ(number_parameter({}, "n", 7, 20), 7);
  EXPECT_THAT(path_pieces("/_sesame/messages/a%2Fb/raw"), ElementsAre("_sesame", "messages", "a/b", "raw"));
}

TEST(CommandLine, WordsAndOptions) {
  const auto line =
      parse_command_line({"set", "--sandbox", "on", "--rate=5", "--resume", "sending=off", "last"});
  EXPECT_THAT(line.words, ElementsAre("set", "last"));
  EXPECT_EQ(line.option("sandbox"), "on");
  EXPECT_EQ(line.option("rate"), "5");
  EXPECT_EQ(line.option("sending"), "off");
  EXPECT_EQ(line.option("resume"), "");
  EXPECT_THROW(parse_command_line({"--rate"}), std::invalid_argument);
  EXPECT_THROW(parse_command_line({"--a=1", "--a=2"}), std::invalid_argument);
}

ses::MessageSummary sample() {
  ses::MessageSummary m;
  m.seq = 7;
  m.id = ses::MessageId("0100-x-000000");
  m.scope = {ses::AccountId("000000000000"), ses::Region("us-east-1")};
  m.accepted = base::from_millis(1700000000123);
  m.size = 42;
  m.meta.source = "\"Ann, A.\" <ann@example.com>";
  m.meta.subject = "Hello \"you\"";
  m.meta.to = {"Bob <bob@example.org>"};
  m.meta.cc = {"carol@example.org"};
  m.meta.tags = {{"campaign", "spring"}};
  m.meta.operation = "SendEmail";
  m.recipients = {"bob@example.org", "carol@example.org"};
  m.states = {ses::RecipientState::captured, ses::RecipientState::captured};
  return m;
}

TEST(MessageFilter, Matches) {
  const auto m = sample();
  EXPECT_TRUE(MessageFilter{}.matches(m));
  EXPECT_TRUE((MessageFilter{"bob@Example.org", {}, {}}).matches(m));
  EXPECT_TRUE((MessageFilter{"carol@example.org", {}, {}}).matches(m));
  EXPECT_FALSE((MessageFilter{"Bob@example.org", {}, {}}).matches(m));
  EXPECT_FALSE((MessageFilter{"ob@example.org", {}, {}}).matches(m));
  EXPECT_TRUE((MessageFilter{{}, "ann@example.com", {}}).matches(m));
  EXPECT_FALSE((MessageFilter{{}, "bob@example.org", {}}).matches(m));
  EXPECT_TRUE((MessageFilter{{}, {}, "llo"}).matches(m));
  EXPECT_FALSE((MessageFilter{"bob@example.org", {}, "absent"}).matches(m));
}

TEST(MessageJson, List) {
  EXPECT_EQ(list_json({}), R"({"messages":[]})");
  const auto json = list_json({sample()});
  EXPECT_THAT(json, HasSubstr(R"({"messages":[{"messageId":"0100-x-000000","seq":7,)"));
  EXPECT_THAT(json, HasSubstr(R"("from":"\"Ann, A.\" <ann@example.com>")"));
  EXPECT_THAT(json, HasSubstr(R"("to":["Bob <bob@example.org>"],"cc":["carol@example.org"],"bcc":[])"));
  EXPECT_THAT(json,
              HasSubstr(R"("subject":"Hello \"you\"","tags":{"campaign":"spring"},"state":"captured")"));
  EXPECT_THAT(json, HasSubstr(R"("recipients":[{"address":"bob@example.org","state":"captured"})"));
}

TEST(MessageJson, States) {
  auto m = sample();
  m.states[1] = ses::RecipientState::pending;
  EXPECT_EQ(state_of(m), "pending");
  m.states[1] = ses::RecipientState::bounced;
  EXPECT_EQ(state_of(m), "mixed");
}

constexpr const char* kRaw =
    "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\nHi\r\nyou\r\n"
    "--m\r\nContent-Type: text/html\r\n\r\n<img src=\"cid:pic@x\"><img src='cid:no'>\r\n"
    "--m\r\nContent-Type: image/png; name=p.png\r\nContent-ID: <pic@x>\r\nContent-Transfer-Encoding: "
    "base64\r\n\r\n"
    "AAEC\r\n--m--\r\n";

TEST(MessageJson, Detail) {
  const auto view = read_mime(kRaw);
  const auto json = detail_json(sample(), &view);
  EXPECT_THAT(json, HasSubstr(R"("text":"Hi\nyou")"));
  EXPECT_THAT(json, HasSubstr(R"("attachments":[{"fileName":"p.png","contentType":"image/png","size":3,)"));
  EXPECT_THAT(json, HasSubstr(R"("url":"/_sesame/messages/0100-x-000000/attachments/0")"));
  EXPECT_THAT(json, HasSubstr(R"("hasContent":true)"));
  EXPECT_THAT(detail_json(sample(), nullptr), HasSubstr(R"("hasContent":false)"));
}

TEST(MessageJson, Trace) {
  const std::vector<ses::TraceEntry> trace = {{base::from_millis(0), "accepted", R"({"a":1})"},
                                              {base::from_millis(1), "captured", ""}};
  EXPECT_THAT(
      trace_json(sample(), trace, {}),
      HasSubstr(R"("trace":[{"timestamp":"1970-01-01T00:00:00.000Z","kind":"accepted","data":{"a":1}},)"));
  const auto json =
      trace_json(sample(), trace, {{base::from_millis(2), "Reject", R"({"reason":"Bad content"})"}});
  EXPECT_THAT(json, HasSubstr(R"("events":[{"eventType":"Send","mail":{)"));
  EXPECT_THAT(json, HasSubstr(R"("send":{}},{"eventType":"Reject","mail":{)"));
  EXPECT_THAT(json, HasSubstr(R"("reject":{"reason":"Bad content"}}]})"));
}

TEST(HtmlView, InlineImagesAndPolicy) {
  const auto safe = html_response(kRaw, false);
  EXPECT_THAT(safe.body, HasSubstr("<img src=\"attachments/0\"><img src='cid:no'>"));
  std::string policy;
  for (const auto& [name, value] : safe.headers)
    if (name == "Content-Security-Policy") policy = value;
  EXPECT_THAT(policy, HasSubstr("sandbox"));
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("http")));
  EXPECT_EQ(html_response("\r\nplain", false).status, 404);
  EXPECT_THAT(html_response("Content-Type: text/html\r\n\r\n<!DOCTYPE html><p>", false).body,
              testing::StartsWith("<!DOCTYPE html><base"));
}

TEST(Lookalikes, LocalStack) {
  const auto json = localstack_json(sample(), kRaw);
  EXPECT_THAT(json,
              HasSubstr(R"({"Id":"0100-x-000000","Region":"us-east-1","Timestamp":"2023-11-14T22:13:20",)"));
  EXPECT_THAT(json, HasSubstr(R"("Destination":{"ToAddresses":["Bob <bob@example.org>"],)"
                              R"("CcAddresses":["carol@example.org"]},"Subject":)"));
  EXPECT_THAT(json, HasSubstr(R"("Body":{"text_part":"Hi\nyou","html_part":"<img)"));
  EXPECT_THAT(json, HasSubstr(R"("RawData":"Content-Type)"));
}

TEST(Lookalikes, Store) {
  const auto json = store_json(sample(), kRaw);
  EXPECT_THAT(
      json,
      HasSubstr(R"("destination":{"to":["Bob <bob@example.org>"],"cc":["carol@example.org"],"bcc":[]})"));
  EXPECT_THAT(json, HasSubstr(R"("text":"Hi\nyou")"));
  EXPECT_THAT(
      json,
      HasSubstr(
          R"("attachments":[{"content":"AAEC","contentType":"image/png","filename":"p.png","size":3}])"));
  EXPECT_THAT(json, HasSubstr(R"("at":1700000000})"));
  EXPECT_THAT(store_json(sample(), ""), HasSubstr(R"("body":{"text":""})"));
}

}  // namespace
}  // namespace console

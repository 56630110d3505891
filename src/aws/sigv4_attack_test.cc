// What an attacker adds to a request that somebody else signed, or makes of one he holds: nothing that was
// not signed gives authority, and nothing signed can be put to another use.
#include <gmock/gmock.h>

#include <functional>

#include "aws/rest_json.h"
#include "aws/sigv4_canonical.h"
#include "aws/test_request.h"

namespace aws {
namespace {

using namespace test;
using ::testing::StartsWith;

struct Change {
  const char* name;
  std::function<void(Request&)> change;
  const char* answer;  // its beginning; empty: let in, and the change means nothing
};

void add(Request& request, const char* name, std::string value) { request.with(name, std::move(value)); }

const std::string& authorization_of(const Request& request) {
  for (const auto& [name, value] : request.headers)
    if (name == "Authorization") return value;
  throw std::logic_error("not signed");
}

const Change kChanges[] = {
    {"nothing", [](Request&) {}, ""},
    {"a header that means nothing", [](Request& r) { add(r, "X-Forwarded-For", "192.0.2.1"); }, ""},
    {"a token", [](Request& r) { add(r, "X-Amz-Security-Token", "t"); },
     "'X-Amz-Security-Token' must be a 'SignedHeader'"},
    {"an empty token", [](Request& r) { add(r, "X-Amz-Security-Token", ""); },
     "'X-Amz-Security-Token' must be a 'SignedHeader'"},
    {"a token in the query", [](Request& r) { r.target += "?X-Amz-Security-Token=t"; }, kMismatch.data()},
    {"a second date", [](Request& r) { add(r, "X-Amz-Date", "20150830T120000Z"); }, kMismatch.data()},
    {"another date", [](Request& r) { r.set("X-Amz-Date", "20150830T123601Z"); }, kMismatch.data()},
    {"a date header beside it", [](Request& r) { add(r, "Date", "Mon, 31 Aug 2015 12:36:00 GMT"); }, ""},
    {"another day in the scope",
     [](Request& r) {
       auto text = authorization_of(r);
       r.set("Authorization", text.replace(text.find("20150830"), 8, "20150831"));
     },
     "Date in Credential scope does not match"},
    {"a second host", [](Request& r) { add(r, "Host", "example.amazonaws.com"); }, kMismatch.data()},
    {"another host", [](Request& r) { r.set("Host", "elsewhere.example"); }, kMismatch.data()},
    {"a second Authorization",
     [](Request& r) { add(r, "Authorization", "AWS4-HMAC-SHA256 Credential=AKIDROOT/x"); },
     "There must be only one Authorization header."},
    {"the same Authorization twice", [](Request& r) { add(r, "authorization", authorization_of(r)); },
     "There must be only one Authorization header."},
    {"a second credential in it",
     [](Request& r) {
       r.set("Authorization",
             authorization_of(r) + ", Credential=AKIDROOT/20150830/us-east-1/ses/aws4_request");
     },
     "Authorization header names Credential twice."},
    {"credentials in the query as well",
     [](Request& r) {
       r.target +=
           "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDROOT%2F20150830%2Fus-east-1%2Fses%2Faws4_"
           "request"
           "&X-Amz-Signature=00";
     },
     kMismatch.data()},
    {"a signed header less",
     [](Request& r) {
       auto text = authorization_of(r);
       r.set("Authorization", text.replace(text.find("content-type;"), 13, ""));
     },
     kMismatch.data()},
    {"a hash of another body", [](Request& r) { add(r, "X-Amz-Content-Sha256", std::string(64, '0')); },
     kMismatch.data()},
    {"a hash that says nothing", [](Request& r) { add(r, "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"); },
     kMismatch.data()},
    {"a streamed body",
     [](Request& r) { add(r, "X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"); },
     kMismatch.data()},
    {"a second type", [](Request& r) { add(r, "Content-Type", "application/x-www-form-urlencoded"); },
     kMismatch.data()},
};

TEST(SigV4Attack, NothingUnsignedGivesAuthority) {
  for (const auto& change : kChanges) {
    auto request = signed_request(send_email());
    change.change(request);
    const auto answer = Check{}(request);
    if (*change.answer) {
      EXPECT_THAT(answer, StartsWith(change.answer)) << change.name;
      continue;
    }
    EXPECT_EQ(answer, "") << change.name;
    const auto claim = parse_authorization(request.view(), Wording::v2);
    EXPECT_EQ(claim->access_key_id, "AKIDEXAMPLE") << change.name;
    EXPECT_FALSE(claim->security_token) << change.name;
  }
}

TEST(SigV4Attack, ThePresignedFormIsSignedAsAWhole) {
  Request request{.target = "/?Action=GetSendQuota&Version=2010-12-01"};
  request.target = presign(request.view(), kCredentials, "us-east-1", "ses", kTime, std::chrono::minutes(5));
  EXPECT_EQ(Check{}(request), "");
  const std::pair<const char*, const char*> refused[] = {
      {"&X-Amz-Security-Token=t", kMismatch.data()},
      {"&X-Amz-Date=20150830T120000Z", kMismatch.data()},
      {"&X-Amz-Expires=604800", kMismatch.data()},
      {"&X-Amz-Credential=AKIDROOT%2F20150830%2Fus-east-1%2Fses%2Faws4_request", kMismatch.data()},
      {"&Action=SendEmail", kMismatch.data()},
  };
  for (const auto& [added, answer] : refused) {
    auto changed = request;
    changed.target += added;
    EXPECT_THAT(Check{}(changed), StartsWith(answer)) << added;
    // And in front, where it would be believed if the first counted.
    changed = request;
    changed.target.insert(2, std::string(added + 1) + "&");
    EXPECT_NE(Check{}(changed), "") << added;
  }
  auto with_token = request;
  EXPECT_THAT(Check{}(with_token.with("X-Amz-Security-Token", "t")),
              StartsWith("'X-Amz-Security-Token' must be"));
  auto with_body = request;
  with_body.body = "Action=SendEmail";
  EXPECT_THAT(Check{}(with_body), StartsWith(kMismatch));
}

// Replays: the same bytes, later or (a clock set back) earlier than a quarter of an hour.
TEST(SigV4Attack, ReplaysOutsideTheWindowFail) {
  const auto request = signed_request(send_email());
  using std::chrono::seconds;
  const std::pair<seconds, const char*> table[] = {
      {seconds(0), ""},
      {seconds(900), ""},
      {seconds(901), "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z"},
      {seconds(86400), "Signature expired"},
      {seconds(-900), ""},
      {seconds(-901), "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z"},
      {seconds(-86400 * 365), "Signature not yet current"},
  };
  for (const auto& [later, answer] : table) {
    Check check;
    check.now = kTime + later;
    const auto told = check(request);
    EXPECT_THAT(told, StartsWith(answer)) << later.count();
    EXPECT_EQ(told.empty(), !*answer) << later.count();
  }
}

// The signature covers the path without dot segments and doubled slashes. A path that has them would be read
// as another operation than the one that was signed, so it is read as none.
TEST(SigV4Attack, APathThatWasTidiedIsNoOperation) {
  const std::pair<const char*, const char*> table[] = {
      {"/v2/email/identities/example.com", "GetEmailIdentity"},
      {"/v2/email/identities/..", ""},
      {"/v2/email/identities/.", ""},
      {"/v2/email//identities", ""},
      {"/v2/email/./identities", ""},
      {"/v2/email/identities//example.com", ""},
      {"/v2/email/templates/x/../identities/example.com", ""},
      {"/v2/email/identities/%2E%2E", "GetEmailIdentity"},  // a name, and signed as one
  };
  for (const auto& [path, operation] : table) {
    const auto found = route("GET", path);
    EXPECT_EQ(found ? found->operation->name : "", operation) << path;
  }
  EXPECT_EQ(canonical_path("/v2/email/identities/%2E%2E"), "/v2/email/identities/%252E%252E");
}

TEST(SigV4Attack, CountsAreCapped) {
  std::string names = "host";
  for (int i = 0; i < 200; ++i) names += ";h" + std::to_string(i);
  auto request = send_email().with("X-Amz-Date", "20150830T123600Z");
  request.with("Authorization",
               "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/ses/aws4_request, SignedHeaders=" +
                   names + ", Signature=00");
  EXPECT_EQ(Check{}(request), "Too many signed headers.");
}

}  // namespace
}  // namespace aws

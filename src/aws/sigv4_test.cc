#include "aws/sigv4.h"

#include <gmock/gmock.h>

#include "aws/sigv4_canonical.h"
#include "aws/test_request.h"
#include "base/encoding.h"

namespace aws {
namespace {

using base::FaultKind;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace test;

TEST(SigV4Test, TheDocumentedIamExampleIsAcceptedAndMade) {
  Request request{.target = "/?Action=ListUsers&Version=2010-05-08"};
  request.set("Host", "iam.amazonaws.com");
  request.with("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  request = signed_request(request, kCredentials, "iam");
  EXPECT_EQ(request.headers.back().second,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
  Check check{.service = "iam"};
  EXPECT_EQ(check(request), "");
}

TEST(SigV4Test, ThePathIsEncodedTwiceAndTidied) {
  EXPECT_EQ(canonical_path(""), "/");
  EXPECT_EQ(canonical_path("/v2/email/identities/user%40example.com"),
            "/v2/email/identities/user%2540example.com");
  EXPECT_EQ(canonical_path("/v2/email/identities/user@example.com"),
            "/v2/email/identities/user%40example.com");
  EXPECT_EQ(canonical_path("/a/./b/../c//d/"), "/a/c/d/");
  EXPECT_EQ(canonical_path("/../.."), "/");
}

TEST(SigV4Test, TheQueryIsSortedAndEncodedOneWay) {
  EXPECT_EQ(canonical_query("TagKeys=b&TagKeys=a&Flag&x=%c3%bc&&y=a+b", false),
            "Flag=&TagKeys=a&TagKeys=b&x=%C3%BC&y=a%20b");
  EXPECT_EQ(canonical_query("a-b=1&a=2&%41=3", false), "A=3&a=2&a-b=1");
  EXPECT_EQ(canonical_query("X-Amz-Signature=1&b=%zz%4", true), "b=%25zz%254");
}

TEST(SigV4Test, WhatItSignsItLetsIn) {
  Check check;
  EXPECT_EQ(check(signed_request(send_email())), "");
  auto with_token = kCredentials;
  with_token.session_token = "token/with+signs==";
  auto request = signed_request(send_email(), with_token);
  EXPECT_EQ(check(request), "");
  EXPECT_EQ(parse_authorization(request.view(), Wording::v2)->security_token, "token/with+signs==");
  auto plus = send_email();
  plus.target = "/v2/email/contact-lists/L/contacts/a%2Bb%40x.y?PageSize=10&NextToken=a%20b%3D";
  EXPECT_EQ(check(signed_request(plus)), "");
}

TEST(SigV4Test, OnlyThePresignedFormLeavesASignatureInTheQueryOut) {
  Check check;
  auto request = send_email();
  request.target += "?X-Amz-Signature=1";
  request = signed_request(request);
  EXPECT_EQ(check(request), "");
  request.target.back() = '2';
  EXPECT_THAT(check(request), StartsWith(kMismatch));
}

TEST(SigV4Test, AnyChangeBreaksTheSignature) {
  Check check;
  const auto good = signed_request(send_email());
  auto bad = good;
  bad.body += ' ';
  EXPECT_THAT(check(bad), StartsWith(kMismatch));
  bad = good;
  bad.method = "PUT";
  EXPECT_THAT(check(bad), StartsWith(kMismatch));
  bad = good;
  bad.target += "?a=b";
  EXPECT_THAT(check(bad), StartsWith(kMismatch));
  bad = good;
  bad.set("Content-Type", "text/plain");
  EXPECT_THAT(check(bad), StartsWith(kMismatch));
  bad = good;
  bad.with("Content-Type", "application/json");
  EXPECT_THAT(check(bad), StartsWith(kMismatch));
  bad = good;
  std::erase_if(bad.headers, [](const auto& header) { return header.first == "Content-Type"; });
  EXPECT_THAT(check(bad), StartsWith(kMismatch));
  bad = good;
  bad.headers.back().second.pop_back();
  EXPECT_THAT(check(bad), StartsWith(kMismatch));
  check.secret = kOtherSecret;
  EXPECT_THAT(check(good), StartsWith(kMismatch));
}

TEST(SigV4Test, AChangedSecretIsNotAnsweredFromTheCache) {
  Check check;
  const auto request = signed_request(send_email());
  EXPECT_EQ(check(request), "");
  check.secret = kOtherSecret;
  EXPECT_THAT(check(request), StartsWith(kMismatch));
  check.secret = kSecret;
  EXPECT_EQ(check(request), "");
  SigningKeyCache one(1);
  auto claim = parse_authorization(request.view(), Wording::v1);
  auto first = one.get(kSecret, *claim);
  EXPECT_NE(one.get(kOtherSecret, *claim), first);
  EXPECT_EQ(one.get(kSecret, *claim), first);
}

TEST(SigV4Test, TheHostMayBeSignedWithoutItsPort) {
  Check check;
  auto request = send_email();
  request.set("Host", "localhost");
  request = signed_request(request);
  EXPECT_EQ(check(request.set("Host", "localhost:8025")), "");
  EXPECT_THAT(check(request.set("Host", "otherhost:8025")), StartsWith(kMismatch));
  EXPECT_THAT(check(request.set("Host", "localhost:x")), StartsWith(kMismatch));
  auto with_port = send_email();
  with_port.set("Host", "localhost:8025");
  EXPECT_EQ(check(signed_request(with_port)), "");
}

TEST(SigV4Test, TheDateHeaderServesWhereThereIsNoAmzDate) {
  Check check;
  Request request;
  request.with("Date", "Sun, 30 Aug 2015 12:36:00 GMT");
  SignatureClaim claim;
  claim.date = "20150830";
  claim.region = "us-east-1";
  claim.service = "ses";
  claim.terminator = "aws4_request";
  claim.timestamp = "20150830T123600Z";
  std::string canonical =
      "GET\n/\n\ndate:Sun, 30 Aug 2015 12:36:00 GMT\nhost:example.amazonaws.com\n\ndate;host\n" +
      base::hex_encode(base::sha256(""));
  auto text = string_to_sign(claim, Sha256().add(canonical).finish());
  auto key = derive_key(kSecret, "20150830", "us-east-1", "ses", "aws4_request");
  request.with("Authorization",
               "AWS4-HMAC-SHA256 Signature=" + base::hex_encode(as_text(hmac(as_text(key), text))) +
                   ",SignedHeaders=date;host,Credential=AKIDEXAMPLE/20150830/us-east-1/ses/aws4_request");
  EXPECT_EQ(check(request), "");
}

TEST(SigV4Test, TheStatedPayloadHashMustBeTrue) {
  Check check;
  auto hash = base::hex_encode(base::sha256(send_email().body));
  EXPECT_EQ(check(signed_request(send_email().with("X-Amz-Content-Sha256", hash))), "");
  auto upper = base::ascii_upper(hash);
  EXPECT_EQ(check(signed_request(send_email().with("X-Amz-Content-Sha256", upper))), "");
  auto changed = signed_request(send_email().with("X-Amz-Content-Sha256", hash));
  changed.body += "x";
  EXPECT_THAT(check(changed), StartsWith(kMismatch));
  EXPECT_THAT(check(signed_request(send_email().with("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"))),
              StartsWith(kMismatch));
}

TEST(SigV4Test, ClocksMayDifferByAQuarterOfAnHour) {
  Check check;
  const auto request = signed_request(send_email(), kCredentials, "ses", at("20240101T000000Z"));
  for (auto minutes : {-15, 15}) {
    check.now = at("20240101T000000Z") + std::chrono::minutes(minutes);
    EXPECT_EQ(check(request), "");
  }
  check.now = at("20240101T003000Z");
  EXPECT_EQ(check(request),
            "Signature expired: 20240101T000000Z is now earlier than 20240101T001500Z (20240101T003000Z - 15 "
            "min.)");
  const auto later = signed_request(send_email(), kCredentials, "ses", at("20240101T003000Z"));
  check.now = at("20240101T000000Z");
  EXPECT_EQ(check(later),
            "Signature not yet current: 20240101T003000Z is still later than 20240101T001500Z "
            "(20240101T000000Z + 15 min.)");
}

TEST(SigV4Test, TheScopeMustBeRight) {
  const auto request = signed_request(send_email());
  Check check{.regions = {"eu-west-1"}};
  EXPECT_EQ(check(request), "Credential should be scoped to a valid region, not 'us-east-1'. ");
  check.regions = {};
  EXPECT_EQ(check(request), "");
  check.service = "iam";
  EXPECT_EQ(check(request), "Credential should be scoped to correct service: 'iam'. ");
  check.service = "ses";
  auto other_day = request;
  other_day.set("X-Amz-Date", "20150831T123600Z");
  check.now = at("20150831T123600Z");
  EXPECT_EQ(check(other_day),
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            "'20150830' != "
            "'20150831', from '20150831T123600Z'.");
}

std::string authorization(std::string signed_headers) {
  return "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/ses/aws4_request, SignedHeaders=" +
         std::move(signed_headers) + ", Signature=00";
}

TEST(SigV4Test, WhatCountsMustBeSigned) {
  Check check;
  Request request;
  request.with("X-Amz-Date", "20150830T123600Z").with("Authorization", authorization("x-amz-date"));
  EXPECT_EQ(check(request), "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  request.set("Authorization", authorization("host"));
  EXPECT_EQ(check(request), "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.");
  request.set("Authorization", authorization("Host;X-Amz-Date")).with("x-amz-security-token", "t");
  EXPECT_EQ(check(request), "'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization.");
}

struct Refusal {
  const char* authorization;
  const char* date;
  FaultKind kind;
  const char* text;
};

TEST(SigV4Test, MalformedAuthorizationSaysWhatIsMissing) {
  const std::string good = authorization("host");
  const Refusal table[] = {
      {"AWS4-HMAC-SHA256", "", FaultKind::incomplete_signature,
       "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' "
       "parameter. "
       "Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of "
       "either a "
       "'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization="},
      {"AWS4-HMAC-SHA256 Credential=a/b/c/d/e", "20150830T123600Z", FaultKind::incomplete_signature,
       "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' "
       "parameter. (Hashed"},
      {good.c_str(), "30 August", FaultKind::incomplete_signature,
       "Date must be in ISO-8601 'basic format'. Got '30 August'. See "},
      {good.c_str(), "2015-08-30T12:36:00Z", FaultKind::incomplete_signature, "Date must be in ISO-8601"},
      {good.c_str(), "20151330T123600Z", FaultKind::incomplete_signature, "Date must be in ISO-8601"},
      {"AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0", "20150830T123600Z",
       FaultKind::incomplete_signature,
       "Credential must have exactly 5 slash-delimited elements, e.g. "
       "keyid/date/region/service/term, got 'a/b/c'"},
      {"AWS4-HMAC-SHA256 Credential=a/b/c/d/\x80, SignedHeaders=host, Signature=0", "20150830T123600Z",
       FaultKind::incomplete_signature,
       "Credential must have exactly 5 slash-delimited elements, e.g. "
       "keyid/date/region/service/term, got 'a/b/c/d/?'"},
      {"AWS4-HMAC-SHA1 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0", "20150830T123600Z",
       FaultKind::incomplete_signature, "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'."},
      {"Bearer secret-token", "", FaultKind::incomplete_signature,
       "Invalid key=value pair (missing equal-sign)"},
      {"AWS3-HTTPS AWSAccessKeyId=a", "", FaultKind::unrecognized_client,
       "The security token included in the request is invalid."},
      {"AWS AKID:sig", "", FaultKind::unrecognized_client,
       "The security token included in the request is invalid."},
  };
  for (const auto& row : table) {
    Request request;
    request.with("authorization", row.authorization);
    if (*row.date) request.with("x-amz-date", row.date);
    auto claim = parse_authorization(request.view(), Wording::v1);
    ASSERT_FALSE(claim.ok()) << row.authorization;
    EXPECT_EQ(claim.error().kind(), row.kind) << row.authorization;
    EXPECT_THAT(claim.error().message(), StartsWith(row.text));
    EXPECT_THAT(claim.error().message(), ::testing::Not(HasSubstr("secret-token")));
  }
}

TEST(SigV4Test, NoCredentialsAtAll) {
  Request request;
  EXPECT_EQ(parse_authorization(request.view(), Wording::v1).error().message(),
            "Request is missing Authentication Token");
  auto fault = parse_authorization(request.view(), Wording::v2).error();
  EXPECT_EQ(fault.message(), "Missing Authentication Token");
  EXPECT_EQ(fault.kind(), FaultKind::missing_authentication_token);
  request.target = "/?X-Amz-Date=20150830T123600Z";
  EXPECT_EQ(parse_authorization(request.view(), Wording::v2).error().kind(),
            FaultKind::missing_authentication_token);
}

TEST(SigV4Test, OlderSignatureVersionsAreRefusedAsUnknownKeys) {
  Request header;
  header.with("X-Amzn-Authorization", "AWS3-HTTPS AWSAccessKeyId=AKID, Algorithm=HmacSHA256, Signature=x");
  Request query{.target = "/?Action=SendEmail&AWSAccessKeyId=AKID&SignatureVersion=2"};
  Request form{.method = "POST"};
  form.with("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8").body =
      "Action=SendEmail&SignatureVersion=2";
  for (const auto& request : {header, query, form}) {
    auto claim = parse_authorization(request.view(), Wording::v1);
    ASSERT_FALSE(claim.ok());
    EXPECT_EQ(claim.error().kind(), FaultKind::unrecognized_client);
  }
}

TEST(SigV4Test, SizesAreCapped) {
  Request request;
  request.with("Authorization", "AWS4-HMAC-SHA256 " + std::string(20000, 'a') + "=");
  EXPECT_EQ(parse_authorization(request.view(), Wording::v1).error().message(),
            "Authorization header is too long.");
  request.set("Authorization", authorization(std::string(5000, ';'))).with("x-amz-date", "20150830T123600Z");
  EXPECT_EQ(parse_authorization(request.view(), Wording::v1).error().kind(), FaultKind::incomplete_signature);
}

Request presigned(std::chrono::seconds expires,
                  std::string target = "/?Action=GetSendQuota&Version=2010-12-01") {
  Request request{.target = std::move(target)};
  auto credentials = kCredentials;
  credentials.session_token = "to/ken+";
  request.target = presign(request.view(), credentials, "us-east-1", "ses", kTime, expires);
  return request;
}

TEST(SigV4Test, PresignedUrls) {
  Check check;
  const auto request = presigned(std::chrono::hours(1));
  check.now = kTime + std::chrono::hours(1);
  EXPECT_EQ(check(request), "");
  EXPECT_EQ(parse_authorization(request.view(), Wording::v1)->security_token, "to/ken+");
  check.now += std::chrono::seconds(1);
  EXPECT_EQ(check(request),
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T133601Z - 60 "
            "min.)");
  check.now = kTime;
  EXPECT_EQ(check(presigned(kMaxExpires)), "");
  EXPECT_THAT(check(presigned(kMaxExpires + std::chrono::seconds(1))),
              StartsWith("X-Amz-Expires must be less"));
  auto changed = request;
  changed.target.insert(changed.target.find("Quota") + 5, "x");
  EXPECT_THAT(check(changed), StartsWith(kMismatch));
}

TEST(SigV4Test, PresignedUrlsSayWhatIsMissing) {
  Check check;
  Request request{.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=x&X-Amz-Credential=a"};
  EXPECT_EQ(
      check(request),
      "AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include "
      "'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Expires'. Re-examine the "
      "query-string parameters.");
}

struct SmtpRow {
  const char* secret;
  const char* region;
  const char* password;
};

TEST(SmtpPasswordTest, CheckValues) {  // SES §11.2
  const std::string secret(kOtherSecret);
  const SmtpRow table[] = {
      {secret.c_str(), "us-east-1", "BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9"},
      {secret.c_str(), "us-west-2", "BF2PynzbSCAjX08zhZZnP/kW+T9P5zs/1Er0pi5vTEmd"},
      {secret.c_str(), "eu-west-1", "BMW5RDrXmmVs0lV7GpI4oLkHXpZ4stDsk6q91z1g38Pk"},
      {"some+secret+key", "eu-central-1", "BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2"},
      {"some+secret+key", "us-west-1", "BH+jbMzper5WwlwUar9E1ySBqHa9whi0GPo+sJ0mVYJj"},
  };
  for (const auto& row : table) EXPECT_EQ(smtp_password(row.secret, row.region), row.password);
  constexpr std::string_view kLegacy = "An60U4ZD3sd4fg+FvXUjayOipTt8LO4rUUmhpdX6ctDy";
  EXPECT_TRUE(is_legacy_smtp_password(kLegacy, kOtherSecret));
  EXPECT_FALSE(is_legacy_smtp_password(kLegacy, kSecret));
  EXPECT_FALSE(is_legacy_smtp_password(table[0].password, kOtherSecret));
}

}  // namespace
}  // namespace aws

#include "aws/sigv4.h"

#include <gmock/gmock.h>

#include "aws/sigv4_canonical.h"
#include "base/encoding.h"

namespace aws {
namespace {

using base::FaultKind;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr std::string_view kOtherSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const Credentials kCredentials{"AKIDEXAMPLE", std::string(kSecret), std::nullopt};

base::WallTime at(std::string_view text) { return *base::parse_time(text); }
const base::WallTime kTime = at("20150830T123600Z");

// A request that owns its parts.
struct Request {
  std::string method = "GET", target = "/";
  std::vector<HeaderPair> headers{{"Host", "example.amazonaws.com"}};
  std::string body{};

  SignedRequest view() const { return {method, target, headers, body}; }
  Request& with(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  Request& set(std::string_view name, std::string value) {
    for (auto& header : headers)
      if (base::iequals(header.first, name)) header.second = value;
    return *this;
  }
};

Request signed_request(Request request, const Credentials& credentials = kCredentials,
                       std::string_view service = "ses", base::WallTime time = kTime) {
  for (auto& header : sign(request.view(), credentials, "us-east-1", service, time))
    request.headers.push_back(std::move(header));
  return request;
}

Request send_email() {
  Request request{.method = "POST", .target = "/v2/email/outbound-emails"};
  request.with("Content-Type", "application/json").body = R"({"Content":{}})";
  return request;
}

struct Check {
  SigningKeyCache cache{};
  std::string secret{kSecret};
  std::string service = "ses";
  std::vector<std::string> regions{"us-east-1"};
  base::WallTime now = kTime;

  // Empty when the request is let in, else the fault's text.
  std::string operator()(const Request& request) {
    auto claim = parse_authorization(request.view(), Wording::v1);
    if (!claim) return claim.error().message();
    auto fault = verify(*claim, request.view(), secret, {service, regions}, now, cache);
    return fault ? fault->message() : "";
  }
};

constexpr std::string_view kMismatch = "The request signature we calculated does not match";

// The signatures AWS published with its test suite for version 4.
struct Vector {
  const char* name;
  const char* method;
  const char* target;
  std::vector<HeaderPair> headers;
  const char* body;
  const char* signature;
};

const Vector kVectors[] = {
    {"get-vanilla", "GET", "/", {}, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"post-vanilla", "POST", "/", {}, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"get-vanilla-query-order-key",
     "GET",
     "/?Param2=value2&Param1=value1",
     {},
     "",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-unreserved",
     "GET",
     "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     {},
     "",
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-utf8",
     "GET",
     "/\xe1\x88\xb4",
     {},
     "",
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-header-value-trim",
     "GET",
     "/",
     {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
     "",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"get-header-key-duplicate",
     "GET",
     "/",
     {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
     "",
     "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-slashes",
     "GET",
     "//example//",
     {},
     "",
     "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
    {"get-relative",
     "GET",
     "/example/..",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slash-dot-slash",
     "GET",
     "/./",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"post-x-www-form-urlencoded",
     "POST",
     "/",
     {{"Content-Type", "application/x-www-form-urlencoded"}},
     "Param1=value1",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
    {"post-vanilla-query",
     "POST",
     "/?Param1=value1",
     {},
     "",
     "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
};

TEST(SigV4Test, PublishedSignaturesAreAccepted) {
  Check check{.service = "service"};
  for (const auto& vector : kVectors) {
    Request request{.method = vector.method, .target = vector.target, .body = vector.body};
    request.with("X-Amz-Date", "20150830T123600Z");
    std::vector<std::string> names{"host", "x-amz-date"};
    for (const auto& [name, value] : vector.headers) {
      request.with(name, value);
      names.push_back(base::ascii_lower(name));
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    request.with(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=" +
            join_names(names) + ", Signature=" + vector.signature);
    EXPECT_EQ(check(request), "") << vector.name;
  }
}

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

// For tests of SigV4: a request that owns its parts, AWS's example credentials, and the whole check in one
// call.
#pragma once

#include <string>
#include <vector>

#include "aws/sigv4.h"
#include "base/encoding.h"

namespace aws::test {

inline constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
inline constexpr std::string_view kOtherSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
inline const Credentials kCredentials{"AKIDEXAMPLE", std::string(kSecret), std::nullopt};

inline base::WallTime at(std::string_view text) { return *base::parse_time(text); }
inline const base::WallTime kTime = at("20150830T123600Z");

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

inline Request signed_request(Request request, const Credentials& credentials = kCredentials,
                              std::string_view service = "ses", base::WallTime time = kTime) {
  for (auto& header : sign(request.view(), credentials, "us-east-1", service, time))
    request.headers.push_back(std::move(header));
  return request;
}

inline Request send_email() {
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

inline constexpr std::string_view kMismatch = "The request signature we calculated does not match";

}  // namespace aws::test

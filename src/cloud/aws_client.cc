#include "cloud/aws_client.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/encoding.h"

namespace cloud {
namespace {

constexpr std::size_t kShown = 300;      // of an answer that says what went wrong
constexpr std::size_t kCode = 4 << 10;   // and in which its code stands
constexpr std::size_t kMostRegion = 40;  // "ap-southeast-2"

// What is wrong with the request itself.
constexpr std::array<int, 7> kOfTheRequest = {400, 405, 411, 413, 414, 415, 422};
// Codes that AWS sends with 400 and that pass: load, clocks, keys (KMS), and credentials that have ended.
constexpr std::array<std::string_view, 9> kPassing = {
    "KMS",     "Throttl",       "TooManyRequests", "RequestLimitExceeded", "SlowDown",
    "Expired", "TimeTooSkewed", "RequestTimeout",  "InvalidToken"};

// One line, printable.
std::string shown(std::string_view body) {
  std::string out;
  for (unsigned char c : body.substr(0, kShown)) out += c < ' ' || c == 0x7f ? ' ' : static_cast<char>(c);
  return out;
}

// What depends on rights, on what is there and on the load may be put right while the mail is kept: a secret
// that is exchanged, a bucket's policy that was wrong for an hour (SES §22.1).
bool is_for_good(const net::HttpAnswer& answer) {
  const auto told = std::string_view(answer.body).substr(0, kCode);
  return std::find(kOfTheRequest.begin(), kOfTheRequest.end(), answer.status) != kOfTheRequest.end() &&
         std::none_of(kPassing.begin(), kPassing.end(),
                      [&](std::string_view code) { return told.find(code) != told.npos; });
}

// It becomes part of a host's name, and callers may give it in an ARN.
bool is_region(std::string_view region) {
  return !region.empty() && region.size() <= kMostRegion &&
         std::all_of(region.begin(), region.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

Outcome outcome_of(const base::Result<net::HttpAnswer, std::string>& answer) {
  if (!answer) return Outcome::failed(answer.error());
  // Lambda answers 200 where the function threw, ran out of time or of memory.
  if (const auto fault = answer->header("X-Amz-Function-Error"); !fault.empty())
    return Outcome::failed("the function failed: " + shown(fault) + " " + shown(answer->body));
  if (answer->status >= 200 && answer->status < 300) return Outcome::done(answer->body);
  return Outcome::failed("HTTP " + std::to_string(answer->status) + " " + shown(answer->body),
                         is_for_good(*answer));
}

net::HttpSite AwsClient::site_of(const AwsCall& call) const {
  if (options_.endpoint) {
    auto site = options_.endpoint->site;
    site.trusted = true;
    return site;
  }
  net::HttpSite site;
  site.tls = true;
  site.port = 443;
  site.host = call.service + "." + call.region + ".amazonaws.com";
  if (call.region.starts_with("cn-")) site.host += ".cn";
  site.trusted = true;  // Amazon's own name, under TLS: an endpoint of a private network (VPC) is inside
  return site;
}

base::Task<Outcome> AwsClient::call(AwsCall call) {
  if (!options_.credentials) co_return Outcome::failed("no AWS credentials are configured");
  if (!is_region(call.region)) co_return Outcome::failed("the ARN names no region", true);
  auto credentials = *options_.credentials;
  if (!call.role.arn.empty()) {
    auto assuming = assume(call.region, call.role);
    auto refused = co_await assuming;
    if (!refused.ok) co_return refused;
    auto found = roles_.find(call.role, base::SystemClock::real_now());
    if (!found) co_return Outcome::failed("the credentials of the role have ended");
    credentials = std::move(*found);
  }
  auto calling = call_as(std::move(call), std::move(credentials));
  co_return co_await calling;
}

// So that the credentials of the role are there.
base::Task<Outcome> AwsClient::assume(std::string region, Role role) {
  if (roles_.find(role, base::SystemClock::real_now())) co_return Outcome::done();
  AwsCall call{"sts",
               region,
               "POST",
               "/",
               {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
               std::make_shared<const std::string>(assume_role_form(role))};
  auto calling = call_as(std::move(call), *options_.credentials);
  auto answer = co_await calling;
  if (!answer.ok) co_return Outcome::failed("AssumeRole: " + answer.text, answer.permanent);
  auto credentials = read_assumed_role(answer.body);
  if (!credentials) co_return Outcome::failed("AssumeRole: the answer has no credentials");
  roles_.keep(role, std::move(*credentials), base::SystemClock::real_now());
  co_return Outcome::done();
}

base::Task<Outcome> AwsClient::call_as(AwsCall call, aws::Credentials credentials) {
  net::HttpCall http;
  http.site = site_of(call);
  http.method = std::move(call.method);
  http.target = std::move(call.target);
  http.headers = std::move(call.headers);
  http.timeout = call.timeout;
  http.body = call.body ? call.body : std::make_shared<const std::string>();
  http.headers.emplace_back("Host", http.site.authority());
  if (call.service == "s3")
    http.headers.emplace_back("x-amz-content-sha256", base::hex_encode(base::sha256(*http.body)));
  aws::SignedRequest request{http.method, http.target, http.headers, *http.body};
  auto added = aws::sign(request, credentials, call.region, call.service, base::SystemClock::real_now());
  for (auto& header : added) http.headers.push_back(std::move(header));
  auto calling = http_.call(std::move(http));
  auto answer = co_await calling;
  co_return outcome_of(answer);
}

}  // namespace cloud

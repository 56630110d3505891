// sign(), presign() and the SMTP passwords.
#include <algorithm>

#include "aws/sigv4.h"
#include "aws/sigv4_canonical.h"
#include "base/encoding.h"

namespace aws {
namespace {

SignatureClaim claim_of(const Credentials& credentials, std::string_view region, std::string_view service,
                        base::WallTime time) {
  SignatureClaim claim;
  claim.access_key_id = credentials.access_key_id;
  claim.timestamp = base::amz_date(time);
  claim.date = claim.timestamp.substr(0, 8);
  claim.region = region;
  claim.service = service;
  claim.terminator = "aws4_request";
  claim.security_token = credentials.session_token;
  return claim;
}

bool is_signed(std::string_view lower_name) {
  return lower_name == "host" || lower_name == "content-type" || lower_name == "content-md5" ||
         lower_name.starts_with("x-amz-") || lower_name.starts_with("amz-sdk-");
}

std::string signature_of(const SignatureClaim& claim, const SignedRequest& request, std::string_view query,
                         const std::string& secret) {
  std::string canonical(request.method);
  // SES §2: S3 alone signs the path as it stands, neither cleaned nor encoded twice.
  auto path = split_target(request.target).path;
  canonical += '\n' + (claim.service == "s3" ? std::string(path) : canonical_path(path)) + '\n' +
               canonical_query(query, claim.form == SignatureClaim::Form::query) + '\n';
  for (const auto& name : claim.signed_headers) append_canonical_header(canonical, request, name);
  canonical += '\n' + join_names(claim.signed_headers) + '\n';
  auto told = base::trim(header_value(request, "x-amz-content-sha256"));
  if (told.empty()) {
    append_hex(canonical, Sha256().add(request.body).finish());
  } else {
    canonical += told;
  }
  auto text = string_to_sign(claim, Sha256().add(canonical).finish());
  auto key = derive_key(secret, claim.date, claim.region, claim.service, claim.terminator);
  std::string signature;
  append_hex(signature, hmac(as_text(key), text));
  return signature;
}

std::string derived_password(char version, std::string_view key) {
  std::string bytes(1, version);
  bytes += key;
  return base::base64_encode(bytes);
}

}  // namespace

std::vector<HeaderPair> sign(const SignedRequest& request, const Credentials& credentials,
                             std::string_view region, std::string_view service, base::WallTime time) {
  auto claim = claim_of(credentials, region, service, time);
  std::vector<HeaderPair> added{{"X-Amz-Date", claim.timestamp}};
  if (claim.security_token) added.emplace_back("X-Amz-Security-Token", *claim.security_token);

  std::vector<HeaderPair> headers(request.headers.begin(), request.headers.end());
  headers.insert(headers.end(), added.begin(), added.end());
  for (const auto& header : headers) {
    auto name = base::ascii_lower(header.first);
    if (is_signed(name)) claim.signed_headers.push_back(std::move(name));
  }
  auto& names = claim.signed_headers;
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());

  SignedRequest whole = request;
  whole.headers = headers;
  auto signature = signature_of(claim, whole, split_target(request.target).query, credentials.secret);
  added.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=" + claim.access_key_id + '/' +
                                          scope_of(claim) + ", SignedHeaders=" + join_names(names) +
                                          ", Signature=" + signature);
  return added;
}

std::string presign(const SignedRequest& request, const Credentials& credentials, std::string_view region,
                    std::string_view service, base::WallTime time, std::chrono::seconds expires) {
  auto claim = claim_of(credentials, region, service, time);
  claim.form = SignatureClaim::Form::query;
  claim.signed_headers = {"host"};
  auto [path, query] = split_target(request.target);
  std::string full(query);
  auto add = [&full](std::string_view name, std::string_view value) {
    if (!full.empty()) full += '&';
    full += std::string(name) + '=' + base::percent_encode(value);
  };
  add("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
  add("X-Amz-Credential", claim.access_key_id + '/' + scope_of(claim));
  add("X-Amz-Date", claim.timestamp);
  add("X-Amz-Expires", std::to_string(expires.count()));
  if (claim.security_token) add("X-Amz-Security-Token", *claim.security_token);
  add("X-Amz-SignedHeaders", "host");
  auto signature = signature_of(claim, request, full, credentials.secret);
  add("X-Amz-Signature", signature);
  return std::string(path) + '?' + full;
}

// SES §11.2: the date is a literal.
std::string smtp_password(std::string_view secret, std::string_view region) {
  auto key = derive_key(secret, "11111111", region, "ses", "aws4_request");
  auto last = hmac(as_text(key), "SendRawEmail");
  return derived_password(4, as_text(last));
}

std::string legacy_smtp_password(std::string_view secret) {
  auto key = hmac(secret, "SendRawEmail");
  return derived_password(2, as_text(key));
}

bool is_legacy_smtp_password(std::string_view password, std::string_view secret) {
  return base::constant_time_equal(legacy_smtp_password(secret), password);
}

}  // namespace aws

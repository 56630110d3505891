// parse_authorization(): the claim, from the Authorization header or from a presigned URL.
#include <algorithm>
#include <charconv>

#include "aws/sigv4.h"
#include "aws/sigv4_canonical.h"
#include "base/encoding.h"

namespace aws {
namespace {

using base::Failure;
using base::Fault;
using base::FaultKind;
using Parsed = base::Result<SignatureClaim, Fault>;

constexpr std::size_t kMaxAuthorization = 16384;
constexpr std::size_t kMaxCredential = 512;
constexpr std::size_t kMaxSignedHeaders = 128;
constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

Fault incomplete(std::string text) { return {FaultKind::incomplete_signature, std::move(text)}; }

// Kept out of logs and replies as AWS does: a client may have put a password of something else in there.
std::string hashed(std::string_view authorization) {
  auto digest = Sha256().add(authorization).finish();
  return base::base64_encode(as_text(digest));
}

bool printable(char c) { return c >= ' ' && c <= '~'; }

// What a fault may repeat of the request: not too long, and no bytes that a reply could not carry.
std::string quoted(std::string_view text, std::size_t most) {
  std::string out(text.substr(0, most));
  std::ranges::replace_if(
      out, [](char c) { return !printable(c); }, '?');
  return "'" + out + "'";
}

bool is_repeated(const SignedRequest& request, std::string_view lower_name) {
  const auto named = [&](const HeaderPair& header) { return base::iequals(header.first, lower_name); };
  return std::ranges::count_if(request.headers, named) > 1;
}

bool has_old_parameter(std::string_view form) {
  while (!form.empty()) {
    if (form.starts_with("AWSAccessKeyId=") || form.starts_with("SignatureVersion=")) return true;
    auto next = form.find('&');
    if (next == form.npos) return false;
    form.remove_prefix(next + 1);
  }
  return false;
}

// Signature versions 2 and 3, which SES has refused since 2020 and 2021. SES §2.
bool is_old_form(const SignedRequest& request, std::string_view authorization) {
  if (authorization.starts_with("AWS3") || authorization.starts_with("AWS ")) return true;
  if (!authorization.empty()) return false;
  if (!header_value(request, "x-amzn-authorization").empty()) return true;
  if (has_old_parameter(split_target(request.target).query)) return true;
  return base::ascii_lower(header_value(request, "content-type").substr(0, 33)) ==
             "application/x-www-form-urlencoded" &&
         has_old_parameter(request.body);
}

Fault missing_token(Wording wording) {
  return {FaultKind::missing_authentication_token, wording == Wording::v1
                                                       ? "Request is missing Authentication Token"
                                                       : "Missing Authentication Token"};
}

// yyyymmddThhmmssZ
std::optional<base::WallTime> basic_time(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  for (std::size_t i = 0; i < 15; ++i)
    if (i != 8 && (text[i] < '0' || text[i] > '9')) return std::nullopt;
  return base::parse_time(text);
}

std::optional<Fault> set_time(SignatureClaim& claim, std::string_view text, bool any_form) {
  auto time = basic_time(text);
  if (!time && any_form) time = base::parse_time(text);
  if (!time) {
    return incomplete("Date must be in ISO-8601 'basic format'. Got " + quoted(text, 64) +
                      ". See http://en.wikipedia.org/wiki/ISO_8601");
  }
  claim.time = *time;
  claim.timestamp = base::amz_date(*time);
  return std::nullopt;
}

std::optional<Fault> set_credential(SignatureClaim& claim, std::string_view credential) {
  auto parts = base::split(credential.substr(0, kMaxCredential), '/');
  if (parts.size() != 5 || credential.size() > kMaxCredential || std::ranges::count(parts, "") > 0 ||
      !std::ranges::all_of(credential, printable)) {
    return incomplete(
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got " +
        quoted(credential, kMaxCredential));
  }
  claim.access_key_id = parts[0];
  claim.date = parts[1];
  claim.region = parts[2];
  claim.service = parts[3];
  claim.terminator = parts[4];
  return std::nullopt;
}

std::optional<Fault> set_signed_headers(SignatureClaim& claim, std::string_view list) {
  if (std::ranges::count(list, ';') >= static_cast<std::ptrdiff_t>(kMaxSignedHeaders))
    return incomplete("Too many signed headers.");
  auto names = base::split(list, ';');
  claim.signed_headers.reserve(names.size());
  for (auto name : names) claim.signed_headers.push_back(base::ascii_lower(name));
  auto& all = claim.signed_headers;
  if (!std::ranges::is_sorted(all)) std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return std::nullopt;
}

struct AuthorizationParts {
  std::string_view algorithm, credential, signature, signed_headers;
};

base::Result<AuthorizationParts, Fault> split_authorization(std::string_view value) {
  AuthorizationParts parts;
  auto blank = std::min(value.find(' '), value.size());
  parts.algorithm = value.substr(0, blank);
  for (auto piece : base::split(value.substr(blank), ',')) {
    piece = base::trim(piece);
    if (piece.empty()) continue;
    auto equals = piece.find('=');
    if (equals == piece.npos) {
      return Failure{
          incomplete("Invalid key=value pair (missing equal-sign) in Authorization header (hashed with "
                     "SHA-256 and encoded "
                     "with Base64): '" +
                     hashed(value) + "'.")};
    }
    auto name = piece.substr(0, equals);
    auto text = base::trim(piece.substr(equals + 1));
    auto* part = name == "Credential"      ? &parts.credential
                 : name == "Signature"     ? &parts.signature
                 : name == "SignedHeaders" ? &parts.signed_headers
                                           : nullptr;
    if (!part) continue;
    if (part->data())
      return Failure{incomplete("Authorization header names " + std::string(name) + " twice.")};
    *part = text;
  }
  return parts;
}

Parsed parse_header_form(const SignedRequest& request, std::string_view authorization) {
  if (authorization.size() > kMaxAuthorization)
    return Failure{incomplete("Authorization header is too long.")};
  auto split = split_authorization(authorization);
  if (!split) return Failure{split.error()};
  const auto& parts = *split;
  auto amz_date = header_value(request, "x-amz-date");
  auto date = amz_date.empty() ? header_value(request, "date") : amz_date;

  std::string missing;
  auto need = [&missing](std::string_view value, std::string_view text) {
    if (value.empty()) missing += std::string(text) + ' ';
  };
  need(parts.credential, "Authorization header requires 'Credential' parameter.");
  need(parts.signature, "Authorization header requires 'Signature' parameter.");
  need(parts.signed_headers, "Authorization header requires 'SignedHeaders' parameter.");
  need(date, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  if (!missing.empty()) {
    return Failure{incomplete(
        missing + "(Hashed with SHA-256 and encoded with Base64) Authorization=" + hashed(authorization))};
  }
  if (parts.algorithm != kAlgorithm) {
    return Failure{incomplete("Unsupported AWS 'algorithm': " + quoted(parts.algorithm, 64) + ".")};
  }

  SignatureClaim claim;
  if (auto fault = set_credential(claim, parts.credential)) return Failure{*fault};
  if (auto fault = set_signed_headers(claim, parts.signed_headers)) return Failure{*fault};
  if (auto fault = set_time(claim, base::trim(date), amz_date.empty())) return Failure{*fault};
  claim.signature = parts.signature;
  if (auto token = header_value(request, "x-amz-security-token"); !token.empty())
    claim.security_token = token;
  return claim;
}

struct QueryParameters {
  std::optional<std::string> algorithm, credential, date, expires, signed_headers, signature, token;
};

QueryParameters query_parameters(std::string_view query) {
  QueryParameters found;
  using Name = std::pair<std::string_view, std::optional<std::string>*>;
  const Name names[] = {{"X-Amz-Algorithm", &found.algorithm},
                        {"X-Amz-Credential", &found.credential},
                        {"X-Amz-Date", &found.date},
                        {"X-Amz-Expires", &found.expires},
                        {"X-Amz-SignedHeaders", &found.signed_headers},
                        {"X-Amz-Signature", &found.signature},
                        {"X-Amz-Security-Token", &found.token}};
  for (const auto& [name, value] : query_pairs(query)) {
    auto* wanted = std::ranges::find(names, std::string_view(name), &Name::first);
    if (wanted != std::end(names) && !*wanted->second) *wanted->second = base::percent_decode(value);
  }
  return found;
}

std::optional<Fault> set_expires(SignatureClaim& claim, std::string_view text) {
  std::int64_t seconds = -1;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0)
    return incomplete("X-Amz-Expires should be a number");
  if (seconds > kMaxExpires.count()) {
    return incomplete(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
        "less than 604800 seconds");
  }
  claim.expires = std::chrono::seconds(seconds);
  return std::nullopt;
}

Parsed parse_query_form(const QueryParameters& given) {
  std::string missing;
  auto need = [&missing](const std::optional<std::string>& value, std::string_view name) {
    if (!value || value->empty())
      missing += "AWS query-string parameters must include '" + std::string(name) + "'. ";
  };
  need(given.algorithm, "X-Amz-Algorithm");
  need(given.credential, "X-Amz-Credential");
  need(given.signature, "X-Amz-Signature");
  need(given.signed_headers, "X-Amz-SignedHeaders");
  need(given.date, "X-Amz-Date");
  need(given.expires, "X-Amz-Expires");
  if (!missing.empty()) return Failure{incomplete(missing + "Re-examine the query-string parameters.")};
  if (*given.algorithm != kAlgorithm)
    return Failure{incomplete("Unsupported AWS 'algorithm': " + quoted(*given.algorithm, 64) + ".")};

  SignatureClaim claim;
  claim.form = SignatureClaim::Form::query;
  if (auto fault = set_credential(claim, *given.credential)) return Failure{*fault};
  if (auto fault = set_signed_headers(claim, *given.signed_headers)) return Failure{*fault};
  if (auto fault = set_time(claim, *given.date, false)) return Failure{*fault};
  if (auto fault = set_expires(claim, *given.expires)) return Failure{*fault};
  claim.signature = *given.signature;
  claim.security_token = given.token;
  return claim;
}

}  // namespace

Parsed parse_authorization(const SignedRequest& request, Wording wording) {
  // Or a proxy in front and we could each believe another one.
  if (is_repeated(request, "authorization"))
    return Failure{incomplete("There must be only one Authorization header.")};
  auto authorization = base::trim(header_value(request, "authorization"));
  if (is_old_form(request, authorization)) {
    return Failure{
        Fault(FaultKind::unrecognized_client, "The security token included in the request is invalid.")};
  }
  if (!authorization.empty()) return parse_header_form(request, authorization);
  auto query = split_target(request.target).query;
  if (query.find("X-Amz-") == query.npos) return Failure{missing_token(wording)};
  auto given = query_parameters(query);
  if (!given.algorithm && !given.credential && !given.signature) return Failure{missing_token(wording)};
  return parse_query_form(given);
}

}  // namespace aws

// verify() and the cache of signing keys.
#include <algorithm>
#include <functional>

#include "aws/sigv4.h"
#include "aws/sigv4_canonical.h"
#include "base/encoding.h"

#include <openssl/crypto.h>

namespace aws {
namespace {

using base::Fault;
using base::FaultKind;

Fault refused(std::string text) { return {FaultKind::signature_mismatch, std::move(text)}; }

bool region_known(std::string_view region, std::span<const std::string> allowed) {
  return allowed.empty() ? is_region_name(region) : std::ranges::find(allowed, region) != allowed.end();
}

std::optional<Fault> check_scope(const SignatureClaim& claim, const ExpectedScope& expected) {
  std::string text;
  if (claim.terminator != "aws4_request") {
    text += "Credential should be scoped with a valid terminator: 'aws4_request', not '" + claim.terminator +
            "'. ";
  }
  if (!region_known(claim.region, expected.regions))
    text += "Credential should be scoped to a valid region, not '" + claim.region + "'. ";
  if (claim.service != expected.service)
    text += "Credential should be scoped to correct service: '" + std::string(expected.service) + "'. ";
  if (auto day = claim.timestamp.substr(0, 8); claim.date != day) {
    text += "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
            claim.date + "' != '" + day + "', from '" + claim.timestamp + "'.";
  }
  if (text.empty()) return std::nullopt;
  return refused(std::move(text));
}

// What the meaning of the request hangs on must be signed when it is sent.
std::optional<Fault> check_signed_headers(const SignatureClaim& claim, const SignedRequest& request) {
  const auto& names = claim.signed_headers;
  auto is_signed = [&names](std::string_view name) { return std::ranges::binary_search(names, name); };
  if (!is_signed("host"))
    return refused("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  if (!is_signed("x-amz-date") && header_value(request, "x-amz-date").data())
    return refused("'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.");
  if (!is_signed("x-amz-security-token") && header_value(request, "x-amz-security-token").data())
    return refused("'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization.");
  return std::nullopt;
}

std::string length_text(std::chrono::seconds length) {
  auto n = length.count();
  return n % 60 == 0 ? std::to_string(n / 60) + " min.)" : std::to_string(n) + " sec.)";
}

std::optional<Fault> check_time(const SignatureClaim& claim, base::WallTime now) {
  auto now_text = base::amz_date(now);
  std::chrono::seconds lives = claim.form == SignatureClaim::Form::query ? claim.expires : kAllowedSkew;
  if (claim.time < now - lives) {
    return refused("Signature expired: " + claim.timestamp + " is now earlier than " +
                   base::amz_date(now - lives) + " (" + now_text + " - " + length_text(lives));
  }
  if (claim.time > now + kAllowedSkew) {
    return refused("Signature not yet current: " + claim.timestamp + " is still later than " +
                   base::amz_date(now + kAllowedSkew) + " (" + now_text + " + " + length_text(kAllowedSkew));
  }
  return std::nullopt;
}

// The payload line: the body's hash, or the header that names it where it tells the truth.
std::optional<std::string> payload_hash(const SignedRequest& request) {
  std::string hash;
  hash.reserve(64);
  append_hex(hash, Sha256().add(request.body).finish());
  auto told = base::trim(header_value(request, "x-amz-content-sha256"));
  if (told.empty()) return hash;
  if (!base::iequals(told, hash)) return std::nullopt;
  return std::string(told);
}

// The parts of the canonical request around the line of the Host header, which is tried in two forms.
struct Canonical {
  std::string before, host, after;
};

std::optional<Canonical> canonical_parts(const SignatureClaim& claim, const SignedRequest& request) {
  auto payload = payload_hash(request);
  if (!payload) return std::nullopt;
  auto target = split_target(request.target);
  Canonical parts;
  parts.before.reserve(512);
  parts.before += request.method;
  parts.before += '\n';
  parts.before += canonical_path(target.path);
  parts.before += '\n';
  parts.before += canonical_query(target.query, claim.form == SignatureClaim::Form::query);
  parts.before += '\n';
  for (const auto& name : claim.signed_headers) {
    auto& out = name == "host" ? parts.host : name < "host" ? parts.before : parts.after;
    if (!append_canonical_header(out, request, name)) return std::nullopt;
  }
  parts.after += '\n';
  parts.after += join_names(claim.signed_headers);
  parts.after += '\n';
  parts.after += *payload;
  return parts;
}

bool signature_is(const Canonical& parts, std::string_view host, const SignatureClaim& claim,
                  const SigningKeyCache::Key& key) {
  auto digest = Sha256().add(parts.before).add(host).add(parts.after).finish();
  std::string right;
  right.reserve(64);
  append_hex(right, hmac(as_text(key), string_to_sign(claim, digest)));
  return base::constant_time_equal(right, claim.signature);
}

// "host:name:8025\n" without its port; empty where it has none.
std::string without_port(std::string_view host_line) {
  auto colon = host_line.rfind(':');
  auto port = host_line.substr(colon + 1);
  if (colon < 5 || port.size() < 2 || port.find_first_not_of("0123456789") != port.size() - 1) return {};
  return std::string(host_line.substr(0, colon)) + '\n';
}

}  // namespace

Fault wrong_signature() {
  return refused(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
      "Access Key and signing method. Consult the service documentation for details.");
}

bool is_region_name(std::string_view region) {
  return !region.empty() && region.size() <= 32 && std::ranges::all_of(region, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::optional<Fault> verify(const SignatureClaim& claim, const SignedRequest& request,
                            std::string_view secret, const ExpectedScope& expected, base::WallTime real_now,
                            SigningKeyCache& keys) {
  if (auto fault = check_scope(claim, expected)) return fault;
  if (auto fault = check_signed_headers(claim, request)) return fault;
  if (auto fault = check_time(claim, real_now)) return fault;
  auto parts = canonical_parts(claim, request);
  if (!parts) return wrong_signature();
  auto key = keys.get(secret, claim);
  bool right = signature_is(*parts, parts->host, claim, key);
  if (!right) {
    // SES §1: some old clients sign the host without the port they send.
    auto bare = without_port(parts->host);
    right = !bare.empty() && signature_is(*parts, bare, claim, key);
  }
  OPENSSL_cleanse(key.data(), key.size());
  if (!right) return wrong_signature();
  return std::nullopt;
}

struct SigningKeyCache::Slot {
  Digest name{};  // hash of the scope, the key id and the secret: all zero is nobody's
  Key key{};
};

SigningKeyCache::SigningKeyCache(std::size_t slots) : slots_(std::max<std::size_t>(slots, 1)) {}

SigningKeyCache::~SigningKeyCache() {
  for (auto& slot : slots_) OPENSSL_cleanse(&slot, sizeof slot);
}

SigningKeyCache::Key SigningKeyCache::get(std::string_view secret, const SignatureClaim& claim) {
  // The parts hold no '/', save the secret, which comes last.
  Sha256 hash;
  hash.add(claim.access_key_id);
  for (std::string_view part : {std::string_view(claim.date), std::string_view(claim.region),
                                std::string_view(claim.service), std::string_view(claim.terminator), secret})
    hash.add("/").add(part);
  auto name = hash.finish();
  std::size_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8 | name[i];
  number %= slots_.size();
  auto& slot = slots_[number];
  auto& mutex = locks_[number % kLocks];
  {
    std::lock_guard lock(mutex);
    if (slot.name == name) return slot.key;
  }
  auto key = derive_key(secret, claim.date, claim.region, claim.service, claim.terminator);
  std::lock_guard lock(mutex);
  slot = {name, key};
  return key;
}

}  // namespace aws

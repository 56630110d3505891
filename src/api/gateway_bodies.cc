// How large a body may be before anybody has looked at its signature.
#include "api/attempt.h"
#include "api/gateway.h"
#include "base/fault.h"

namespace api {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::size_t kStrangersBody = 64 << 10;

// By what the head says: over 100,000 bytes, or in chunks, which may become any number.
bool is_large(const net::HttpRequest& head) {
  const auto length = head.header("Content-Length");
  return length.empty() || length.size() > 5;
}

net::HttpResponse plain_413() {
  net::HttpResponse response;
  response.status = 413;
  response.headers = {{"Content-Type", "text/plain"}};
  response.body = "Content Too Large\n";
  return response;
}

}  // namespace

// Why nobody is to be believed who sends this head; null where the signature may be right.
std::exception_ptr Gateway::stranger(const net::HttpRequest& head, Attempt& attempt) const {
  if (!options_.strict_auth) return nullptr;
  const aws::SignedRequest request{head.method, head.target, head.headers, {}};
  const auto claim = aws::parse_authorization(request, aws::Wording::v1);
  if (!claim.ok()) return std::make_exception_ptr(claim.error());
  const auto key = service_.principals.find_key(claim->access_key_id);
  const bool calm = attempt.begin(claim->access_key_id, key) && !attempt.slowed();
  try {
    if (claim->security_token)
      service_.principals.open_session(claim->access_key_id, *claim->security_token);
    else if (!key || !key->active)
      throw Fault(FaultKind::unrecognized_client, "The security token included in the request is invalid.");
  } catch (const Fault&) {
    return std::current_exception();
  }
  return calm ? nullptr : std::make_exception_ptr(aws::wrong_signature());
}

std::size_t Gateway::body_limit(const net::HttpRequest& head) const {
  const auto limit = aws::body_limit(head.method, head.target);
  if (!serves(head) || limit <= kStrangersBody || !is_large(head)) return limit;
  Attempt attempt(service_, head.peer.address);
  return stranger(head, attempt) ? kStrangersBody : limit;
}

net::HttpResponse Gateway::too_large(const net::HttpRequest& head) const {
  Attempt attempt(service_, head.peer.address);
  const auto error = serves(head) ? stranger(head, attempt) : nullptr;
  if (!error) return plain_413();
  const aws::WireRequest wire{head.method, head.target, head.headers, {}};
  const auto located = aws::locate(wire);
  const auto request_id = base::uuid4(service_.random);
  auto record = record_of(wire, located);
  record.request_id = request_id;
  attempt.note_failure(error, std::move(record));
  auto encoded = aws::encode_exception(located.api, error, request_id);
  return {encoded.status, std::move(encoded.headers), std::move(encoded.body)};
}

}  // namespace api

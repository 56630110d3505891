#include "api/attempt.h"

#include "base/fault.h"

namespace api {
namespace {

using base::FaultKind;

// Not what is malformed or has no signature at all: that is no attempt to be somebody.
bool is_bad_proof(std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const base::Fault& fault) {
    return fault.kind() == FaultKind::unrecognized_client || fault.kind() == FaultKind::signature_mismatch ||
           fault.kind() == FaultKind::expired_token;
  } catch (...) {
    return false;
  }
}

std::string_view api_name(aws::Api api) {
  switch (api) {
    case aws::Api::ses:
      return "v1";
    case aws::Api::sesv2:
      return "v2";
    case aws::Api::iam:
      return "iam";
    case aws::Api::sts:
      return "sts";
    case aws::Api::sns:
      break;
  }
  return "sns";
}

}  // namespace

bool Attempt::begin(std::string_view key_id, ses::AccessKeyPtr key) {
  key_id_ = key_id;
  key_ = std::move(key);
  delay_ = service_.throttle.delay(source_, key_id_, std::chrono::steady_clock::now());
  if (delay_.count() == 0) return true;
  place_ = service_.throttle.wait(source_);
  unseen_ = !place_;
  return !unseen_;
}

void Attempt::succeeded() { service_.throttle.succeeded(source_, key_id_, std::chrono::steady_clock::now()); }

bool Attempt::note_failure(std::exception_ptr error, ses::AccessRecord request) {
  if (!is_bad_proof(error)) return false;
  request.source_ip = source_;
  if (unseen_) {
    // One row for all of these, or a flood could push older rows out.
    request.user_agent.clear();
  } else {
    request.access_key_id = key_id_;
    request.account = key_ ? key_->account.str() : std::string();
    request.principal_arn = key_ ? key_->arn : std::string();
    service_.throttle.failed(source_, key_id_, std::chrono::steady_clock::now());
  }
  service_.audit.record(std::move(request));
  return true;
}

base::Task<void> Attempt::failed(std::exception_ptr error, ses::AccessRecord request,
                                 net::HttpResponse* answer) {
  if (!note_failure(error, std::move(request))) co_return;
  answer->close = unseen_;
  if (place_) {
    answer->held_back = delay_;
    answer->keep = std::make_shared<const net::SourceLimit::Place>(std::move(place_));
  }
  auto settling = service_.audit.settle();
  co_await settling;
}

bool is_of_web_page(const aws::WireRequest& wire) { return !wire.header("Origin").empty(); }

ses::AccessRecord record_of(const aws::WireRequest& wire, const aws::Located& located) {
  ses::AccessRecord record;
  const std::string service(aws::service(located.api).signing_name);
  record.action = service + ":" + (located.operation ? std::string(located.operation->name) : "Unknown");
  record.api = api_name(located.api);
  record.user_agent = wire.header("User-Agent");
  record.effect = ses::Effect::bad_credentials;
  return record;
}

}  // namespace api

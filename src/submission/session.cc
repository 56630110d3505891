#include "submission/session.h"

#include <utility>

#include "base/encoding.h"
#include "base/fault.h"
#include "base/log.h"
#include "mail/address.h"
#include "send/smtp_reply.h"

namespace submission {
namespace {

constexpr std::size_t kShownAddress = 320;
constexpr std::size_t kHelloName = 255;
// SES §11.2, since 26 March 2021.
constexpr std::string_view kDeprecated[] = {
    "Signature Version 2 is deprecated for use with SES from March 26, 2021.",
    "Derive the SMTP password from the secret access key with Signature Version 4."};

std::string shown(std::string_view address) {
  std::string out;
  for (char c : address.substr(0, kShownAddress))
    if (c >= ' ' && c != 0x7f) out += c;
  return out;
}

}  // namespace

Session::Session(std::shared_ptr<Shared> shared, std::shared_ptr<smtp::SessionState> state,
                 std::string peer_address, std::string tls_version)
    : held_(std::move(shared)),
      shared_(*held_),
      state_(std::move(state)),
      peer_(std::move(peer_address)),
      tls_version_(std::move(tls_version)),
      caller_(shared_.login.anonymous()) {}

std::string Session::host_name() { return "email-smtp." + shared_.service_domain; }

std::string Session::greeting() {  // SES §11.3
  server_name_ = "SimpleEmailService-d-" + shared_.random.text(9, base::kUpperAlnum);
  return host_name() + " ESMTP " + server_name_ + " " + shared_.random.text(20, base::kAlnum);
}

// SES §12.3: `from HELO (RDNS [IP]) by …`; no reverse look-up is made.
std::string Session::received() const {
  auto text = "from " + (hello_name_.empty() ? "unknown" : hello_name_) + " ([" + peer_ + "]) by " +
              "email-smtp." + shared_.service_domain + " with SMTP (" + server_name_ + ") id " +
              shared_.random.text(20, base::kAlnum);
  if (recipients_.size() == 1) text += " for " + recipients_.front();
  return text;
}

// Who failed before waits before the check, so that the wait tells nothing of its result; where too many wait
// already nothing is checked.
base::Task<smtp::Reply> Session::authenticate(std::string user, std::string password) {
  const auto delay = shared_.throttle.delay(peer_, user, std::chrono::steady_clock::now());
  net::SourceLimit::Place place;
  if (delay.count() > 0) {
    place = shared_.throttle.wait(peer_);
    if (!place) {
      auto noting = shared_.denied(failed_login({}, {}));  // one row for all of these
      co_await noting;
      co_return smtp::Reply(454, "Temporary authentication failure");
    }
    auto waiting = shared_.sleep(delay);
    co_await waiting;
  }
  auto checking = check_password(std::move(user), std::move(password));
  co_return co_await checking;
}

base::Task<smtp::Reply> Session::check_password(std::string user, std::string password) {
  LoginResult result;
  std::exception_ptr error;
  try {
    result = shared_.login.check(user, password);
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    static_cast<void>(send::reply_to(error));  // for the log
    co_return smtp::Reply(454, "Temporary authentication failure");
  }
  if (result.verdict == Verdict::accepted) {
    shared_.throttle.succeeded(peer_, user, std::chrono::steady_clock::now());
    caller_ = std::move(result.caller);
    if (shared_.note_use && !caller_.as_root) shared_.note_use(caller_);
    co_return smtp::Reply(235, "Authentication successful.");
  }
  auto refusing = refuse_login(std::move(user), std::move(result));
  co_return co_await refusing;
}

base::Task<smtp::Reply> Session::refuse_login(std::string user, LoginResult result) {
  base::log_info("SMTP log-in failed: user {} from {}", shown(user), peer_);
  auto record = failed_login(user, result.caller);
  auto noting = shared_.denied(std::move(record));
  co_await noting;
  if (result.verdict == Verdict::deprecated_password) {  // who knows it knows the secret: no guess
    smtp::Reply reply;
    reply.code = 535;
    reply.lines.assign(std::begin(kDeprecated), std::end(kDeprecated));
    co_return reply;
  }
  shared_.throttle.failed(peer_, user, std::chrono::steady_clock::now());
  co_return smtp::Reply(535, "Authentication Credentials Invalid");
}

// Whose key it is is known where there is such a key, although nothing was proven.
ses::AccessRecord Session::failed_login(const std::string& user, const ses::Caller& claimed) const {
  ses::AccessRecord record;
  record.account = claimed.scope.account.str();
  record.principal_arn = claimed.principal_arn;
  record.access_key_id = shown(user);
  record.source_ip = peer_;
  record.user_agent = hello_name_;
  record.api = "smtp";
  record.action = "smtp:Login";
  record.effect = ses::Effect::bad_credentials;
  return record;
}

bool Session::valid_address(const std::string& address) const {
  auto parsed = mail::parse_mailbox(address, shared_.smtputf8);
  // Only the bare address belongs into an envelope.
  return parsed.ok() && parsed->raw_name.empty() && parsed->addr() == address;
}

base::Task<smtp::Reply> Session::mail_from(std::string address, smtp::MailParameters parameters) {
  static_cast<void>(parameters);  // what SIZE, BODY and SMTPUTF8 claim is found out from the message itself
  if (shared_.draining) co_return smtp::stopping();
  // Mail with a null sender has nobody to tell of a bounce; it is the service's own to send, not a client's.
  if (address.empty() || !valid_address(address))
    co_return smtp::Reply(553, "<" + shown(address) + "> Invalid email address.");
  if (auto refusal = lost_key()) co_return *refusal;
  sender_ = std::move(address);
  recipients_.clear();
  state_->begin();
  co_return smtp::Reply(250, "Ok");
}

base::Task<smtp::Reply> Session::rcpt_to(std::string address) {
  if (!valid_address(address)) co_return smtp::Reply(553, "<" + shown(address) + "> address unknown.");
  recipients_.push_back(std::move(address));
  co_return smtp::Reply(250, "Ok");
}

send::Submission Session::take_submission(std::string data) {
  send::Submission submission;
  submission.door = send::Door::smtp;
  submission.operation = "SendSmtpEmail";
  submission.caller = caller_;
  submission.caller.source_ip = peer_;
  submission.caller.tls_version = tls_version_;
  submission.caller.user_agent = hello_name_;
  submission.caller.request_id = base::uuid4(shared_.random);
  submission.received = received();
  // SES §11.4: the envelope counts, not the headers.
  submission.from = std::move(sender_);
  submission.destination = send::Destination{std::move(recipients_), {}, {}};
  submission.content = send::RawContent{std::move(data)};
  return submission;
}

// The key of an open connection may have been made inactive or deleted: that holds from the next message on,
// with the reply the log-in would get (SES §11.3).
std::optional<smtp::Reply> Session::lost_key() {
  if (shared_.login.still_holds(caller_)) return std::nullopt;
  base::log_info("SMTP: the key {} of an open connection from {} is inactive or gone",
                 shown(caller_.access_key_id), peer_);
  return smtp::Reply(535, "Authentication Credentials Invalid");
}

base::Task<smtp::Reply> Session::message(std::string data) {
  if (auto refusal = lost_key()) {
    state_->end();
    co_return *refusal;
  }
  if (shared_.note_use && !caller_.as_root) shared_.note_use(caller_);
  auto submission = take_submission(std::move(data));
  std::exception_ptr error;
  ses::MessageId id;
  try {
    auto sending = shared_.submit(std::move(submission));
    id = co_await sending;
  } catch (...) {
    error = std::current_exception();
  }
  state_->end();
  if (error) co_return send::reply_to(error);
  co_return smtp::Reply(250, "Ok " + id.str());
}

smtp::Reply Session::too_large() { return {552, "Message is too long."}; }

void Session::reset() {
  sender_.clear();
  recipients_.clear();
  state_->end();
}

void Session::hello(std::string name, bool extended) {
  static_cast<void>(extended);
  hello_name_ = shown(name.substr(0, kHelloName));
}

void Session::tls_started(const net::TlsInfo& info) {
  tls_version_ = info.version;
  hello_name_.clear();
  caller_ = shared_.login.anonymous();  // RFC 3207 §4.2: nothing from before counts
}

}  // namespace submission

#include "receive/session.h"

#include <algorithm>

#include "base/encoding.h"
#include "mail/address.h"
#include "mail/header.h"
#include "send/smtp_reply.h"
#include "ses/received.h"

namespace receive {
namespace {

constexpr std::size_t kHelloName = 255;
constexpr std::size_t kMostHops = 100;
// Of one mail, which each of them keeps; what comes back goes to one (RFC 3464 §2).
constexpr std::size_t kMostOwn = 10;

// The texts are ours where none of SES's is known (SES §28.9).
smtp::Reply reply_to(Welcome welcome) {
  switch (welcome) {
    case Welcome::taken:
      return {250, "Ok"};
    case Welcome::unknown:
      return {550, "5.1.1 Requested action not taken: mailbox unavailable"};
    case Welcome::blocked:
      return {550, "5.7.1 Requested action not taken: your address is blocked"};
    case Welcome::needs_tls:
      return {530, "5.7.0 Must issue a STARTTLS command first"};
  }
  return {451, "4.3.0 Temporary service failure"};
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool valid(const std::string& address) {
  const auto parsed = mail::parse_mailbox(address, true);
  return parsed.ok() && parsed->raw_name.empty() && parsed->addr() == address;  // only a bare one
}

std::string printable(std::string_view text) {
  std::string out;
  for (char c : text)
    if (c > ' ' && c < 0x7f) out += c;
  return out;
}

}  // namespace

bool loops(std::string_view content) {
  const auto head = mail::split_part(ses::head_of(content));
  const auto received = [](const auto& field) { return base::iequals(field.name, "Received"); };
  return static_cast<std::size_t>(std::count_if(head.fields.begin(), head.fields.end(), received)) >
         kMostHops;
}

Session::Session(std::shared_ptr<DoorShared> shared, std::shared_ptr<smtp::SessionState> state,
                 std::string peer)
    : shared_(std::move(shared)), state_(std::move(state)) {
  envelope_.source_ip = std::move(peer);
}

std::string Session::greeting() {
  return shared_->host + " ESMTP SimpleEmailService-d-" + shared_->random.text(9, base::kUpperAlnum) + " " +
         shared_->random.text(20, base::kAlnum);
}

std::string Session::host_name() { return shared_->host; }

base::Task<smtp::Reply> Session::authenticate(std::string user, std::string password) {
  static_cast<void>(user), static_cast<void>(password);
  co_return smtp::Reply(502, "Error: command not implemented");  // not offered, not reached
}

// Why the address cannot be one of this transaction.
std::optional<smtp::Reply> Session::fault_of(const std::string& address) const {
  if (!valid(address)) return smtp::Reply(553, "5.1.3 Invalid email address");
  if (!utf8_ && !is_ascii(address))  // RFC 6531 §3.5
    return smtp::Reply(553, "5.6.7 Address needs the SMTPUTF8 parameter");
  return std::nullopt;
}

base::Task<smtp::Reply> Session::mail_from(std::string address, smtp::MailParameters parameters) {
  if (shared_->draining) co_return smtp::stopping();
  utf8_ = parameters.smtputf8;
  if (!address.empty())
    if (auto fault = fault_of(address)) co_return *fault;
  if (!shared_->rate.take(envelope_.source_ip, net::Steady::now()))
    co_return smtp::Reply(450, "4.7.1 Too many messages in a short time, please try again later");
  envelope_.sender = std::move(address);
  state_->begin();
  co_return smtp::Reply(250, "Ok");
}

base::Task<smtp::Reply> Session::rcpt_to(std::string address) {
  if (auto fault = fault_of(address)) co_return *fault;
  if (shared_->intake.is_own(address) && ++own_ > kMostOwn)
    co_return smtp::Reply(452, "4.5.3 Too many recipients, please send the others another copy");
  const auto welcome = shared_->intake.welcome(address, envelope_.source_ip, !envelope_.tls_version.empty());
  if (welcome == Welcome::taken) envelope_.recipients.push_back(std::move(address));
  co_return reply_to(welcome);
}

base::Task<smtp::Reply> Session::message(std::string data) {
  if (loops(data)) {
    state_->end();
    co_return smtp::Reply(554, "5.4.6 Too many hops: the message goes round in a loop");
  }
  std::exception_ptr error;
  std::vector<std::string> ids;
  try {
    auto envelope = envelope_;
    envelope.all_or_none = true;  // one reply is for all: who is not taken any more must not be lost by it
    auto storing = shared_->intake.store(std::move(envelope), std::move(data));
    ids = co_await storing;
  } catch (...) {
    error = std::current_exception();
  }
  state_->end();
  if (error) co_return send::reply_to(error);
  if (ids.empty()) co_return smtp::Reply(451, "4.3.0 The rules have changed meanwhile, please try again");
  co_return smtp::Reply(250, "Ok " + ids.front());
}

smtp::Reply Session::too_large() { return {552, "5.3.4 Message size exceeds fixed limit"}; }

void Session::reset() {
  envelope_.sender.clear();
  envelope_.recipients.clear();
  utf8_ = false;
  own_ = 0;
  state_->end();
}

void Session::hello(std::string name, bool extended) {
  static_cast<void>(extended);
  envelope_.helo = printable(name.substr(0, kHelloName));
}

void Session::tls_started(const net::TlsInfo& info) {
  envelope_.tls_version = info.version;
  envelope_.helo.clear();  // RFC 3207 §4.2
}

}  // namespace receive

#include "submission/door.h"

#include <algorithm>
#include <stdexcept>

#include "submission/session.h"

namespace submission {
namespace {

constexpr auto kStep = std::chrono::milliseconds(200);

// In small steps, so that a stop need not wait for those that failed to log in.
base::Task<void> sleep_on_loop(const std::atomic<bool>* draining, std::chrono::milliseconds time) {
  const auto end = net::Steady::now() + time;
  while (!*draining && net::Steady::now() < end) {
    auto sleeping =
        net::Loop::current()->sleep_for(std::min<net::Steady::duration>(end - net::Steady::now(), kStep));
    co_await sleeping;
  }
}

base::Task<void> note_denial(send::Service* service, ses::AccessRecord record) {
  service->audit.record(std::move(record));
  auto settling = service->audit.settle();
  co_await settling;
}

LoginRules login_rules(const send::Service& service, const DoorOptions& options) {
  LoginRules rules;
  rules.regions = service.settings.regions;
  rules.lenient = !options.strict_auth;
  rules.default_account = service.settings.dev_account;
  rules.default_region = options.default_region;
  return rules;
}

smtp::ServerFeatures features_of(const DoorOptions& options, const ses::Settings& settings,
                                 bool tls_from_start) {
  const bool plaintext = options.allow_plaintext || settings.dev;
  smtp::ServerFeatures features;
  features.starttls = options.tls != nullptr && !tls_from_start;
  features.tls_from_start = tls_from_start;
  features.tls = options.tls;
  features.require_tls = !plaintext;
  features.auth_before_tls = plaintext;
  features.require_auth = options.strict_auth;
  features.smtputf8 = settings.smtputf8;
  features.size = options.session.max_message;
  return features;
}

}  // namespace

struct SmtpDoor::Impl : std::enable_shared_from_this<Impl> {
  Impl(send::Service& s, DoorOptions o)
      : service(s),
        options(std::move(o)),
        login(login_rules(s, options), [&s](std::string_view id) { return s.principals.find_key(id); }),
        shared{s.settings.service_domain,
               s.settings.smtputf8,
               login,
               s.throttle,
               s.random,
               [&s](send::Submission submission) { return send::submit(s, std::move(submission)); },
               [this](std::chrono::milliseconds time) { return sleep_on_loop(&shared.draining, time); },
               [&s](ses::AccessRecord record) { return note_denial(&s, std::move(record)); },
               [&s](const ses::Caller& caller) {
                 s.principals.note_use(caller.access_key_id, "ses", caller.scope.region.str());
               }} {}

  send::Service& service;
  const DoorOptions options;
  Login login;
  Shared shared;
};

SmtpDoor::SmtpDoor(send::Service& service, net::LoopPool& loops, DoorOptions options)
    : impl_(std::make_shared<Impl>(service, options)) {
  auto make = [impl = impl_](std::string peer, std::shared_ptr<smtp::SessionState> state) {
    return std::make_unique<Session>(std::shared_ptr<Shared>(impl, &impl->shared), std::move(state),
                                     std::move(peer), "");
  };
  door_ = std::make_unique<smtp::Door>(loops, std::move(options), std::move(make));
}

SmtpDoor::~SmtpDoor() { drain(net::Steady::now()); }

net::Endpoint SmtpDoor::listen(const net::Endpoint& endpoint, bool tls_from_start) {
  const auto features = features_of(impl_->options, impl_->service.settings, tls_from_start);
  if ((features.require_tls || tls_from_start) && !impl_->options.tls)
    throw std::runtime_error("SMTP on " + endpoint.text() + " needs a certificate");
  return door_->listen(endpoint, features);
}

std::size_t SmtpDoor::sessions() const { return door_->sessions(); }

bool SmtpDoor::drain(net::Deadline deadline) {
  impl_->shared.draining = true;
  return door_->drain(deadline);
}

}  // namespace submission

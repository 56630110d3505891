// The coroutine that drives verification on a loop.
#include <algorithm>
#include <atomic>
#include <mutex>

#include "base/log.h"
#include "ses/verification.h"

namespace ses {
namespace {

// The wall clock may be set, and a pass may have failed: look again at least so often.
constexpr std::chrono::minutes kLongestWait{1};
constexpr std::chrono::milliseconds kShortestWait{200};

}  // namespace

struct VerificationPoller::State : std::enable_shared_from_this<State> {
  State(Identities& i, net::Resolver& r, const Settings& s, base::Clock& c, net::Loop& l)
      : identities(i), resolver(r), settings(s), clock(c), loop(l) {}

  Identities& identities;
  net::Resolver& resolver;
  const Settings& settings;
  base::Clock& clock;
  net::Loop& loop;

  std::mutex mutex;                 // stop() against wake()
  std::atomic<bool> stopped{true};  // until start()
  std::atomic<bool> wake_posted{false};
  // The loop's thread only.
  std::unique_ptr<net::Timer> timer;
  bool passing = false;

  void wake();
  void begin_pass();
  void arm(bool failed);
  static base::Task<void> pass(std::shared_ptr<State> self);
  static base::Task<void> look_at_all(std::shared_ptr<State> self);
  static base::Task<void> look_at(std::shared_ptr<State> self, IdentityPtr identity);
};

base::Task<void> VerificationPoller::State::look_at(std::shared_ptr<State> self, IdentityPtr identity) {
  auto began = self->clock.now();
  auto findings = co_await look_up(&self->resolver, self->settings.service_domain, identity);
  auto result = judge(*identity, findings, began);
  if (result.status != identity->status || result.dkim_status != identity->dkim.status) {
    base::log_info("identity {} in {}: {}, DKIM {}", identity->name, identity->scope.region.str(),
                   v1_status(result.status), v1_status(result.dkim_status));
  }
  if (result.mail_from_status.value_or(identity->mail_from.status) != identity->mail_from.status)
    base::log_info("identity {} in {}: MAIL FROM {} {}", identity->name, identity->scope.region.str(),
                   identity->mail_from.domain, v1_status(*result.mail_from_status));
  co_await self->identities.record_check(identity->scope, identity->name, result);
}

// One after the other: there are few, and the resolver keeps its peace.
base::Task<void> VerificationPoller::State::look_at_all(std::shared_ptr<State> self) {
  auto due = self->identities.due_checks(self->clock.now());
  for (const auto& identity : due) {
    co_await look_at(self, identity);
  }
}

base::Task<void> VerificationPoller::State::pass(std::shared_ptr<State> self) {
  bool failed = false;
  try {
    co_await look_at_all(self);
  } catch (const std::exception& e) {
    base::log_warn("verification of identities was interrupted: {}", e.what());
    failed = true;
  }
  self->passing = false;
  self->arm(failed);
}

void VerificationPoller::State::wake() {
  std::lock_guard lock(mutex);
  if (stopped || wake_posted.exchange(true)) return;
  loop.post([self = shared_from_this()] {
    self->wake_posted = false;
    self->begin_pass();
  });
}

void VerificationPoller::State::begin_pass() {
  if (stopped || passing) return;  // at its end a pass looks what is due next
  passing = true;
  base::spawn(pass(shared_from_this()));
}

void VerificationPoller::State::arm(bool failed) {
  if (stopped || !timer) return;
  auto next = identities.next_check();
  base::Millis wait = kLongestWait;
  if (next) wait = std::clamp<base::Millis>(*next - clock.now(), kShortestWait, kLongestWait);
  if (failed) wait = kLongestWait;
  timer->at(net::Steady::now() + wait, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->begin_pass();
  });
}

VerificationPoller::VerificationPoller(Identities& identities, net::Resolver& resolver,
                                       const Settings& settings, base::Clock& clock, net::Loop& loop)
    : state_(std::make_shared<State>(identities, resolver, settings, clock, loop)) {}

VerificationPoller::~VerificationPoller() { stop(); }

void VerificationPoller::start() {
  state_->stopped = false;
  std::weak_ptr<State> weak = state_;
  auto wake = [weak] {
    if (auto state = weak.lock()) state->wake();
  };
  state_->loop.post([state = state_] {
    if (!state->stopped) state->timer = std::make_unique<net::Timer>(state->loop);
  });
  state_->identities.on_change(wake);
  state_->clock.on_jump(wake);
  state_->wake();
}

void VerificationPoller::stop() {
  std::lock_guard lock(state_->mutex);
  if (state_->stopped.exchange(true)) return;
  // The timer is the loop's.
  state_->loop.post([state = state_] { state->timer.reset(); });
}

base::Task<void> VerificationPoller::run_due() { return State::look_at_all(state_); }

}  // namespace ses

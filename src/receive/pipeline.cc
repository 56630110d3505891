#include "receive/pipeline.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/log.h"
#include "receive/actions.h"
#include "receive/feedback.h"
#include "receive/plan.h"
#include "receive/unsubscribe_mail.h"

namespace receive {
namespace {

constexpr std::chrono::hours kGiveUp{4};  // SES §22.1
constexpr base::Millis kFirstRetry{10000}, kLongestRetry{600000};
constexpr base::Millis kAfterTrouble{30000};
constexpr std::size_t kUnderWay = 1024, kOctets = 128u << 20, kAtOnce = 256;
constexpr std::chrono::milliseconds kEvery{1000}, kSettling{5};
constexpr int kLongestPause = 30;  // times kEvery
// With a mail's questions to DNS (RFC 7208 §4.6.4 wants 20 s); in a hurry, where too many of a source or of
// all are at it.
constexpr std::chrono::seconds kPatience{30}, kHurry{3};
constexpr std::size_t kDetail = 200 << 10;  // of a result: a captured notification with its content

base::Millis backoff(std::int64_t attempts) {
  auto wait = kFirstRetry;
  for (std::int64_t i = 1; i < attempts && wait < kLongestRetry; ++i) wait *= 2;
  return std::min(wait, kLongestRetry);
}

std::string_view name_of(StepResult::Kind kind) {
  switch (kind) {
    case StepResult::done:
      return "done";
    case StepResult::captured:
      return "captured";
    case StepResult::failed:
      return "failed";
    case StepResult::retry:
      return "retry";
  }
  return "";
}

struct At {
  const ses::ReceiptRule& rule;
  const ses::ReceiptAction& action;
  bool notify;
};

void note(ses::ReceivedProgress& progress, base::WallTime now, const At& at, std::string_view result,
          const std::string& detail) {
  base::JsonWriter w;
  w.object().field("at", base::iso8601(now)).field("rule", at.rule.name);
  w.field("action", type_of(at.action)).field("notification", at.notify).field("result", result);
  if (!detail.empty()) w.field("detail", std::string_view(detail).substr(0, kDetail));
  w.end();
  if (!progress.results.empty()) progress.results += ',';
  progress.results += w.text();
}

bool reaches_out(const ses::ReceiptAction& action) {
  return !std::holds_alternative<ses::AddHeaderAction>(action) &&
         !std::holds_alternative<ses::StopAction>(action);
}

// What an action throws is its failure: it is told and tried again, and has its end like any other.
base::Task<StepResult> attempt(const ActionWork& work, bool notify) {
  StepResult result;
  try {
    auto running = notify ? tell_topic(work, *topic_of(work.action)) : run_action(work);
    result = co_await running;
  } catch (const std::exception& e) {
    result = {StepResult::retry, Flow::next, e.what()};
  }
  co_return result;
}

void finish(ses::ReceivedProgress& progress) { progress.state = ses::ReceivedState::done; }

// Goes on behind what step `at` came to. The topic of an action that stops is told yet: its notification is
// the step behind it, and where that leads to is kept.
void advance(ses::ReceivedProgress& progress, const std::vector<Step>& steps, std::size_t at,
             const StepResult& result) {
  const bool failed = result.kind == StepResult::failed;
  auto next = failed ? after_action(steps, at) : at + 1;
  if (result.flow == Flow::stop_rule) next = after_rule(steps, at);
  if (result.flow == Flow::stop_all) next = steps.size();
  if (steps[at].notify && progress.after > 0) next = static_cast<std::size_t>(progress.after);
  progress.after = 0;
  const bool notified = !failed && !steps[at].notify && at + 1 < steps.size() && steps[at + 1].notify;
  if (notified && next != at + 1) {
    progress.after = static_cast<std::int64_t>(next);
    next = at + 1;
  }
  progress.step = static_cast<std::int64_t>(next);
  progress.attempts = 0;
  progress.began = {};
  if (next >= steps.size()) finish(progress);
}

}  // namespace

void Pipeline::start() {
  auto& loop = loops_.at(0);
  loop.post([this] { base::spawn(watch()); });
}

void Pipeline::stop() { stopping_ = true; }

bool Pipeline::drain(net::Deadline deadline) {
  stop();
  std::unique_lock lock(mutex_);
  return left_.wait_until(lock, deadline, [this] { return under_way_.empty(); });
}

// No scope has more under way than there is room left, so that one whose functions hang does not keep the
// mail of the others waiting. Under the mutex.
bool Pipeline::is_full(const Held& held) const {
  return held.mails >= kUnderWay - under_way_.size() ||
         (octets_ > 0 && held.octets >= kOctets - std::min(octets_, kOctets));
}

bool Pipeline::enter(std::int64_t seq, std::size_t size, const ses::Scope& scope) {
  std::lock_guard lock(mutex_);
  const auto same = by_scope_.find(scope);
  const bool full =
      is_full(same == by_scope_.end() ? Held{} : same->second) || (octets_ > 0 && octets_ + size > kOctets);
  if (stopping_ || full || !under_way_.emplace(seq, scope).second) return false;
  auto& held = by_scope_[scope];
  ++held.mails;
  held.octets += size;
  octets_ += size;
  return true;
}

void Pipeline::leave(std::int64_t seq, std::size_t size) {
  bool room = false;
  {
    std::lock_guard lock(mutex_);
    const auto left = under_way_.extract(seq);
    const auto same = by_scope_.find(left.mapped());
    same->second.octets -= size;
    if (--same->second.mails == 0) by_scope_.erase(same);
    octets_ -= size;
    room = under_way_.size() <= kUnderWay / 4;  // so that one scope may have as many again
    left_.notify_all();
  }
  if (room && behind_) fetch();
}

void Pipeline::fetch() {
  if (stopping_ || fetching_.exchange(true)) return;
  loops_.at(0).post([this] { base::spawn(catch_up()); });
}

base::Task<void> Pipeline::catch_up() {
  behind_ = false;
  try {
    auto looking = look();
    co_await looking;
  } catch (const std::exception& e) {
    base::log_error("received mail waits: {}", e.what());
  }
  fetching_ = false;
}

void Pipeline::take(ses::ReceivedMail mail) {
  if (!enter(mail.seq, mail.size, mail.scope)) {  // found by look() later
    behind_ = true;
    return;
  }
  auto held = std::make_shared<ses::ReceivedMail>(std::move(mail));
  loops_.at(next_loop_++ % loops_.size()).post([this, held] { base::spawn(run(std::move(*held))); });
}

base::Task<void> Pipeline::watch() {
  while (!stopping_) {
    try {
      auto looking = look();
      co_await looking;
    } catch (const std::exception& e) {
      base::log_error("received mail waits: {}", e.what());
    }
    auto sleeping = net::Loop::current()->sleep_for(kEvery);
    co_await sleeping;
  }
}

base::Task<std::size_t> Pipeline::look() {
  std::vector<std::int64_t> skip;
  std::set<ses::Scope> full;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [seq, scope] : under_way_) skip.push_back(seq);
    for (const auto& [scope, held] : by_scope_)
      if (is_full(held)) full.insert(scope);
  }
  if (!full.empty()) behind_ = true;
  const auto* received = &service_.received;
  const auto now = service_.clock.now();
  auto find = [received, now, skip, full](store::Db& db) {
    return received->due(db, now, kAtOnce, skip, full);
  };
  auto reading = service_.store.read_value(std::move(find));
  const auto found = co_await reading;
  for (const auto& one : found) {
    if (!enter(one.seq, one.size, one.scope)) {
      behind_ = true;
      continue;
    }
    loops_.at(next_loop_++ % loops_.size()).post([this, one] { base::spawn(load_and_run(one)); });
  }
  if (found.size() == kAtOnce) behind_ = true;
  co_return found.size();
}

base::Task<void> Pipeline::load_and_run(ses::Received::Due due) {
  const auto* received = &service_.received;
  std::optional<ses::ReceivedMail> mail;
  try {
    auto find = [received, seq = due.seq](store::Db& db) { return received->load(db, seq); };
    auto reading = service_.store.read_value(std::move(find));
    mail = co_await reading;
  } catch (const std::exception& e) {
    base::log_error("a received mail cannot be read: {}", e.what());
  }
  // It may have been finished between the list and the look, or its number be another mail's.
  const bool wanted = mail && mail->progress.state == ses::ReceivedState::waiting &&
                      ses::is_due(mail->progress.due, service_.clock.now()) && mail->size == due.size;
  if (!wanted) {
    leave(due.seq, due.size);
    co_return;
  }
  auto running = run(std::move(*mail));
  co_await running;
}

// `mail` lives as long as the one who waits.
base::Task<void> Pipeline::save(const ses::ReceivedMail& mail) {
  ses::Received::Work as_it_is = [held = &mail](store::Db&) { return held->progress; };
  auto saving = service_.received.put_down(mail, std::move(as_it_is));
  co_await saving;
}

// Until it is saved, for what was done must not be done again because it could not be put down: on a full
// disk the mail is held, and as no more than so many are held, no more is done.
base::Task<void> Pipeline::keep(const ses::ReceivedMail& mail) {
  for (int pause = 1;; pause = std::min(2 * pause, kLongestPause)) {
    std::string trouble;
    try {
      auto saving = save(mail);
      co_await saving;
    } catch (const std::exception& e) {
      trouble = e.what();
    }
    if (trouble.empty()) co_return;
    base::log_error("how far the received mail {} is cannot be put down: {}", mail.id, trouble);
    for (int i = 0; i < pause; ++i) {
      if (stopping_) co_return;
      auto sleeping = net::Loop::current()->sleep_for(kEvery);
      co_await sleeping;
    }
  }
}

base::Task<void> Pipeline::work_on(ses::ReceivedMail& mail) {
  switch (mail.kind) {
    case ses::ReceivedKind::mail:
      break;
    case ses::ReceivedKind::feedback:
      return take_feedback(service_, feedback_life_, mail);
    case ses::ReceivedKind::unsubscribe:
      return take_unsubscribe(service_, mail);
  }
  return work_through(mail);
}

base::Task<void> Pipeline::run(ses::ReceivedMail mail) {
  if (stopping_) {
    leave(mail.seq, mail.size);
    co_return;
  }
  std::string trouble;
  try {
    auto working = work_on(mail);
    co_await working;
  } catch (const std::exception& e) {
    trouble = e.what();
  }
  if (!trouble.empty()) {
    base::log_error("the received mail {} waits: {}", mail.id, trouble);
    mail.progress.due = service_.clock.now() + kAfterTrouble;
    auto keeping = keep(mail);
    co_await keeping;
  }
  leave(mail.seq, mail.size);
}

// `mail` lives as long as the one who waits.
base::Task<Verdicts> Pipeline::judge_mail(const ses::ReceivedMail& mail) {
  // A source that lets us wait for its DNS with every mail would hold up those of all others.
  const auto place = patient_.take(mail.source_ip);
  auto& identities = service_.identities;
  Judge with{tools_.resolver,
             service_.heavy,
             service_.settings.service_domain,
             identities.link_secret(),
             tools_.scanners,
             tools_.scan_http,
             tools_.signer,
             {},
             place ? kPatience : kHurry};
  if (with.signer) {
    auto finding = identities.service_key();
    auto key = co_await finding;
    with.signing.key = std::move(key);
    with.signing.domain = with.service_domain;
    with.signing.selector = identities.service_selector();
    with.signing.time = mail.received;
  }
  auto judging = judge(std::move(with), mail);
  co_return co_await judging;
}

base::Task<void> Pipeline::work_through(ses::ReceivedMail& mail) {
  auto& progress = mail.progress;
  const auto steps = steps_of(mail.plan);
  if (!mail.content || progress.step >= static_cast<std::int64_t>(steps.size())) finish(progress);
  Verdicts verdicts;
  if (progress.state == ses::ReceivedState::waiting && progress.verdicts.empty()) {
    auto judging = judge_mail(mail);
    verdicts = co_await judging;
    progress.verdicts = pack(verdicts);
  } else {
    verdicts = unpack_verdicts(progress.verdicts);
  }
  while (progress.state == ses::ReceivedState::waiting && !stopping_) {
    const auto at = static_cast<std::size_t>(progress.step);
    const auto& rule = mail.plan[steps[at].rule];
    const auto& action = rule.actions[steps[at].action];
    const At where{rule, action, steps[at].notify};
    if (progress.attempts == 0) progress.began = service_.clock.now();
    auto bounced = [&, at](store::Db& db) {  // may run twice
      auto behind = progress;
      note(behind, service_.clock.now(), where, name_of(StepResult::done), "");
      advance(behind, steps, at, {StepResult::done, Flow::stop_all, ""});
      behind.state = ses::ReceivedState::waiting;  // its body goes once this has committed
      service_.received.save(db, mail, behind);
    };
    const ActionWork work{service_,          tools_, mail, verdicts, rule, action, recipients_of(mail, rule),
                          std::move(bounced)};
    auto running = attempt(work, where.notify);
    auto result = co_await running;
    const auto now = service_.clock.now();
    if (result.kind == StepResult::retry) {
      ++progress.attempts;
      progress.began = std::min(progress.began, now);  // the clock may have been set back
      if (now - progress.began < kGiveUp) {
        note(progress, now, where, "retry", result.detail);
        progress.due = now + backoff(progress.attempts);
        break;
      }
      base::log_warn("the received mail {}: rule {}, {} was given up: {}", mail.id, rule.name,
                     type_of(action), result.detail);
      result.kind = StepResult::failed;
      note(progress, now, where, "expired", result.detail);
    } else {
      note(progress, now, where, name_of(result.kind), result.detail);
    }
    advance(progress, steps, at, result);
    if (progress.state == ses::ReceivedState::done || !reaches_out(action)) continue;
    auto keeping = keep(mail);
    co_await keeping;
  }
  auto keeping = keep(mail);
  co_await keeping;
}

base::Task<void> Pipeline::settle() {
  for (;;) {
    auto looking = look();
    const auto found = co_await looking;
    bool busy = false;
    {
      std::lock_guard lock(mutex_);
      busy = !under_way_.empty();
    }
    if (stopping_ || (!busy && found == 0)) co_return;
    auto sleeping = net::Loop::current()->sleep_for(kSettling);
    co_await sleeping;
  }
}

}  // namespace receive

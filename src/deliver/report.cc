#include "deliver/report.h"

#include "base/json.h"
#include "base/log.h"
#include "deliver/report_events.h"
#include "deliver/retry.h"
#include "events/event.h"

namespace deliver {
namespace {

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::delivered:
      return "delivered";
    case Verdict::retry:
      return "delayed";
    case Verdict::bounce:
      return "bounced";
  }
  return "?";
}

std::string attempt_json(const Job& job, const Report& report, const std::vector<Classified>& verdicts,
                         base::WallTime next) {
  base::JsonWriter w;
  w.object();
  const auto& a = report.attempt;
  if (!a.site.empty()) w.field("site", a.site);
  if (!a.host.empty()) w.field("host", a.host);
  if (!a.address.empty()) w.field("address", a.address);
  if (!a.tls.version.empty()) {
    w.key("tls").object().field("version", a.tls.version).field("cipher", a.tls.cipher);
    w.field("verified", a.tls.verified);
    if (!a.tls.verify_error.empty()) w.field("reason", a.tls.verify_error);
    w.end();
  }
  if (!a.phase.empty()) w.field("phase", a.phase);
  if (a.in_doubt) w.field("inDoubt", true);
  if (!report.captured && !report.simulated) w.field("milliseconds", a.took.count());
  w.key("recipients").array();
  bool again = false;
  for (std::size_t i = 0; i < job.recipients.size(); ++i) {
    w.object().field("recipient", job.recipients[i].address);
    w.field("result", report.captured ? std::string_view("captured") : verdict_name(verdicts[i].verdict));
    if (!verdicts[i].status.empty()) w.field("status", verdicts[i].status);
    if (!verdicts[i].diagnostic.empty()) w.field("reply", verdicts[i].diagnostic);
    w.end();
    again |= !report.captured && verdicts[i].verdict == Verdict::retry;
  }
  w.end();
  if (again) w.field("nextAttempt", base::iso8601(next));
  w.end();
  return std::move(w).text();
}

// What is put down in one transaction; made once, written as often as it takes.
struct Entry {
  std::vector<ses::RecipientOutcome> outcomes;
  std::vector<ses::TraceEntry> trace;
  Outcome outcome;
  std::vector<ses::Recipient> again;
  std::string signature;
  base::WallTime now, next;
  bool keep_body = false;
  std::shared_ptr<const ses::RenderedMail> rendered;
  std::optional<ses::EventRecord> held;  // all of it, and why
  bool rejected = false;
};

// SES §13, §21: the mail is held, and an event says why.
void note_failure(const compose::RenderFailure& failure, Entry& e) {
  e.rejected = failure.bad_content;
  e.held = e.rejected ? events::reject(e.now, failure.message)
                      : events::rendering_failure(e.now, failure.message, failure.template_name);
  base::JsonWriter w;
  w.object().field("reason", e.rejected ? "content" : "rendering").field("message", failure.message);
  if (!failure.template_name.empty()) w.field("template", failure.template_name);
  w.end();
  e.trace.push_back({e.now, "held", std::move(w).text()});
}

Entry make_entry(const Environment& env, const Options& options, Job& job, Report& report) {
  Entry e;
  e.now = env.clock.now();
  e.keep_body = report.captured || (report.simulated && env.settings.dev);
  if (report.unmade) {
    note_failure(*report.unmade, e);
    return e;
  }
  e.rendered = job.draft->rendered();
  int attempts = 0;
  for (auto& r : job.recipients) attempts = std::max(attempts, ++r.attempts);
  bool expired = e.now >= job.mail().expires;
  e.next = next_attempt(options, e.now, job.mail().expires, attempts, env.random);

  auto verdicts = report.recipients;
  verdicts.resize(job.recipients.size());
  e.outcome = outcome_of({job, report, verdicts, expired, e.now, options.helo_name}, env.random);
  for (std::size_t i = 0; i < job.recipients.size(); ++i) {
    auto& c = verdicts[i];
    if (c.verdict == Verdict::retry && expired && !report.captured) {
      c.verdict = Verdict::bounce;
      c.diagnostic = "given up after " + std::to_string(job.recipients[i].attempts) +
                     " attempts; the last one: " + c.diagnostic;
    }
    ses::RecipientOutcome outcome{job.recipients[i].n, ses::RecipientState::pending, e.next};
    if (report.captured) {
      outcome.state = ses::RecipientState::captured;
    } else if (c.verdict == Verdict::delivered) {
      outcome.state = ses::RecipientState::delivered;
    } else if (c.verdict == Verdict::bounce) {
      outcome.state = ses::RecipientState::bounced;
    } else {
      e.again.push_back(job.recipients[i]);
    }
    if (outcome.state != ses::RecipientState::pending) outcome.due = e.now;
    e.outcomes.push_back(outcome);
  }
  const char* kind = report.captured ? "captured" : report.simulated ? "simulated" : "attempt";
  e.trace.push_back({e.now, kind, attempt_json(job, report, verdicts, e.next)});
  e.signature = job.draft->signature();
  return e;
}

void write_entry(const Environment& env, const ses::Mail& mail, const Entry& e, store::Db& db) {
  if (e.held) {
    auto held = env.messages.hold(db, mail, e.trace.front(), *e.held);
    if (e.rejected) env.accounts.record_outcome(db, mail.scope, e.now, 0, 0, held);
    return;
  }
  const auto& outcome = e.outcome;
  env.messages.record(db, mail, e.outcomes, e.trace, outcome.events, e.signature, e.keep_body,
                      e.rendered.get());
  count_and_suppress({env.accounts, env.suppression}, db, mail.scope, mail.id, mail.flags, outcome, e.now);
}

}  // namespace

base::Task<void> write_report(const Environment& env, const Options& options, JobPtr job, Report report) {
  auto entry = std::make_shared<const Entry>(make_entry(env, options, *job, report));
  for (int tries = 0;; ++tries) {
    std::string trouble;
    try {
      const auto* environment = &env;
      std::function<void(store::Db&)> work = [environment, job, entry](store::Db& db) {
        write_entry(*environment, job->mail(), *entry, db);
      };
      co_await env.store.write(std::move(work));
      break;
    } catch (const std::exception& e) {
      trouble = e.what();
    }
    if (tries % 60 == 0)
      base::log_error("the result of an attempt for {} cannot be written, trying on: {}",
                      job->mail().id.str(), trouble);
    co_await net::Loop::current()->sleep_for(std::chrono::seconds{1});
  }
  job->recipients = entry->again;
  job->due = entry->next;
}

}  // namespace deliver

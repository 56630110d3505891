#include "deliver/report_events.h"

#include <utility>

#include "events/event.h"

namespace deliver {
namespace {

constexpr std::string_view kSimulatorAgent = "Amazon SES Mailbox Simulator";  // SES §21

using events::BouncedRecipient;

class Maker {
 public:
  Maker(const OutcomeFacts& facts, base::Random& random) : f_(facts), random_(random) {}

  Outcome make() {
    for (std::size_t i = 0; i < f_.verdicts.size(); ++i) sort(i);
    deliveries();
    add_bounces(out_, std::move(bounced_), source(), random_);
    delays();
    aftermath();
    for (auto& event : out_.events) event.outgoing_ip = f_.report.attempt.local_ip;
    return std::move(out_);
  }

 private:
  const std::string& address(std::size_t i) const { return f_.job.recipients[i].address; }
  OutcomeSource source() const {
    return {f_.job.mail().scope.region.str(), f_.now, f_.report.attempt.remote_ip, "dns; " + f_.helo_name,
            !f_.report.simulated};
  }

  void sort(std::size_t i) {
    const auto& c = f_.verdicts[i];
    auto diagnostic = [&] { return event_diagnostic(c, f_.job.domain()); };
    if (f_.report.captured) {
      delivered_.add("250 2.0.0 Ok: captured", address(i));
    } else if (c.verdict == Verdict::delivered) {
      delivered_.add(c.diagnostic, address(i));
    } else if (c.verdict == Verdict::bounce) {
      bounced_.add(name_of(c), {address(i), "failed", c.status, diagnostic()});
    } else if (f_.given_up) {
      // The words SES has for it, with the last answer in brackets.
      const auto& mail = f_.job.mail();
      auto minutes = std::chrono::duration_cast<std::chrono::minutes>(mail.expires - mail.accepted).count();
      auto last = diagnostic().substr(6);  // without "smtp; "
      bounced_.add(name_of(c), {address(i), "failed", "4.4.7",
                                "smtp; 550 4.4.7 Message expired: unable to deliver in " +
                                    std::to_string(minutes) + " minutes.<" + last + ">"});
    } else if (f_.job.recipients[i].attempts == 1) {
      delayed_.add(delay_type(c), {address(i), "", c.status, diagnostic()});
    }
  }

  BounceName name_of(const Classified& c) const {
    if (f_.report.simulated) return {"Permanent", "General"};
    bool given_up = c.verdict == Verdict::retry;
    if (given_up && (f_.job.mail().flags & ses::kCutShort)) return {"Transient", "CustomTimeoutExceeded"};
    return name_bounce(c, given_up);
  }

  void deliveries() {
    for (auto& [reply, recipients] : delivered_.all) {
      events::Delivery d;
      d.at = f_.now;
      d.processing = f_.now - f_.job.mail().accepted;
      d.recipients = std::move(recipients);
      d.smtp_response = reply;
      d.remote_mta_ip = f_.report.attempt.remote_ip;
      d.reporting_mta = f_.helo_name;
      out_.events.push_back(events::delivery(d));
    }
  }

  void delays() {
    for (auto& [type, recipients] : delayed_.all) {
      events::Delay d;
      d.at = f_.now;
      d.type = type;
      d.expiration = f_.job.mail().expires;
      d.recipients = std::move(recipients);
      out_.events.push_back(events::delivery_delay(d));
    }
  }

  // What the simulated recipients do with the mail once they have it.
  void aftermath() {
    std::vector<std::string> away;
    events::Complaint annoyed;
    for (std::size_t i = 0; i < f_.report.aftermath.size(); ++i) {
      if (f_.report.aftermath[i] == Aftermath::auto_reply) away.push_back(address(i));
      if (f_.report.aftermath[i] == Aftermath::complaint) annoyed.recipients.push_back(address(i));
    }
    add_auto_replies(out_, away, source(), random_);
    annoyed.arrival = f_.now;
    annoyed.user_agent = kSimulatorAgent;
    annoyed.feedback_type = "abuse";
    add_complaint(out_, std::move(annoyed), source(), random_);
  }

  const OutcomeFacts& f_;
  base::Random& random_;
  Outcome out_;
  Groups<std::string, std::string> delivered_;
  Bounced bounced_;
  Groups<std::string_view, BouncedRecipient> delayed_;
};

}  // namespace

Outcome outcome_of(const OutcomeFacts& facts, base::Random& random) {
  if (facts.job.mail().flags & ses::kSystem) return {};  // the service's own mail is nobody's send
  return Maker(facts, random).make();
}

}  // namespace deliver

#include "deliver/report_events.h"

#include <algorithm>
#include <utility>

#include "events/event.h"
#include "mail/message_id.h"

namespace deliver {
namespace {

constexpr std::string_view kSimulatorAgent = "Amazon SES Mailbox Simulator";  // SES §21

using events::BouncedRecipient;

// Recipients with the same fate, in the order in which the fates first came up.
template <class Key, class Item>
struct Groups {
  std::vector<std::pair<Key, std::vector<Item>>> all;
  void add(Key key, Item item) {
    auto it = std::find_if(all.begin(), all.end(), [&](const auto& g) { return g.first == key; });
    if (it == all.end()) it = all.emplace(all.end(), std::move(key), std::vector<Item>{});
    it->second.push_back(std::move(item));
  }
};

class Maker {
 public:
  Maker(const OutcomeFacts& facts, base::Random& random) : f_(facts), random_(random) {}

  Outcome make() {
    for (std::size_t i = 0; i < f_.verdicts.size(); ++i) sort(i);
    deliveries();
    bounces();
    delays();
    aftermath();
    for (auto& event : out_.events) event.outgoing_ip = f_.report.attempt.local_ip;
    return std::move(out_);
  }

 private:
  const std::string& address(std::size_t i) const { return f_.job.recipients[i].address; }
  std::string feedback_id() {
    return mail::make_message_id(f_.job.mail().scope.region.str(), f_.now, random_);
  }
  std::string reporting_mta() const { return "dns; " + f_.helo_name; }

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

  void bounces() {
    for (auto& [name, recipients] : bounced_.all) {
      auto id = feedback_id();
      if (name.type == "Permanent" && !f_.report.simulated) {
        out_.hard_bounces += recipients.size();
        for (const auto& r : recipients) out_.feedback.push_back({r.address, id, false});
      }
      add_bounce(name, std::move(recipients), std::move(id));
    }
  }

  void add_bounce(const BounceName& name, std::vector<BouncedRecipient> recipients, std::string id) {
    events::Bounce b;
    b.type = name.type;
    b.sub_type = name.sub_type;
    b.recipients = std::move(recipients);
    b.at = f_.now;
    b.feedback_id = std::move(id);
    b.remote_mta_ip = f_.report.attempt.remote_ip;
    b.reporting_mta = reporting_mta();
    out_.events.push_back(events::bounce(b));
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
    std::vector<BouncedRecipient> away;
    std::vector<std::string> annoyed;
    for (std::size_t i = 0; i < f_.report.aftermath.size(); ++i) {
      if (f_.report.aftermath[i] == Aftermath::auto_reply) away.push_back({address(i), "", "", ""});
      if (f_.report.aftermath[i] == Aftermath::complaint) annoyed.push_back(address(i));
    }
    if (!away.empty()) add_bounce({"Transient", "General"}, std::move(away), feedback_id());
    if (annoyed.empty()) return;
    events::Complaint c;
    c.recipients = std::move(annoyed);
    c.at = f_.now;
    c.arrival = f_.now;
    c.feedback_id = feedback_id();
    c.user_agent = kSimulatorAgent;
    c.feedback_type = "abuse";
    out_.events.push_back(events::complaint(c));
  }

  const OutcomeFacts& f_;
  base::Random& random_;
  Outcome out_;
  Groups<std::string, std::string> delivered_;
  Groups<BounceName, BouncedRecipient> bounced_;
  Groups<std::string_view, BouncedRecipient> delayed_;
};

}  // namespace

Outcome outcome_of(const OutcomeFacts& facts, base::Random& random) {
  if (facts.job.mail().flags & ses::kSystem) return {};  // the service's own mail is nobody's send
  return Maker(facts, random).make();
}

}  // namespace deliver

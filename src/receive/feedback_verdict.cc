#include "receive/feedback_verdict.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "deliver/classify.h"
#include "mail/envelope.h"
#include "mail/returned_text.h"

namespace receive {
namespace {

using ses::RecipientState;

// SES §18.2; others count as "other" (RFC 5965 §7.3).
constexpr std::array<std::string_view, 6> kFeedbackTypes = {"abuse",    "auth-failure", "fraud",
                                                            "not-spam", "other",        "virus"};
// The writer gave up after a while, whatever class its status has; in lower case.
constexpr std::array<std::string_view, 6> kGivenUp = {"in the queue too long",   "retry timeout exceeded",
                                                      "failing for a long time", "message expired",
                                                      "delivery time expired",   "message timed out"};

bool tells_end_of_time(std::string_view diagnostic) {
  const auto text = base::ascii_lower(diagnostic);
  return std::any_of(kGivenUp.begin(), kGivenUp.end(),
                     [&](auto words) { return text.find(words) != std::string::npos; });
}

// By RFC 3463 §3.5, 4.7 is the end of the time whatever the class; some writers say 5.0.0 and quote a 4xx.
bool gave_up(const mail::ReturnedRecipient& r) {
  return r.status.starts_with('4') || r.status.ends_with(".4.7") || tells_end_of_time(r.diagnostic) ||
         (r.status.ends_with(".0.0") && mail::find_reply_code(r.diagnostic) / 100 == 4);
}

// Whether the writer of a text said more than that it failed: a reply, or a status that is not made up.
bool tells_reason(const mail::ReturnedRecipient& r) {
  return !r.status.ends_with(".0.0") || r.diagnostic.find("5.0.0") != std::string::npos ||
         mail::find_reply_code(r.diagnostic) != 0;
}

bool is_complaint(std::string_view type) { return type != "not-spam" && type != "auth-failure"; }

class Weighing {
 public:
  Weighing(const FeedbackMail& mail, const ses::SentMail& sent, base::WallTime now, bool wait)
      : mail_(mail), sent_(sent), now_(now), wait_(wait) {}

  FeedbackVerdict run(base::Random& random) {
    deliver::OutcomeSource source{sent_.scope.region.str(), now_, "", ""};
    switch (mail_.returned.kind) {
      case mail::ReturnedKind::bounce:
        if (!mail_.returned.reporting_mta.empty())
          source.reporting_mta = "dns; " + mail_.returned.reporting_mta;
        statuses();
        deliver::add_bounces(out_.outcome, std::move(bounced_), source, random);
        break;
      case mail::ReturnedKind::feedback:
        source.counts = report(complaint_);
        deliver::add_complaint(out_.outcome, std::move(complaint_), source, random);
        break;
      case mail::ReturnedKind::auto_reply:
        deliver::add_auto_replies(out_.outcome, auto_reply(), source, random);
        break;
      default:
        out_.about_message = true;
    }
    if (sent_.flags & ses::kSystem) out_.outcome = {};  // the service's own mail is nobody's send
    for (const auto& r : sent_.recipients)
      if (r.feedback != was(r.n).feedback || r.state != was(r.n).state) out_.changed.push_back(r);
    return std::move(out_);
  }

 private:
  // As written, else without regard to letter case: some systems change it. Null: never a recipient.
  ses::SentRecipient* find(const std::string& address) {
    auto& all = sent_.recipients;
    auto at = std::find_if(all.begin(), all.end(),
                           [&](const auto& r) { return mail::same_address(r.address, address); });
    if (at == all.end())
      at = std::find_if(all.begin(), all.end(),
                        [&](const auto& r) { return base::iequals(r.address, address); });
    return at == all.end() ? nullptr : &*at;
  }
  ses::SentRecipient* only() { return sent_.recipients.size() == 1 ? &sent_.recipients.front() : nullptr; }

  void statuses() {
    for (const auto& told : mail_.returned.recipients) {
      auto* r = find(told.address);
      if (!r) r = find(told.original);  // it was forwarded
      if (!r) {
        ++out_.strangers;
        continue;
      }
      const bool failed = told.action == mail::DsnAction::failed;
      const auto result = failed ? bounce(*r, told) : mail::name_of(told.action);
      if (out_.lines.size() < sent_.recipients.size())
        out_.lines.push_back(
            {r->address, std::string(mail::name_of(told.action)), told.status, told.diagnostic, result});
    }
    // A bounce that names nobody at all is in the trace, for somebody to read.
    out_.about_message = mail_.returned.recipients.empty();
  }

  std::string_view bounce(ses::SentRecipient& r, const mail::ReturnedRecipient& told) {
    switch (r.state) {
      case RecipientState::bounced:
        return "bounced before";
      case RecipientState::held:
        return "not sent to";
      case RecipientState::pending:
        out_.early |= wait_;
        return "still tried";
      case RecipientState::delivered:
      case RecipientState::captured:
        break;
    }
    r.state = RecipientState::bounced;
    bounced_.add(name_returned(told, mail_.returned.standard),
                 {r.address, std::string(mail::name_of(told.action)), told.status,
                  told.diagnostic.empty() ? "" : "smtp; " + told.diagnostic});
    return "bounced";
  }

  // Those who complain; true if they do, and not only report.
  bool report(events::Complaint& complaint) {
    const auto& told = *mail_.report;
    const auto known = std::find(kFeedbackTypes.begin(), kFeedbackTypes.end(), told.feedback_type);
    if (!told.feedback_type.empty())
      complaint.feedback_type = known == kFeedbackTypes.end() ? "other" : *known;
    complaint.user_agent = told.user_agent;
    complaint.arrival = base::parse_time(told.arrival_date);
    const bool counts = is_complaint(complaint.feedback_type);
    for (auto* r : reporters(told)) {
      if (r->state == RecipientState::held) {
        add_line(*r, "not sent to");
        continue;
      }
      const auto bit = counts ? ses::kComplained : ses::kReported;
      const bool before = r->feedback & bit;
      r->feedback |= bit;
      if (!before) complaint.recipients.push_back(r->address);
      add_line(*r, counts ? (before ? "complained before" : "complained")
                          : (before ? "reported before" : "reported"));
    }
    return counts;
  }

  // Providers often take the recipient out. The header of the mail may name it, but may name others too.
  std::vector<ses::SentRecipient*> reporters(const mail::FeedbackReport& told) {
    std::vector<ses::SentRecipient*> out;
    for (const auto& address : told.recipients) {
      auto* r = find(address);
      if (!r) ++out_.strangers;
      if (r && std::find(out.begin(), out.end(), r) == out.end()) out.push_back(r);
    }
    if (told.recipients_told) return out;
    if (auto* r = only()) return {r};
    if (out.size() > 1) out.clear();
    return out;
  }

  std::vector<std::string> auto_reply() {
    out_.about_message = true;
    auto* r = mail_.from.empty() ? nullptr : find(mail_.from);
    if (!r) r = only();
    if (!r || r->state == RecipientState::held) return {};
    if (r->feedback & ses::kAutoReplied) {
      add_line(*r, "replied before");
      return {};
    }
    r->feedback |= ses::kAutoReplied;
    add_line(*r, "replied");
    return {r->address};
  }

  void add_line(const ses::SentRecipient& r, std::string_view result) {
    out_.lines.push_back({r.address, "", "", "", result});
  }
  const ses::SentRecipient& was(int n) const {
    return *std::find_if(before_.begin(), before_.end(), [&](const auto& r) { return r.n == n; });
  }

  const FeedbackMail& mail_;
  ses::SentMail sent_;
  const std::vector<ses::SentRecipient> before_ = sent_.recipients;
  const base::WallTime now_;
  const bool wait_;
  FeedbackVerdict out_;
  deliver::Bounced bounced_;
  events::Complaint complaint_;
};

}  // namespace

FeedbackVerdict weigh(const FeedbackMail& mail, const ses::SentMail& sent, base::WallTime now, bool wait,
                      base::Random& random) {
  return Weighing(mail, sent, now, wait).run(random);
}

deliver::BounceName name_returned(const mail::ReturnedRecipient& recipient, bool standard) {
  deliver::Classified c;
  c.verdict = deliver::Verdict::bounce;
  c.status = recipient.status;
  c.diagnostic = recipient.diagnostic;
  c.from_remote = c.status_told = true;
  if (gave_up(recipient)) return deliver::name_bounce(c, true);
  if (!standard && !tells_reason(recipient) && !deliver::tells_cause(c))
    return {"Undetermined", "Undetermined"};
  return deliver::name_bounce(c, false);
}

}  // namespace receive

#include "receive/feedback_verdict.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "base/encoding.h"
#include "deliver/classify.h"
#include "mail/date.h"
#include "mail/domain.h"
#include "mail/envelope.h"
#include "mail/returned_text.h"
#include "mail/utf8_address.h"

namespace receive {
namespace {

using ses::RecipientState;

// SES §18.2; others count as "other" (RFC 5965 §7.3).
constexpr std::array<std::string_view, 6> kFeedbackTypes = {"abuse",    "auth-failure", "fraud",
                                                            "not-spam", "other",        "virus"};
// The writer gave up after a while, whatever class its status has; in lower case.
constexpr std::array<std::string_view, 19> kGivenUp = {
    "in the queue too long",      "retry timeout exceeded", "retry time not reached",
    "failing for a long time",    "long failure period",    "message expired",
    "delivery expired",           "delivery time expired",  "queue.expired",
    "message timed out",          "message too old",        "time limit specified",
    "will be deleted from queue", "maximum time in queue",  "too many failed delivery attempts",
    "connection timed out",       "connection refused",     "could not connect",
    "unable to connect"};

bool tells_end_of_time(std::string_view diagnostic) {
  const auto text = base::ascii_lower(diagnostic);
  return std::any_of(kGivenUp.begin(), kGivenUp.end(),
                     [&](auto words) { return text.find(words) != std::string::npos; });
}

// The reply that a diagnostic begins with, and the status in it: "550 5.1.1 no", "550-5.1.1 no".
struct Reply {
  int code = 0;  // 0: it begins otherwise
  std::string status;
};
Reply reply_at_front(std::string_view diagnostic) {
  const auto front = diagnostic.substr(0, 10);  // "550 5.7.12"
  Reply out{mail::find_reply_code(front.substr(0, 4)), ""};
  if (out.code != 0 && front.size() > 4 && std::isdigit(static_cast<unsigned char>(front[4])))
    out.status = mail::find_status(diagnostic.substr(4, 9));
  return out;
}

// The status that tells the most: one that only says that it failed is often the writer's, and the remote's
// is in the reply. So is one that the writer made of the reply's code.
std::string best_status(const mail::ReturnedRecipient& r, const std::string& text) {
  const auto said = reply_at_front(r.diagnostic).status;
  if (!said.empty() && !said.ends_with(".0.0")) return said;
  if (!r.status.ends_with(".0.0")) return r.status;
  const auto found = mail::find_status(text);
  return found.empty() ? r.status : found;
}

// By RFC 3463 §3.5, 4.7 is the end of the time whatever the class; some writers say 5.0.0 and quote a 4xx.
bool gave_up(const mail::ReturnedRecipient& r, std::string_view status, std::string_view text) {
  const int reply = reply_at_front(r.diagnostic).code;
  return r.status.starts_with('4') || status.starts_with('4') || r.status.ends_with(".4.7") ||
         status.ends_with(".4.7") || tells_end_of_time(text) ||
         (reply / 100 != 5 && tells_end_of_time(r.words)) || reply / 100 == 4 ||
         (r.status.ends_with(".0.0") && mail::find_reply_code(text) / 100 == 4);
}

// "redacted", "xxxx", "***", or a hash (RFC 6590): the domain alone is left of the address.
bool is_taken_out(std::string_view local) {
  const auto text = base::ascii_lower(local);
  const auto only_of = [&](const char* set) { return text.find_first_not_of(set) == std::string::npos; };
  return text.find("redact") != std::string::npos || text.find('*') != std::string::npos ||
         (only_of("x") && text.size() > 2) || (only_of("0123456789abcdef") && text.size() >= 16);
}

std::string loose_key(std::string_view address) {
  const auto domain = mail::ascii_domain(mail::domain_of(address));
  return base::ascii_lower(mail::local_of(address)) + "@" +
         (domain ? *domain : base::ascii_lower(mail::domain_of(address)));
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
  // As written, else without regard to letter case and form of the domain: some systems change them. Null:
  // never a recipient.
  ses::SentRecipient* find(const std::string& address) {
    auto& all = sent_.recipients;
    auto at = std::find_if(all.begin(), all.end(),
                           [&](const auto& r) { return mail::same_address(r.address, address); });
    if (at != all.end()) return &*at;
    if (keys_.empty())
      for (const auto& r : all) keys_.push_back(loose_key(r.address));
    const auto key = std::find(keys_.begin(), keys_.end(), loose_key(address));
    return key == keys_.end() ? nullptr : &all[static_cast<std::size_t>(key - keys_.begin())];
  }
  // The address it was sent to counts, where that is told: the end may be another recipient's own.
  ses::SentRecipient* find(const mail::ReturnedRecipient& told) {
    for (const auto& address : {told.original, mail::without_xtext(told.original), told.address})
      if (auto* r = find(address)) return r;
    return nullptr;
  }
  ses::SentRecipient* only() { return sent_.recipients.size() == 1 ? &sent_.recipients.front() : nullptr; }

  void statuses() {
    const auto& all = mail_.returned.recipients;
    const bool guessed = !all.empty() && all.front().guessed;
    // A bounce that names nobody, or not for sure, is in the trace, for somebody to read.
    out_.about_message = all.empty() || guessed;
    if (guessed && count_found(all) > 1) return;
    for (const auto& told : all) {
      auto* r = find(told);
      if (!r) {
        out_.strangers += guessed ? 0 : 1;
        continue;
      }
      const bool failed = told.action == mail::DsnAction::failed;
      const auto result = failed ? bounce(*r, told) : mail::name_of(told.action);
      if (out_.lines.size() < sent_.recipients.size())
        out_.lines.push_back(
            {r->address, std::string(mail::name_of(told.action)), told.status, told.diagnostic, result});
    }
  }
  std::size_t count_found(const std::vector<mail::ReturnedRecipient>& all) {
    std::set<const ses::SentRecipient*> found;
    for (const auto& told : all)
      if (const auto* r = find(told)) found.insert(r);
    return found.size();
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
    bounced_.add(name_returned(told),
                 {r.address, std::string(mail::name_of(told.action)), told.status, diagnostic_of(told)});
    return "bounced";
  }

  static std::string diagnostic_of(const mail::ReturnedRecipient& told) {
    if (told.diagnostic.empty()) return "";
    return (told.diagnostic_type.empty() ? "smtp" : told.diagnostic_type) + "; " + told.diagnostic;
  }

  // Those who complain; true if they do, and not only report.
  bool report(events::Complaint& complaint) {
    const auto& told = *mail_.report;
    const auto known = std::find(kFeedbackTypes.begin(), kFeedbackTypes.end(), told.feedback_type);
    if (!told.feedback_type.empty())
      complaint.feedback_type = known == kFeedbackTypes.end() ? "other" : *known;
    complaint.user_agent = told.user_agent;
    complaint.arrival = mail::parse_date(told.arrival_date);
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
    bool named = false;
    for (const auto& address : told.recipients) {
      auto* r = find(address);
      const bool hidden = !r && is_taken_out(mail::local_of(address));
      if (hidden) r = only_at(mail::domain_of(address));
      named |= !hidden;
      if (!r && !hidden) ++out_.strangers;
      if (r && std::find(out.begin(), out.end(), r) == out.end()) out.push_back(r);
    }
    if (told.recipients_told && named) return out;
    if (auto* r = only()) return {r};
    if (out.size() > 1) out.clear();
    return out;
  }
  // The one recipient there; null where there are more.
  ses::SentRecipient* only_at(std::string_view domain) {
    ses::SentRecipient* found = nullptr;
    for (auto& r : sent_.recipients) {
      if (!base::iequals(mail::domain_of(r.address), domain)) continue;
      if (found) return nullptr;
      found = &r;
    }
    return found;
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
  std::vector<std::string> keys_;  // of the recipients, in their order
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

deliver::BounceName name_returned(const mail::ReturnedRecipient& r) {
  constexpr deliver::BounceName kUnclear{"Undetermined", "Undetermined"};
  deliver::Classified c;
  c.verdict = deliver::Verdict::bounce;
  c.diagnostic = r.diagnostic.empty() ? r.words : r.diagnostic;
  c.status = best_status(r, c.diagnostic);
  c.from_remote = c.status_told = true;
  c.about_sender = deliver::blames_sender(r.words);
  if (gave_up(r, c.status, c.diagnostic)) return deliver::name_bounce(c, true);
  if (c.status.starts_with('2')) return kUnclear;
  const bool replied = mail::find_reply_code(c.diagnostic) != 0;
  if (!r.status_told && c.status == r.status && !replied && !deliver::tells_cause(c)) return kUnclear;
  const auto name = deliver::name_bounce(c, false);
  // Some make the status of the reply's code alone: then its words count, as where we get the reply.
  if (name.type != "Permanent" || !replied || !mail::find_status(c.diagnostic).empty()) return name;
  c.status_told = false;
  return deliver::tells_cause(c) ? deliver::name_bounce(c, false) : name;
}

}  // namespace receive

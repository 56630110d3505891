#include "deliver/outcome.h"

#include "mail/message_id.h"

namespace deliver {
namespace {

void add_bounce(Outcome& out, const BounceName& name, std::vector<events::BouncedRecipient> recipients,
                const OutcomeSource& source, std::string feedback_id) {
  events::Bounce b;
  b.type = name.type;
  b.sub_type = name.sub_type;
  b.recipients = std::move(recipients);
  b.at = source.now;
  b.feedback_id = std::move(feedback_id);
  b.remote_mta_ip = source.remote_mta_ip;
  b.reporting_mta = source.reporting_mta;
  out.events.push_back(events::bounce(b));
}

std::string feedback_id(const OutcomeSource& source, base::Random& random) {
  return mail::make_message_id(source.region, source.now, random);
}

}  // namespace

void add_bounces(Outcome& out, Bounced bounced, const OutcomeSource& source, base::Random& random) {
  for (auto& [name, recipients] : bounced.all) {
    auto id = feedback_id(source, random);
    if (name.type == "Permanent" && source.counts) {
      out.hard_bounces += recipients.size();
      for (const auto& r : recipients) out.feedback.push_back({r.address, id, false});
    }
    add_bounce(out, name, std::move(recipients), source, std::move(id));
  }
}

void add_auto_replies(Outcome& out, const std::vector<std::string>& addresses, const OutcomeSource& source,
                      base::Random& random) {
  if (addresses.empty()) return;
  std::vector<events::BouncedRecipient> away;
  for (const auto& address : addresses) away.push_back({address, "", "", ""});
  add_bounce(out, {"Transient", "General"}, std::move(away), source, feedback_id(source, random));
}

void add_complaint(Outcome& out, events::Complaint complaint, const OutcomeSource& source,
                   base::Random& random) {
  if (complaint.recipients.empty()) return;
  complaint.at = source.now;
  complaint.feedback_id = feedback_id(source, random);
  if (source.counts) {
    out.complaints += complaint.recipients.size();
    for (const auto& address : complaint.recipients)
      out.feedback.push_back({address, complaint.feedback_id, true});
  }
  out.events.push_back(events::complaint(complaint));
}

void count_and_suppress(const Ledger& ledger, store::Db& db, const ses::Scope& scope,
                        const ses::MessageId& id, std::int64_t flags, const Outcome& outcome,
                        base::WallTime now) {
  ledger.accounts.record_outcome(db, scope, now, outcome.hard_bounces, outcome.complaints, 0);
  for (const auto& f : outcome.feedback) {
    auto flag = f.complaint ? ses::kSuppressComplaint : ses::kSuppressBounce;
    auto reason = f.complaint ? ses::SuppressionReason::complaint : ses::SuppressionReason::bounce;
    if (flags & flag) ledger.suppression.add(db, scope, f.address, reason, id.str(), f.feedback_id, now);
  }
}

}  // namespace deliver

// Suppressed recipients of a send (SES §16).
#include <algorithm>

#include "events/event.h"
#include "mail/message_id.h"
#include "send/steps.h"

namespace send {
namespace {

constexpr const char* kDiagnostic =
    "Amazon SES did not send the message to this address because it is on the suppression list for your "
    "account. For more information about removing addresses from the suppression list, see the Amazon SES "
    "Developer Guide at https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html";
constexpr const char* kSubType = "OnAccountSuppressionList";

ses::SuppressionReasons reasons_of(const Service& service, const Prepared& ready) {
  if (ready.effective.suppressed_reasons)
    return ses::suppression_reasons(*ready.effective.suppressed_reasons);
  return service.accounts.settings(ready.mail.scope).suppressed;
}

bool is_pending(const ses::Recipient& r) { return r.state == ses::RecipientState::pending; }

// The addresses that now are held for that reason.
std::vector<std::string> hold(Prepared& ready, const std::vector<ses::SuppressedAddress>& listed,
                              ses::SuppressionReason reason) {
  std::vector<std::string> out;
  for (const auto& entry : listed) {
    if (entry.reason != reason) continue;
    for (auto& r : ready.recipients) {
      if (!is_pending(r) || r.address != entry.address) continue;
      r.state = ses::RecipientState::held;
      out.push_back(r.address);
    }
  }
  return out;
}

ses::EventRecord bounce_of(const Service& service, const std::vector<std::string>& addresses,
                           const std::string& feedback_id, base::WallTime at) {
  events::Bounce bounce;
  bounce.type = "Permanent";
  bounce.sub_type = kSubType;
  for (const auto& address : addresses)
    bounce.recipients.push_back({address, "failed", "5.1.1", kDiagnostic});
  bounce.at = at;
  bounce.feedback_id = feedback_id;
  bounce.reporting_mta = "dns; " + service.settings.service_domain;
  return events::bounce(bounce);
}

ses::EventRecord complaint_of(const std::vector<std::string>& addresses, const std::string& feedback_id,
                              base::WallTime at) {
  events::Complaint complaint;
  complaint.recipients = addresses;
  complaint.at = at;
  complaint.feedback_id = feedback_id;
  complaint.sub_type = kSubType;
  return events::complaint(complaint);
}

}  // namespace

base::Task<void> hold_suppressed(Service& service, const Submission&, Prepared& ready) {
  const auto& scope = ready.mail.scope;
  auto reasons = reasons_of(service, ready);
  // What the outcome of this mail may add to the list is settled here.
  if (reasons.bounce) ready.mail.flags |= ses::kSuppressBounce;
  if (reasons.complaint) ready.mail.flags |= ses::kSuppressComplaint;
  if (!reasons.bounce && !reasons.complaint) co_return;

  std::vector<std::string> asked;
  for (const auto& r : ready.recipients)
    if (is_pending(r) && service.suppression.may_have(scope, r.address)) asked.push_back(r.address);
  if (asked.empty()) co_return;

  auto looking = service.suppression.find(scope, std::move(asked));
  auto listed = co_await looking;
  for (auto reason : {ses::SuppressionReason::bounce, ses::SuppressionReason::complaint}) {
    if (!reasons.has(reason)) continue;
    auto held = hold(ready, listed, reason);
    if (held.empty()) continue;
    auto at = ready.mail.accepted;
    auto feedback_id = mail::make_message_id(scope.region.str(), at, service.random);
    ready.events.push_back(reason == ses::SuppressionReason::bounce
                               ? bounce_of(service, held, feedback_id, at)
                               : complaint_of(held, feedback_id, at));
  }
}

}  // namespace send

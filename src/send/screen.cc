// The virus scan of a send (SES §21). The call succeeds and nothing is delivered. What a template makes is
// scanned again when it is made.
#include "events/event.h"
#include "mail/bad_content.h"
#include "send/steps.h"

namespace send {

void screen(const Service& service, const Submission& s, Prepared& ready) {
  if (s.door == Door::system) return;
  if (mail::has_bad_content(*ready.mail.content) || mail::has_bad_content(ready.meta.subject) ||
      (ready.mail.own && mail::has_bad_content(*ready.mail.own)))
    reject(service, ready);
}

void reject(const Service& service, Prepared& ready) {
  for (auto& r : ready.recipients) r.state = ses::RecipientState::held;
  ready.events.push_back(events::reject(ready.mail.accepted, "Bad content"));
  auto* accounts = &service.accounts;
  ready.in_transaction.push_back(
      [accounts, scope = ready.mail.scope, at = ready.mail.accepted,
       n = ready.recipients.size()](store::Db& db) { accounts->record_outcome(db, scope, at, 0, 0, n); });
}

}  // namespace send

// Contact lists in a send (SES §15).
#include <algorithm>

#include "base/fault.h"
#include "events/event.h"
#include "mail/envelope.h"
#include "mail/message_id.h"
#include "mail/unsubscribe.h"
#include "send/steps.h"
#include "ses/unsubscribe_link.h"
#include "ses/unsubscribe_mailbox.h"

namespace send {
namespace {

using base::Fault;
using base::FaultKind;

// The only recipient, or nullopt: the links of a mail are one person's.
std::optional<std::string> only_recipient(const Addresses& a) {
  std::optional<std::string> only;
  for (const auto* group : {&a.to, &a.cc, &a.bcc})
    for (const auto& box : *group) {
      auto address = box.addr();
      if (only && !mail::same_address(*only, address)) return std::nullopt;
      only = std::move(address);
    }
  return only;
}

// Where a mail leaves the list; empty where none could come here.
std::string unsubscribe_mailbox(const Service& service, const ses::ContactList& list,
                                const std::string& topic_name, const std::string& recipient) {
  if (!service.settings.receives) return {};
  const auto* topic = list.find(topic_name);
  const auto local = ses::unsubscribe_local_part(
      {list.id, topic ? topic->id : 0, ses::contact_number(mail::address_key(recipient))},
      service.identities.link_secret());
  if (!local) return {};
  return *local + "@" +
         mail::default_mail_from_domain(list.scope.region.str(), service.settings.service_domain);
}

// Subtype and text are not known from SES (?).
ses::EventRecord opted_out(const Service& service, const Prepared& ready,
                           const std::vector<std::string>& who) {
  events::Bounce b;
  b.type = "Permanent";
  b.sub_type = "UnsubscribedRecipient";
  for (const auto& address : who)
    b.recipients.push_back({address, "failed", "5.1.1",
                            "Amazon SES did not send the message to this address because the recipient "
                            "unsubscribed from the contact list."});
  b.at = ready.mail.accepted;
  b.feedback_id = mail::make_message_id(ready.mail.scope.region.str(), b.at, service.random);
  b.reporting_mta = "dns; " + service.settings.service_domain;
  return events::bounce(b);
}

}  // namespace

std::optional<ListPlan> plan_list(const Service& service, const Submission& s, const Addresses& addresses,
                                  const ses::MessageId& id, bool signed_by_sender) {
  if (!s.contact_list || s.door == Door::system) return std::nullopt;
  auto list = service.contact_lists.require(s.caller.scope, *s.contact_list);
  ListPlan plan;
  plan.list = list->name;
  if (s.topic && !s.topic->empty()) plan.topic = list->require(*s.topic).name;

  // SES §15: not for messages that carry the sender's own signature, which a change would break.
  auto recipient = only_recipient(addresses);
  if (!recipient || signed_by_sender) return plan;
  using Kind = ses::UnsubscribeLink::Kind;
  ses::UnsubscribeLink link{Kind::header, s.caller.scope, plan.list, plan.topic, *recipient, id};
  const auto& secret = service.identities.link_secret();
  const auto mailbox = unsubscribe_mailbox(service, *list, plan.topic, *recipient);
  plan.add = ses::unsubscribe_headers(ses::unsubscribe_url(service.settings, link, secret), mailbox, id);
  for (const auto& [name, value] : plan.add) plan.remove.push_back(name);
  link.kind = Kind::page;
  plan.link = ses::unsubscribe_url(service.settings, link, secret);
  return plan;
}

void put_unsubscribe_link(Submission& s, const ListPlan& plan) {
  if (plan.link.empty()) return;
  if (auto* simple = std::get_if<mail::SimpleMail>(&s.content))
    mail::put_unsubscribe_link(*simple, plan.link);
  if (auto* raw = std::get_if<RawContent>(&s.content))
    if (auto rewritten = mail::rewrite_unsubscribe(raw->data, plan.link)) raw->data = std::move(*rewritten);
}

base::Task<void> hold_opted_out(Service& service, const Submission& s, Prepared& ready) {
  if (!ready.list) co_return;
  auto list = service.contact_lists.require(s.caller.scope, ready.list->list);
  std::vector<std::string> addresses;
  for (const auto& r : ready.recipients) addresses.push_back(r.address);
  auto* contacts = &service.contacts;
  auto look = [contacts, list, addresses](store::Db& db) { return contacts->look_up(db, *list, addresses); };
  auto known = co_await service.store.read_value(std::move(look));

  const auto* topic = list->find(ready.list->topic);
  std::vector<std::string> held, unknown;
  for (std::size_t i = 0; i < ready.recipients.size(); ++i) {
    auto& r = ready.recipients[i];
    if (!known[i]) unknown.push_back(r.address);
    // A topic's default holds too where nothing was chosen (?).
    bool admitted = known[i].value_or(ses::Contact{}).admits(topic);
    if (admitted || r.state != ses::RecipientState::pending) continue;
    r.state = ses::RecipientState::held;
    held.push_back(r.address);
  }
  if (!held.empty()) ready.events.push_back(opted_out(service, ready, held));
  if (unknown.empty()) co_return;
  auto now = ready.mail.accepted;
  ready.in_transaction.push_back([contacts, id = list->id, unknown, now](store::Db& db) {
    for (const auto& address : unknown) contacts->ensure(db, id, address, now);
  });
}

}  // namespace send

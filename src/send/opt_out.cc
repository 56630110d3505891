#include "send/opt_out.h"

#include "events/event.h"

namespace send {
namespace {

using ses::Subscription;

constexpr const char* kHeaderSource = "UnsubscribeHeader";

events::Preferences preferences(const ses::ContactList& list, const ses::Contact& contact) {
  events::Preferences out;
  out.unsubscribe_all = contact.unsubscribed_all;
  for (const auto& topic : list.topics)
    out.topics.emplace_back(topic.name, contact.status(topic) == Subscription::opt_in);
  return out;
}

}  // namespace

base::Task<bool> change_subscription(Service& service, ses::UnsubscribeLink link, ses::ContactListPtr list,
                                     ses::Contacts::Edit edit, const char* source) {
  auto* messages = &service.messages;
  auto now = service.clock.now();
  ses::Contacts::Also record = [messages, link, list, source, now](store::Db& db, const ses::Contact& before,
                                                                   const ses::Contact& after) {
    events::Subscription s;
    s.contact_list = list->name;
    s.at = now;
    s.source = source;
    s.now = preferences(*list, after);
    s.before = preferences(*list, before);
    messages->append_event(db, link.message, events::subscription(s));
  };
  co_return co_await service.contacts.change(list, link.address, std::move(edit), std::move(record));
}

base::Task<bool> opt_out(Service& service, ses::UnsubscribeLink link, ses::ContactListPtr list) {
  if (!link.topic.empty() && !list->find(link.topic)) co_return false;
  ses::Contacts::Edit edit = [list, link](ses::Contact& contact) {
    if (const auto* one = list->find(link.topic))
      contact.choose(*one, Subscription::opt_out);
    else
      contact.unsubscribed_all = true;
  };
  auto changing = change_subscription(service, link, list, std::move(edit), kHeaderSource);
  co_return co_await changing;
}

}  // namespace send

#include "receive/unsubscribe_mail.h"

#include <algorithm>

#include "mail/envelope.h"
#include "mail/header.h"
#include "mail/message_id.h"
#include "receive/own_address.h"
#include "receive/told.h"
#include "send/opt_out.h"

namespace receive {
namespace {

constexpr std::size_t kSubject = 500;

// The id of ours in the subject, which the header's mailto: puts there; empty if there is none.
std::string message_in(const mail::MessageView& head, const std::string& secret) {
  const auto* field = head.find("Subject");
  const auto subject = mail::decode_words(mail::unfold(field ? field->raw_value.substr(0, kSubject) : ""));
  for (std::string_view rest = subject; !rest.empty();) {
    const auto end = std::min(rest.find(' '), rest.size());
    if (auto id = mail::own_message_id_of(rest.substr(0, end), secret); !id.empty()) return id;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

bool went_to(const ses::SentMail& sent, const ses::Scope& scope, const std::string& address) {
  return sent.scope == scope &&
         std::any_of(sent.recipients.begin(), sent.recipients.end(),
                     [&](const auto& r) { return mail::same_address(r.address, address); });
}

// The link that would do the same. Who is not on the list, but writes from the address itself, is to be kept
// off it too. No address: nobody who is known.
ses::UnsubscribeLink link_of(const send::Service& service, store::Db& db, const ses::ReceivedMail& mail,
                             const ses::UnsubscribeMailbox& mailbox, const ses::ContactList& list) {
  const auto head = mail::split_part(mail.content ? ses::head_of(*mail.content) : mail.head);
  ses::UnsubscribeLink link;
  link.kind = ses::UnsubscribeLink::Kind::header;
  link.scope = list.scope;
  link.list = list.name;
  for (const auto& topic : list.topics)
    if (topic.id == mailbox.topic) link.topic = topic.name;
  if (auto known = service.contacts.address_of(db, list.id, mailbox.contact)) {
    link.address = *known;
  } else if (auto from = mail::address_key(mail.sender); ses::contact_number(from) == mailbox.contact) {
    link.address = from;
  }
  const auto message = message_in(head, service.identities.link_secret());
  const auto sent = message.empty() ? std::nullopt : service.messages.find_sent(db, message);
  if (sent && went_to(*sent, list.scope, link.address)) link.message = sent->id;
  return link;
}

}  // namespace

base::Task<void> take_unsubscribe(send::Service& service, ses::ReceivedMail& mail) {
  const auto mailbox = unsubscribe_mailbox(service, mail.recipients.front());
  const auto list = mailbox ? service.contact_lists.find(mailbox->list) : nullptr;
  Told told = ignored("The list is gone.");
  if (list) {
    auto look = [&](store::Db& db) { return link_of(service, db, mail, *mailbox, *list); };
    auto looking = service.store.read_value(std::move(look));
    const auto link = co_await looking;
    if (mailbox->topic != 0 && link.topic.empty()) {
      told = ignored("The topic is gone.");
    } else if (link.address.empty()) {
      told = ignored("The address is not on the list.");
    } else {
      auto leaving = send::opt_out(service, link, list);
      const bool changed = co_await leaving;
      told = {changed ? "recorded" : "noted", "", link.message.str(), ""};
    }
  }
  finish(mail.progress, service.clock.now(), told);
  ses::Received::Work as_it_is = [held = &mail](store::Db&) { return held->progress; };
  auto saving = service.received.put_down(mail, std::move(as_it_is));
  co_await saving;
}

}  // namespace receive

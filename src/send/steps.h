// The steps of a send that ask a noun of its own, one file each; submit.cc calls them in SES's order (SES
// §5). Those that throw refuse the call with a base::Fault; those that hold let the call succeed and keep the
// mail from a recipient, with an event that says so. Any thread.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/task.h"
#include "mail/fixup.h"
#include "send/addresses.h"
#include "send/service.h"

namespace send {

// What the configuration set that is in effect says about this send.
struct Effective {
  std::string configuration_set;  // named by the call, else the identity's default; may be empty
  bool tls_required = false;
  std::optional<std::chrono::seconds> max_delivery;            // else the installation's lifetime
  std::optional<std::vector<std::string>> suppressed_reasons;  // else the account's
};

// How the mail of this send is tied to a contact list.
struct ListPlan {
  std::string list, topic;  // topic may be empty
  std::string link;         // what {{amazonSESUnsubscribeUrl}} becomes; empty: it stays (several recipients)
  std::vector<std::string> remove;                       // header names of the sender's that go
  std::vector<std::pair<std::string, std::string>> add;  // headers that come instead
};

// A submission that passed the checks, ready to be stored.
struct Prepared {
  ses::Mail mail;
  ses::MailMeta meta;
  std::vector<ses::Recipient> recipients;
  std::size_t simulated = 0;             // recipients that are the mailbox simulator's
  std::vector<ses::EventRecord> events;  // known at acceptance: of the recipients that are held
  Effective effective;
  std::optional<ListPlan> list;
  // Run in the transaction that accepts the message, and may run twice (store.h).
  std::vector<std::function<void(store::Db&)>> in_transaction;
};

// submit.cc: the account may send: neither the operator nor its owner has paused it (SES §5.6).
void check_account(const Service& service, const Submission& s);
// submit.cc: all that can be refused before anything is reserved or stored.
Prepared prepare(const Service& service, Submission& s);
// submit.cc: a full disk or a full queue becomes a Fault: nothing was accepted, the client may come again.
[[noreturn]] void rethrow_store_error(std::exception_ptr error);

// templated.cc: looks up the stored template that the content names, before prepare().
base::Task<void> find_template(Service& service, Submission& s);
// The template exists, its data is a JSON object, its headers and attachments can be built (SES §6.1, §13).
void check_template(const Service& service, Submission& s);
mail::MessageFacts template_facts(const Submission& s);  // what is known before the mail is made
void fill_recipe(const Service& service, Submission& s, Prepared& p);
std::shared_ptr<const std::string> recipe_of(const Submission& s);

// configuration.cc: the set that is in effect; it exists and its sending is on (SES §5.6, §17).
Effective configure(const Service& service, const Submission& s, const Addresses& addresses);

// list_management.cc: the list and topic exist (SES §15); nullopt without list options.
std::optional<ListPlan> plan_list(const Service& service, const Submission& s, const Addresses& addresses,
                                  const ses::MessageId& id, bool signed_by_sender);
// The link into the bodies of simple and raw content, before they are built or fixed up.
void put_unsubscribe_link(Submission& s, const ListPlan& plan);
// Recipients that opted out are held; those the list does not know are put on it with the send.
base::Task<void> hold_opted_out(Service& service, const Submission& s, Prepared& ready);

// screen.cc: bad content holds the mail from all its recipients (SES §21).
void screen(const Service& service, const Submission& s, Prepared& ready);
void reject(const Service& service, Prepared& ready);  // what screen() does with it

// mail_from.cc: the domain of the envelope sender, the identity's own MAIL FROM or ours (SES §8.5, §12.2).
std::string mail_from_domain(const Service& service, const Submission& s, const ses::SenderMatch& match);

// suppression.cc: recipients on the suppression list are held (SES §16).
base::Task<void> hold_suppressed(Service& service, const Submission& s, Prepared& ready);

}  // namespace send

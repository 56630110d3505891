// Contact: an address on a contact list, what it chose to get, and the questions a send asks (SES §15). Rules
// and queries; contacts are SQL, not in a snapshot. Addresses are keyed with their domain in lower case.
// Functions that take a Db run inside a transaction of the store; all others may be called on any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "ses/contact_list.h"
#include "store/store.h"

namespace ses {

struct Contact {
  std::string address;
  bool unsubscribed_all = false;
  std::vector<std::pair<std::int64_t, Subscription>> choices;  // explicit ones, by topic id
  std::optional<std::string> attributes;
  base::WallTime created, updated;

  std::optional<Subscription> choice(const Topic& topic) const;
  Subscription status(const Topic& topic) const { return choice(topic).value_or(topic.by_default); }
  void choose(const Topic& topic, Subscription status);
  // May be sent to: not unsubscribed from all, nor out of the topic, be it by choice or by default. No topic:
  // only the first counts.
  bool admits(const Topic* topic) const;
};

struct ContactFilter {
  std::optional<Subscription> status;
  std::optional<std::string> topic;
  bool use_default = false;  // contacts without a choice count by the topic's default
  std::string text() const;  // what a page token is bound to
};

struct ContactPage {
  std::vector<Contact> items;
  std::optional<std::string> next;  // the next page begins behind this address; none on the last page
};

class Contacts {
 public:
  Contacts(store::Store& store, const ContactLists& lists, const base::Clock& clock)
      : store_(store), lists_(lists), clock_(clock) {}

  struct Choice {
    std::string topic;  // name
    Subscription status = Subscription::opt_in;
  };
  struct Request {
    std::string list, address;
    std::vector<Choice> choices;
    bool unsubscribe_all = false;
    std::optional<std::string> attributes;
  };
  base::Task<void> create(Caller caller, Request request);
  // SES §15: choices are merged by topic; attributes and unsubscribe_all are replaced.
  base::Task<void> update(Caller caller, Request request);
  base::Task<void> remove(Caller caller, std::string list, std::string address);
  struct Found {
    ContactListPtr list;
    Contact contact;
  };
  base::Task<Found> get(Caller caller, std::string list, std::string address);

  // Faults of the list and the filter's topic.
  ContactListPtr check_filter(const Scope& scope, const std::string& list, const ContactFilter& filter) const;
  // By address. A filter that no index serves looks at a bounded number of contacts, so that a page may come
  // short or empty though more follows (SES §15).
  base::Task<ContactPage> list(ContactListPtr list, ContactFilter filter, std::optional<std::string> after,
                               std::size_t size);

  // The contact behind each address, in their order; nullopt where the list does not know it.
  std::vector<std::optional<Contact>> look_up(store::Db& db, const ContactList& list,
                                              const std::vector<std::string>& addresses) const;
  // Of the contact with this contact_number() (unsubscribe_mailbox.h); nullopt: none.
  std::optional<std::string> address_of(store::Db& db, std::int64_t list, std::int64_t number) const;
  // Puts the address on the list, without choices, unless it is there or the list is gone.
  void ensure(store::Db& db, std::int64_t list, const std::string& address, base::WallTime now) const;

  // A change the recipient makes. `edit` is given the contact as it stands, a new one if there is none; what
  // it changes is kept, with `also` in the same transaction. Both may run twice (store.h). False: no change.
  using Edit = std::function<void(Contact&)>;
  using Also = std::function<void(store::Db&, const Contact& before, const Contact& after)>;
  base::Task<bool> change(ContactListPtr list, std::string address, Edit edit, Also also);

  // Removes rows of lists and topics that are gone, at most `at_most` of them; 0 when nothing is left to do.
  static std::size_t purge(store::Db& db, std::size_t at_most);
  // The same in a few transactions, so that what is small is gone with the call that ended it.
  base::Task<void> purge_some();

 private:
  store::Store& store_;
  const ContactLists& lists_;
  const base::Clock& clock_;
};

// The form an address is kept in. Faults: "EmailAddress can't be blank.", "EmailAddress <E> is invalid".
std::string contact_key(const std::string& address);

}  // namespace ses

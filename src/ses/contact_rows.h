// The rows of contacts. What a contact chose stands packed in its own row, so that a page or a send reads one
// row a contact, and once more in contact_choice, ordered for the filters by topic. Inside a transaction of
// the store. contact.cc and the benchmark use this.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ses/contact.h"
#include "store/db.h"

namespace ses::contact_rows {

std::optional<Contact> find(store::Db& db, std::int64_t list, const std::string& address);
std::optional<std::string> address_of(store::Db& db, std::int64_t list, std::int64_t number);
// `before` is the row as it stands, if there is one.
void save(store::Db& db, std::int64_t list, const std::optional<Contact>& before, const Contact& contact);
void erase(store::Db& db, std::int64_t list, const Contact& contact);

// Behind `after`, by address.
std::vector<Contact> page(store::Db& db, std::int64_t list, const std::string& after, std::size_t at_most);
std::vector<Contact> unsubscribed(store::Db& db, std::int64_t list, const std::string& after,
                                  std::size_t at_most);
std::vector<Contact> with_choice(store::Db& db, std::int64_t list, std::int64_t topic, Subscription status,
                                 const std::string& after, std::size_t at_most);

// How many rows went; fewer than `at_most` when none are left.
std::size_t erase_choices(store::Db& db, std::int64_t list, std::int64_t topic, std::size_t at_most);
std::size_t erase_list(store::Db& db, std::int64_t list, std::size_t at_most);

}  // namespace ses::contact_rows

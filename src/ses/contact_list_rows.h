// The rows of contact lists and their topics, and the notes of what Contacts::purge has yet to remove. Inside
// a transaction of the store. Only contact_list.cc and contact.cc use this.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ses/contact_list.h"
#include "store/db.h"

namespace ses::contact_list_rows {

std::vector<ContactList> all(store::Db& db);
std::vector<ContactList> of_scope(store::Db& db, const Scope& scope);  // by name
std::optional<ContactList> find(store::Db& db, const Scope& scope, const std::string& name);
bool exists(store::Db& db, std::int64_t id);
void save(store::Db& db, const ContactList& list);  // by its id
void erase(store::Db& db, std::int64_t id);

// The next number of a sequence that never goes back, and where it stands.
std::int64_t next(store::Db& db, const char* noun);
std::int64_t current(store::Db& db, const char* noun);

inline constexpr std::int64_t kWholeList = 0;  // stands for the topic
struct Gone {
  std::int64_t list = 0, topic = 0;
};
void mark_gone(store::Db& db, std::int64_t list, std::int64_t topic);
std::optional<Gone> first_gone(store::Db& db);
void forget_gone(store::Db& db, const Gone& gone);

}  // namespace ses::contact_list_rows

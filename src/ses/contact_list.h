// Contact list: its topics and what a contact gets by default, per account and region (SES §15). The rules of
// making, changing and removing lists, and their rows. Reads come from a snapshot that is swapped before a
// write returns (ARCHITECTURE 3.6), so they cost no SQL and may be asked on any thread. The contacts on a
// list are contact.h's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "ses/tags.h"
#include "ses/types.h"
#include "store/store.h"

namespace ses {

enum class Subscription { opt_out = 0, opt_in = 1 };
std::string_view v2_name(Subscription status);  // "OPT_IN"
Subscription subscription_of(std::string_view v2_name);

struct Topic {
  std::int64_t id = 0;  // never used again, so that a topic of the same name starts without preferences
  std::string name, display_name;
  std::optional<std::string> description;
  Subscription by_default = Subscription::opt_in;
};

struct ContactList {
  std::int64_t id = 0;  // never used again
  Scope scope;
  std::string name;
  std::optional<std::string> description;
  std::vector<Topic> topics;  // in the order they were given
  std::vector<Tag> tags;
  base::WallTime created, updated;

  const Topic* find(std::string_view topic_name) const;  // nullptr: it has none of that name
  // Fault invalid_parameter: "List: L doesn't contain Topic: T"
  const Topic& require(std::string_view topic_name) const;
};
using ContactListPtr = std::shared_ptr<const ContactList>;

class ContactLists {
 public:
  ContactLists(store::Store& store, const base::Clock& clock);
  ~ContactLists();

  void load();  // at start; calling thread

  ContactListPtr find(const Scope& scope, std::string_view name) const;
  ContactListPtr find(std::int64_t id) const;  // of all scopes
  // Fault not_found: "List with name: N doesn't exist."
  ContactListPtr require(const Scope& scope, std::string_view name) const;
  std::vector<ContactListPtr> all(const Scope& scope) const;  // by name

  struct Content {  // Topic::id is not looked at
    std::optional<std::vector<Topic>> topics;
    std::optional<std::string> description;
  };
  base::Task<void> create(Caller caller, std::string name, Content content, std::vector<Tag> tags);
  // Replaces all of the content; without any it changes nothing.
  base::Task<void> update(Caller caller, std::string name, Content content);
  base::Task<bool> edit_tags(Caller caller, std::string name, TagEdit edit);  // false: there is no such list
  // The contacts are out of reach at once; Contacts::purge removes their rows.
  base::Task<void> remove(Caller caller, std::string name);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// SES §15: 1 to 64 of A-Z a-z 0-9 _ -; `what` is "ContactListName" or "TopicName".
void check_list_name(std::string_view name, std::string_view what);

}  // namespace ses

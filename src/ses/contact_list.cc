#include "ses/contact_list.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include "base/encoding.h"
#include "base/fault.h"
#include "base/random.h"
#include "ses/contact_list_rows.h"
#include "ses/tags.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxTopics = 20;
constexpr std::size_t kMaxDisplayName = 128;
constexpr std::size_t kMaxDescription = 500;
constexpr std::size_t kMaxLists = 1;  // SES §15

[[noreturn]] void refuse(std::string text) { throw Fault(FaultKind::invalid_parameter, std::move(text)); }

[[noreturn]] void no_such_list(std::string_view name) {
  throw Fault(FaultKind::not_found, "List with name: " + std::string(name) + " doesn't exist.");
}

// The texts for a topic's description and a blank display name follow those for its other members (?).
void check_topic(const Topic& topic) {
  check_list_name(topic.name, "TopicName");
  if (base::trim(topic.display_name).empty()) refuse("Topic DisplayName can't be blank.");
  if (base::utf16_length(topic.display_name) > kMaxDisplayName)
    refuse("Topic DisplayName can contain up to <128> characters.");
  if (topic.description && base::utf16_length(*topic.description) > kMaxDescription)
    refuse("Topic Description can contain up to <500> characters.");
}

void check_content(const ContactLists::Content& content) {
  if (content.description && base::utf16_length(*content.description) > kMaxDescription)
    refuse("List description can contain up to 500 characters.");
  if (!content.topics) return;
  if (content.topics->size() > kMaxTopics) refuse("Maximum of <20> topics allowed per ContactList");
  std::set<std::string_view> names;
  for (const auto& topic : *content.topics) check_topic(topic);
  for (const auto& topic : *content.topics)
    if (!names.insert(topic.name).second) refuse("Duplicate topic names are not allowed within a List.");
}

// A topic that keeps its name keeps its id, and so what contacts chose for it.
std::vector<Topic> with_ids(store::Db& db, const std::vector<Topic>& before, std::vector<Topic> given) {
  for (auto& topic : given) {
    auto same =
        std::find_if(before.begin(), before.end(), [&](const Topic& t) { return t.name == topic.name; });
    topic.id = same != before.end() ? same->id : contact_list_rows::next(db, "contact_topic_id");
  }
  return given;
}

struct Snapshot {
  std::int64_t generation = 0;
  std::map<std::string, ContactListPtr, std::less<>> lists;
};

}  // namespace

void check_list_name(std::string_view name, std::string_view what) {
  if (base::trim(name).empty()) refuse(std::string(what) + " can't be blank.");
  bool good = name.size() <= kMaxName && std::all_of(name.begin(), name.end(), [](char c) {
                return c == '_' || c == '-' || base::kAlnum.find(c) != std::string_view::npos;
              });
  if (!good)
    refuse(
        std::string(what) +
        " can contain up to 64 characters. Only alphanumeric characters, underscores(_) and hyphens(-) are "
        "allowed.");
}

std::string_view v2_name(Subscription status) {
  return status == Subscription::opt_in ? "OPT_IN" : "OPT_OUT";
}

Subscription subscription_of(std::string_view v2_name) {
  return v2_name == "OPT_IN" ? Subscription::opt_in : Subscription::opt_out;
}

const Topic* ContactList::find(std::string_view topic_name) const {
  auto found =
      std::find_if(topics.begin(), topics.end(), [&](const Topic& t) { return t.name == topic_name; });
  return found == topics.end() ? nullptr : &*found;
}

const Topic& ContactList::require(std::string_view topic_name) const {
  if (const auto* topic = find(topic_name)) return *topic;
  refuse("List: " + name + " doesn't contain Topic: " + std::string(topic_name));
}

struct ContactLists::Impl {
  store::Store& store;
  const base::Clock& clock;
  mutable std::mutex mutex;
  std::unordered_map<Scope, std::shared_ptr<const Snapshot>> scopes;

  std::shared_ptr<const Snapshot> snapshot(const Scope& scope) const {
    static const auto none = std::make_shared<const Snapshot>();
    std::lock_guard lock(mutex);
    auto found = scopes.find(scope);
    return found == scopes.end() ? none : found->second;
  }

  // Runs `work` in a transaction, then reads the scope as it stands and swaps the snapshot. Of two racing
  // writers the one that read the later generation wins, whoever comes last.
  base::Task<void> change(Scope scope, std::function<void(store::Db&)> work) {
    auto job = [work = std::move(work)](store::Db& db) {
      work(db);
      contact_list_rows::next(db, "contact_list");
    };
    std::function<void(store::Db&)> write = std::move(job);
    co_await store.write(std::move(write));
    auto look = [scope](store::Db& db) {
      auto fresh = std::make_shared<Snapshot>();
      fresh->generation = contact_list_rows::current(db, "contact_list");
      for (auto& list : contact_list_rows::of_scope(db, scope)) {
        auto held = std::make_shared<const ContactList>(std::move(list));
        fresh->lists[held->name] = held;
      }
      return fresh;
    };
    auto fresh = co_await store.read_value(std::move(look));
    std::lock_guard lock(mutex);
    auto& held = scopes[scope];
    if (!held || held->generation < fresh->generation) held = std::move(fresh);
  }
};

ContactLists::ContactLists(store::Store& store, const base::Clock& clock)
    : impl_(new Impl{store, clock, {}, {}}) {}
ContactLists::~ContactLists() = default;

void ContactLists::load() {
  std::unordered_map<Scope, std::shared_ptr<Snapshot>> made;
  impl_->store.read_now([&](store::Db& db) {
    auto generation = contact_list_rows::current(db, "contact_list");
    for (auto& list : contact_list_rows::all(db)) {
      auto& snapshot = made[list.scope];
      if (!snapshot) snapshot = std::make_shared<Snapshot>();
      snapshot->generation = generation;
      auto held = std::make_shared<const ContactList>(std::move(list));
      snapshot->lists[held->name] = held;
    }
  });
  std::lock_guard lock(impl_->mutex);
  impl_->scopes.clear();
  for (auto& [scope, snapshot] : made) impl_->scopes[scope] = std::move(snapshot);
}

ContactListPtr ContactLists::find(const Scope& scope, std::string_view name) const {
  auto held = impl_->snapshot(scope);
  auto found = held->lists.find(name);
  return found == held->lists.end() ? nullptr : found->second;
}

ContactListPtr ContactLists::find(std::int64_t id) const {
  std::lock_guard lock(impl_->mutex);
  for (const auto& [scope, snapshot] : impl_->scopes)
    for (const auto& [name, list] : snapshot->lists)
      if (list->id == id) return list;
  return nullptr;
}

ContactListPtr ContactLists::require(const Scope& scope, std::string_view name) const {
  check_list_name(name, "ContactListName");  // SES §4: the rules of names come before what exists
  auto list = find(scope, name);
  if (!list) no_such_list(name);
  return list;
}

std::vector<ContactListPtr> ContactLists::all(const Scope& scope) const {
  auto held = impl_->snapshot(scope);
  std::vector<ContactListPtr> out;
  for (const auto& [name, list] : held->lists) out.push_back(list);
  return out;
}

base::Task<void> ContactLists::create(Caller caller, std::string name, Content content,
                                      std::vector<Tag> tags) {
  check_list_name(name, "ContactListName");
  check_content(content);
  check_tags(tags);
  auto now = impl_->clock.now();
  std::function<void(store::Db&)> work = [caller, name, content, tags, now](store::Db& db) {
    // SES §15: whatever the name of the second.
    if (contact_list_rows::of_scope(db, caller.scope).size() >= kMaxLists)
      refuse("A maximum of 1 Lists allowed per account.");
    ContactList list;
    list.id = contact_list_rows::next(db, "contact_list_id");
    list.scope = caller.scope;
    list.name = name;
    list.description = content.description;
    list.topics = with_ids(db, {}, content.topics.value_or(std::vector<Topic>{}));
    list.tags = tags;
    list.created = list.updated = now;
    contact_list_rows::save(db, list);
  };
  co_await impl_->change(caller.scope, std::move(work));
}

base::Task<void> ContactLists::update(Caller caller, std::string name, Content content) {
  require(caller.scope, name);
  check_content(content);
  if (!content.topics && !content.description) co_return;  // SES §15: an empty body changes nothing
  auto now = impl_->clock.now();
  std::function<void(store::Db&)> work = [caller, name, content, now](store::Db& db) {
    auto list = contact_list_rows::find(db, caller.scope, name);
    if (!list) no_such_list(name);
    auto before = list->topics;
    list->description = content.description;
    list->topics = with_ids(db, before, content.topics.value_or(std::vector<Topic>{}));
    list->updated = now;
    for (const auto& topic : before)
      if (!list->find(topic.name)) contact_list_rows::mark_gone(db, list->id, topic.id);
    contact_list_rows::save(db, *list);
  };
  co_await impl_->change(caller.scope, std::move(work));
}

base::Task<bool> ContactLists::edit_tags(Caller caller, std::string name, TagEdit edit) {
  if (!find(caller.scope, name)) co_return false;
  auto there = std::make_shared<bool>(false);
  std::function<void(store::Db&)> work = [caller, name, edit, there](store::Db& db) {
    auto list = contact_list_rows::find(db, caller.scope, name);
    *there = list.has_value();
    if (!list) return;
    edit(list->tags);
    contact_list_rows::save(db, *list);
  };
  co_await impl_->change(caller.scope, std::move(work));
  co_return *there;
}

base::Task<void> ContactLists::remove(Caller caller, std::string name) {
  require(caller.scope, name);
  std::function<void(store::Db&)> work = [caller, name](store::Db& db) {
    auto list = contact_list_rows::find(db, caller.scope, name);
    if (!list) no_such_list(name);
    contact_list_rows::erase(db, list->id);
    contact_list_rows::mark_gone(db, list->id, contact_list_rows::kWholeList);
  };
  co_await impl_->change(caller.scope, std::move(work));
}

}  // namespace ses

#include "ses/contact.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/fault.h"
#include "base/limits.h"
#include "mail/address.h"
#include "mail/envelope.h"
#include "ses/contact_list_rows.h"
#include "ses/contact_rows.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::size_t kScanStep = 100;
constexpr std::size_t kMaxScan = 4000;      // contacts looked at for a page that no index serves
constexpr std::size_t kPurgeAtOnce = 1000;  // rows a transaction
constexpr std::size_t kPurgeWithCall = 20;  // transactions; the rest is swept later

[[noreturn]] void no_such_contact(const std::string& address) {
  throw Fault(FaultKind::not_found, address + " doesn't exist in List.");
}

void apply(Contact& contact, const ContactList& list, const Contacts::Request& request) {
  for (const auto& choice : request.choices) contact.choose(list.require(choice.topic), choice.status);
  contact.unsubscribed_all = request.unsubscribe_all;
  contact.attributes = request.attributes;
}

// The list as it stands in this transaction: another call may have changed or removed it by now.
ContactList list_in(store::Db& db, const Scope& scope, const std::string& name) {
  auto list = contact_list_rows::find(db, scope, name);
  if (!list) throw Fault(FaultKind::not_found, "List with name: " + name + " doesn't exist.");
  return std::move(*list);
}

void check_choices(const ContactList& list, const std::vector<Contacts::Choice>& choices) {
  for (const auto& choice : choices) check_list_name(choice.topic, "TopicName");
  for (const auto& choice : choices) list.require(choice.topic);
}

// A topic that is gone takes its choices along when the contact is next written.
void drop_stale(Contact& contact, const ContactList& list) {
  std::erase_if(contact.choices, [&](const auto& choice) {
    return std::none_of(list.topics.begin(), list.topics.end(),
                        [&](const Topic& topic) { return topic.id == choice.first; });
  });
}

bool same_preferences(const Contact& a, const Contact& b) {
  return a.unsubscribed_all == b.unsubscribed_all && a.choices == b.choices;
}

// Cuts what was read with one more than `size` to a page.
ContactPage cut(std::vector<Contact> found, std::size_t size) {
  ContactPage page;
  bool more = found.size() > size;
  if (more) found.resize(size);
  page.items = std::move(found);
  if (more) page.next = page.items.back().address;
  return page;
}

// Walks over the contacts by address, for what no index serves, until the page is full or the bound reached.
template <class Admit>
ContactPage scan(store::Db& db, std::int64_t list, std::string after, std::size_t size, Admit admit) {
  const auto step = size + kScanStep;
  ContactPage page;
  for (std::size_t seen = 0; seen < kMaxScan; seen += step) {
    auto found = contact_rows::page(db, list, after, step);
    for (auto& contact : found) {
      if (page.items.size() == size) {
        page.next = std::move(after);
        return page;
      }
      after = contact.address;
      if (admit(contact)) page.items.push_back(std::move(contact));
    }
    if (found.size() < step) return page;
  }
  page.next = std::move(after);
  return page;
}

ContactPage read_page(store::Db& db, const ContactList& list, const ContactFilter& filter,
                      const std::string& after, std::size_t size) {
  const auto* topic = filter.topic ? list.find(*filter.topic) : nullptr;
  if (filter.topic && !topic) return {};
  if (!topic) {
    if (!filter.status) return cut(contact_rows::page(db, list.id, after, size + 1), size);
    if (*filter.status == Subscription::opt_out)
      return cut(contact_rows::unsubscribed(db, list.id, after, size + 1), size);
    return scan(db, list.id, after, size, [](const Contact& c) { return !c.unsubscribed_all; });
  }
  if (!filter.status)  // (?) any choice of this topic, or, with the default counting, everybody
    return filter.use_default ? cut(contact_rows::page(db, list.id, after, size + 1), size)
                              : scan(db, list.id, after, size,
                                     [topic](const Contact& c) { return c.choice(*topic).has_value(); });
  auto status = *filter.status;
  if (filter.use_default && topic->by_default == status)
    return scan(db, list.id, after, size,
                [topic, status](const Contact& c) { return c.status(*topic) == status; });
  return cut(contact_rows::with_choice(db, list.id, topic->id, status, after, size + 1), size);
}

}  // namespace

std::string contact_key(const std::string& address) {
  if (base::trim(address).empty()) throw Fault(FaultKind::invalid_parameter, "EmailAddress can't be blank.");
  auto box = mail::parse_mailbox(address);
  bool good = box && box->addr() == address &&
              base::utf16_length(address) <= base::limits::kMaxAddressLength &&
              address.find_first_of("\r\n") == std::string::npos;
  if (!good) throw Fault(FaultKind::invalid_parameter, "EmailAddress <" + address + "> is invalid");
  return mail::address_key(address);
}

std::optional<Subscription> Contact::choice(const Topic& topic) const {
  for (const auto& [id, status] : choices)
    if (id == topic.id) return status;
  return std::nullopt;
}

void Contact::choose(const Topic& topic, Subscription status) {
  for (auto& [id, held] : choices) {
    if (id != topic.id) continue;
    held = status;
    return;
  }
  choices.emplace_back(topic.id, status);
  std::sort(choices.begin(), choices.end());
}

bool Contact::admits(const Topic* topic) const {
  return !unsubscribed_all && (!topic || status(*topic) == Subscription::opt_in);
}

std::string ContactFilter::text() const {
  std::string out = status ? std::string(v2_name(*status)) : "-";
  if (topic) out += (use_default ? " default " : " chosen ") + *topic;
  return out;
}

base::Task<void> Contacts::create(Caller caller, Request request) {
  auto key = contact_key(request.address);
  auto list = lists_.require(caller.scope, request.list);
  check_choices(*list, request.choices);
  auto now = clock_.now();
  std::function<void(store::Db&)> work = [caller, request, key, now](store::Db& db) {
    auto list = list_in(db, caller.scope, request.list);
    if (contact_rows::find(db, list.id, key))
      throw Fault(FaultKind::already_exists, request.address + " already exists in List.");
    Contact contact;
    contact.address = key;
    contact.created = contact.updated = now;
    apply(contact, list, request);
    contact_rows::save(db, list.id, std::nullopt, contact);
  };
  co_await store_.write(std::move(work));
}

base::Task<void> Contacts::update(Caller caller, Request request) {
  auto key = contact_key(request.address);
  auto list = lists_.require(caller.scope, request.list);
  check_choices(*list, request.choices);
  auto now = clock_.now();
  std::function<void(store::Db&)> work = [caller, request, key, now](store::Db& db) {
    auto list = list_in(db, caller.scope, request.list);
    auto before = contact_rows::find(db, list.id, key);
    if (!before) no_such_contact(request.address);
    auto contact = *before;
    drop_stale(contact, list);
    apply(contact, list, request);
    contact.updated = now;
    contact_rows::save(db, list.id, before, contact);
  };
  co_await store_.write(std::move(work));
}

base::Task<void> Contacts::remove(Caller caller, std::string list, std::string address) {
  auto key = contact_key(address);
  auto id = lists_.require(caller.scope, list)->id;
  std::function<void(store::Db&)> work = [id, key, address](store::Db& db) {
    auto contact = contact_rows::find(db, id, key);
    if (!contact) no_such_contact(address);
    contact_rows::erase(db, id, *contact);
  };
  co_await store_.write(std::move(work));
}

base::Task<Contacts::Found> Contacts::get(Caller caller, std::string list, std::string address) {
  auto key = contact_key(address);
  auto held = lists_.require(caller.scope, list);
  auto look = [id = held->id, key](store::Db& db) { return contact_rows::find(db, id, key); };
  auto contact = co_await store_.read_value(std::move(look));
  if (!contact) no_such_contact(address);
  co_return Found{held, std::move(*contact)};
}

ContactListPtr Contacts::check_filter(const Scope& scope, const std::string& list,
                                      const ContactFilter& filter) const {
  auto held = lists_.require(scope, list);
  if (filter.topic) {
    check_list_name(*filter.topic, "TopicName");
    held->require(*filter.topic);
  }
  return held;
}

base::Task<ContactPage> Contacts::list(ContactListPtr list, ContactFilter filter,
                                       std::optional<std::string> after, std::size_t size) {
  auto look = [list, filter, from = after.value_or(""), size](store::Db& db) {
    return read_page(db, *list, filter, from, size);
  };
  co_return co_await store_.read_value(std::move(look));
}

std::vector<std::optional<Contact>> Contacts::look_up(store::Db& db, const ContactList& list,
                                                      const std::vector<std::string>& addresses) const {
  std::vector<std::optional<Contact>> out;
  for (const auto& address : addresses)
    out.push_back(contact_rows::find(db, list.id, mail::address_key(address)));
  return out;
}

void Contacts::ensure(store::Db& db, std::int64_t list, const std::string& address,
                      base::WallTime now) const {
  auto key = mail::address_key(address);
  if (!contact_list_rows::exists(db, list) || contact_rows::find(db, list, key)) return;
  Contact contact;
  contact.address = key;
  contact.created = contact.updated = now;
  contact_rows::save(db, list, std::nullopt, contact);
}

std::optional<std::string> Contacts::address_of(store::Db& db, std::int64_t list, std::int64_t number) const {
  return contact_rows::address_of(db, list, number);
}

base::Task<bool> Contacts::change(ContactListPtr list, std::string address, Edit edit, Also also) {
  auto key = mail::address_key(address);
  auto now = clock_.now();
  auto work = [list, key, edit = std::move(edit), also = std::move(also), now](store::Db& db) {
    if (!contact_list_rows::exists(db, list->id)) return false;
    auto before = contact_rows::find(db, list->id, key);
    Contact contact = before.value_or(Contact{});
    if (!before) {
      contact.address = key;
      contact.created = now;
    }
    drop_stale(contact, *list);
    auto was = contact;
    edit(contact);
    if (same_preferences(was, contact)) return false;
    contact.updated = now;
    contact_rows::save(db, list->id, before, contact);
    also(db, was, contact);
    return true;
  };
  co_return co_await store_.write_value(std::move(work));
}

std::size_t Contacts::purge(store::Db& db, std::size_t at_most) {
  auto gone = contact_list_rows::first_gone(db);
  if (!gone) return 0;
  auto rows = gone->topic == contact_list_rows::kWholeList
                  ? contact_rows::erase_list(db, gone->list, at_most)
                  : contact_rows::erase_choices(db, gone->list, gone->topic, at_most);
  if (rows < at_most) contact_list_rows::forget_gone(db, *gone);
  return std::max<std::size_t>(rows, 1);
}

base::Task<void> Contacts::purge_some() {
  for (std::size_t i = 0; i < kPurgeWithCall; ++i) {
    auto work = [](store::Db& db) { return purge(db, kPurgeAtOnce); };
    auto rows = co_await store_.write_value(std::move(work));
    if (rows == 0) co_return;
  }
}

}  // namespace ses

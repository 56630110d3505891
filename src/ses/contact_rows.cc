#include "ses/contact_rows.h"

#include <charconv>

#include "base/encoding.h"
#include "ses/unsubscribe_mailbox.h"

namespace ses::contact_rows {
namespace {

// "3=1 7=0": topic id and status.
std::string pack(const std::vector<std::pair<std::int64_t, Subscription>>& choices) {
  std::string out;
  for (const auto& [topic, status] : choices) {
    if (!out.empty()) out += ' ';
    out += std::to_string(topic);
    out += status == Subscription::opt_in ? "=1" : "=0";
  }
  return out;
}

std::vector<std::pair<std::int64_t, Subscription>> unpack(std::string_view text) {
  std::vector<std::pair<std::int64_t, Subscription>> out;
  const char* p = text.data();
  const char* end = p + text.size();
  while (p < end) {
    std::int64_t topic = 0;
    auto read = std::from_chars(p, end, topic);
    if (read.ec != std::errc() || end - read.ptr < 2) break;
    out.emplace_back(topic, read.ptr[1] == '1' ? Subscription::opt_in : Subscription::opt_out);
    p = read.ptr + 3;  // "=1 "
  }
  return out;
}

#define SESAME_CONTACT_COLUMNS "c.address, c.unsubscribed, c.choices, c.created, c.updated"

Contact from_row(store::Query& q) {
  Contact contact;
  contact.address = q.get_string(0);
  contact.unsubscribed_all = q.get_integer(1) != 0;
  contact.choices = unpack(q.get_text(2));
  contact.created = base::from_millis(q.get_integer(3));
  contact.updated = base::from_millis(q.get_integer(4));
  return contact;
}

std::vector<Contact> read(store::Query& q, const std::string& after, std::size_t at_most) {
  q.text(":after", after).integer(":limit", static_cast<std::int64_t>(at_most));
  std::vector<Contact> out;
  while (q.next()) out.push_back(from_row(q));
  return out;
}

void erase_choice(store::Db& db, std::int64_t list, const std::string& address, std::int64_t topic,
                  Subscription status) {
  db.query(
        "DELETE FROM contact_choice WHERE list = :list AND topic = :topic AND status = :status AND address = "
        ":address")
      .integer(":list", list)
      .integer(":topic", topic)
      .integer(":status", static_cast<std::int64_t>(status))
      .text(":address", address)
      .run();
}

void insert_choice(store::Db& db, std::int64_t list, const std::string& address, std::int64_t topic,
                   Subscription status) {
  db.query(
        "INSERT INTO contact_choice (list, topic, status, address) VALUES (:list, :topic, :status, :address) "
        "ON "
        "CONFLICT (list, topic, status, address) DO NOTHING")
      .integer(":list", list)
      .integer(":topic", topic)
      .integer(":status", static_cast<std::int64_t>(status))
      .text(":address", address)
      .run();
}

}  // namespace

std::optional<Contact> find(store::Db& db, std::int64_t list, const std::string& address) {
  auto q = db.query("SELECT " SESAME_CONTACT_COLUMNS
                    ", c.attributes FROM contact c WHERE c.list = :list AND c.address = :address");
  if (!q.integer(":list", list).text(":address", address).next()) return std::nullopt;
  auto contact = from_row(q);
  contact.attributes = q.get_optional(5);
  return contact;
}

std::optional<std::string> address_of(store::Db& db, std::int64_t list, std::int64_t number) {
  auto q = db.query("SELECT address FROM contact WHERE list = :list AND number = :number");
  if (!q.integer(":list", list).integer(":number", number).next()) return std::nullopt;
  return q.get_string(0);
}

void save(store::Db& db, std::int64_t list, const std::optional<Contact>& before, const Contact& contact) {
  if (before)
    for (const auto& [topic, status] : before->choices)
      erase_choice(db, list, contact.address, topic, status);
  auto choices = pack(contact.choices);
  db.query(
        "INSERT INTO contact (list, address, unsubscribed, choices, attributes, created, updated, number) "
        "VALUES (:list, :address, :unsubscribed, :choices, :attributes, :created, :updated, :number) ON "
        "CONFLICT (list, address) DO UPDATE SET unsubscribed = :unsubscribed, choices = :choices, attributes "
        "= :attributes, updated = "
        ":updated")
      .integer(":list", list)
      .text(":address", contact.address)
      .integer(":unsubscribed", contact.unsubscribed_all)
      .text(":choices", choices)
      .text_or_null(":attributes", contact.attributes)
      .integer(":created", base::to_millis(contact.created))
      .integer(":updated", base::to_millis(contact.updated))
      .integer(":number", contact_number(contact.address))
      .run();
  for (const auto& [topic, status] : contact.choices) insert_choice(db, list, contact.address, topic, status);
}

void erase(store::Db& db, std::int64_t list, const Contact& contact) {
  for (const auto& [topic, status] : contact.choices) erase_choice(db, list, contact.address, topic, status);
  db.query("DELETE FROM contact WHERE list = :list AND address = :address")
      .integer(":list", list)
      .text(":address", contact.address)
      .run();
}

std::vector<Contact> page(store::Db& db, std::int64_t list, const std::string& after, std::size_t at_most) {
  auto q =
      db.query("SELECT " SESAME_CONTACT_COLUMNS
               " FROM contact c WHERE c.list = :list AND c.address > :after ORDER BY c.address LIMIT :limit");
  q.integer(":list", list);
  return read(q, after, at_most);
}

std::vector<Contact> unsubscribed(store::Db& db, std::int64_t list, const std::string& after,
                                  std::size_t at_most) {
  auto q =
      db.query("SELECT " SESAME_CONTACT_COLUMNS
               " FROM contact c WHERE c.list = :list AND c.unsubscribed = 1 AND c.address > :after ORDER BY "
               "c.address LIMIT :limit");
  q.integer(":list", list);
  return read(q, after, at_most);
}

std::vector<Contact> with_choice(store::Db& db, std::int64_t list, std::int64_t topic, Subscription status,
                                 const std::string& after, std::size_t at_most) {
  // CROSS JOIN: the planner takes the tables in this order.
  auto q =
      db.query("SELECT " SESAME_CONTACT_COLUMNS
               " FROM contact_choice o CROSS JOIN contact c WHERE o.list = :list AND o.topic = :topic AND "
               "o.status = :status AND o.address > :after AND c.list = o.list AND c.address = o.address "
               "ORDER BY o.address LIMIT :limit");
  q.integer(":list", list).integer(":topic", topic).integer(":status", static_cast<std::int64_t>(status));
  return read(q, after, at_most);
}

std::size_t erase_choices(store::Db& db, std::int64_t list, std::int64_t topic, std::size_t at_most) {
  db.query(
        "DELETE FROM contact_choice WHERE (list, topic, status, address) IN (SELECT list, topic, status, "
        "address "
        "FROM contact_choice WHERE list = :list AND topic = :topic LIMIT :limit)")
      .integer(":list", list)
      .integer(":topic", topic)
      .integer(":limit", static_cast<std::int64_t>(at_most))
      .run();
  return static_cast<std::size_t>(db.changes());
}

std::size_t erase_list(store::Db& db, std::int64_t list, std::size_t at_most) {
  db.query(
        "DELETE FROM contact_choice WHERE (list, topic, status, address) IN (SELECT list, topic, status, "
        "address "
        "FROM contact_choice WHERE list = :list LIMIT :limit)")
      .integer(":list", list)
      .integer(":limit", static_cast<std::int64_t>(at_most))
      .run();
  auto gone = static_cast<std::size_t>(db.changes());
  if (gone >= at_most) return gone;
  db.query(
        "DELETE FROM contact WHERE (list, address) IN (SELECT list, address FROM contact WHERE list = :list "
        "LIMIT "
        ":limit)")
      .integer(":list", list)
      .integer(":limit", static_cast<std::int64_t>(at_most - gone))
      .run();
  return gone + static_cast<std::size_t>(db.changes());
}

}  // namespace ses::contact_rows

#include "ses/contact_list_rows.h"

#include "base/encoding.h"

namespace ses::contact_list_rows {
namespace {

// Tags as name=value&name=value, percent-encoded.
std::string pack_tags(const std::vector<Tag>& tags) {
  std::string out;
  for (const auto& tag : tags) {
    if (!out.empty()) out += '&';
    out += base::percent_encode(tag.name) + "=" + base::percent_encode(tag.value);
  }
  return out;
}

std::vector<Tag> unpack_tags(std::string_view text) {
  std::vector<Tag> out;
  if (text.empty()) return out;
  for (auto part : base::split(text, '&')) {
    auto equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    out.push_back(
        {base::percent_decode(part.substr(0, equals)), base::percent_decode(part.substr(equals + 1))});
  }
  return out;
}

std::vector<Topic> topics_of(store::Db& db, std::int64_t list) {
  std::vector<Topic> out;
  auto q = db.query(
      "SELECT id, name, display_name, description, by_default FROM contact_topic WHERE list = :list ORDER BY "
      "position");
  q.integer(":list", list);
  while (q.next()) {
    Topic topic;
    topic.id = q.get_integer(0);
    topic.name = q.get_string(1);
    topic.display_name = q.get_string(2);
    topic.description = q.get_optional(3);
    topic.by_default = q.get_integer(4) ? Subscription::opt_in : Subscription::opt_out;
    out.push_back(std::move(topic));
  }
  return out;
}

#define SESAME_LIST_COLUMNS "id, account, region, name, description, tags, created, updated"

std::vector<ContactList> read(store::Db& db, store::Query& q) {
  std::vector<ContactList> out;
  while (q.next()) {
    ContactList list;
    list.id = q.get_integer(0);
    list.scope = {AccountId(q.get_string(1)), Region(q.get_string(2))};
    list.name = q.get_string(3);
    list.description = q.get_optional(4);
    list.tags = unpack_tags(q.get_text(5));
    list.created = base::from_millis(q.get_integer(6));
    list.updated = base::from_millis(q.get_integer(7));
    list.topics = topics_of(db, list.id);
    out.push_back(std::move(list));
  }
  return out;
}

}  // namespace

std::vector<ContactList> all(store::Db& db) {
  auto q = db.query("SELECT " SESAME_LIST_COLUMNS " FROM contact_list ORDER BY id");
  return read(db, q);
}

std::vector<ContactList> of_scope(store::Db& db, const Scope& scope) {
  auto q = db.query("SELECT " SESAME_LIST_COLUMNS
                    " FROM contact_list WHERE account = :account AND region = :region ORDER BY name");
  q.text(":account", scope.account.str()).text(":region", scope.region.str());
  return read(db, q);
}

std::optional<ContactList> find(store::Db& db, const Scope& scope, const std::string& name) {
  auto q = db.query("SELECT " SESAME_LIST_COLUMNS
                    " FROM contact_list WHERE account = :account AND region = :region AND name = :name");
  q.text(":account", scope.account.str()).text(":region", scope.region.str()).text(":name", name);
  auto found = read(db, q);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

bool exists(store::Db& db, std::int64_t id) {
  auto q = db.query("SELECT 1 FROM contact_list WHERE id = :id");
  return q.integer(":id", id).next();
}

void save(store::Db& db, const ContactList& list) {
  erase(db, list.id);
  auto tags = pack_tags(list.tags);
  db.query("INSERT INTO contact_list (" SESAME_LIST_COLUMNS
           ") VALUES (:id, :account, :region, :name, :description, :tags, :created, :updated)")
      .integer(":id", list.id)
      .text(":account", list.scope.account.str())
      .text(":region", list.scope.region.str())
      .text(":name", list.name)
      .text_or_null(":description", list.description)
      .text(":tags", tags)
      .integer(":created", base::to_millis(list.created))
      .integer(":updated", base::to_millis(list.updated))
      .run();
  std::int64_t position = 0;
  for (const auto& topic : list.topics) {
    db.query(
          "INSERT INTO contact_topic (list, id, position, name, display_name, description, by_default) "
          "VALUES "
          "(:list, :id, :position, :name, :display_name, :description, :by_default)")
        .integer(":list", list.id)
        .integer(":id", topic.id)
        .integer(":position", position++)
        .text(":name", topic.name)
        .text(":display_name", topic.display_name)
        .text_or_null(":description", topic.description)
        .integer(":by_default", static_cast<std::int64_t>(topic.by_default))
        .run();
  }
}

void erase(store::Db& db, std::int64_t id) {
  db.query("DELETE FROM contact_topic WHERE list = :id").integer(":id", id).run();
  db.query("DELETE FROM contact_list WHERE id = :id").integer(":id", id).run();
}

std::int64_t next(store::Db& db, const char* noun) {
  auto q = db.query(
      "INSERT INTO generation (noun, value) VALUES (:noun, 1) ON CONFLICT (noun) DO UPDATE SET value = "
      "generation.value + 1 RETURNING value");
  q.text(":noun", noun).next();
  return q.get_integer(0);
}

std::int64_t current(store::Db& db, const char* noun) {
  auto q = db.query("SELECT value FROM generation WHERE noun = :noun");
  return q.text(":noun", noun).next() ? q.get_integer(0) : 0;
}

void mark_gone(store::Db& db, std::int64_t list, std::int64_t topic) {
  db.query(
        "INSERT INTO contact_gone (list, topic) VALUES (:list, :topic) ON CONFLICT (list, topic) DO NOTHING")
      .integer(":list", list)
      .integer(":topic", topic)
      .run();
}

std::optional<Gone> first_gone(store::Db& db) {
  auto q = db.query("SELECT list, topic FROM contact_gone ORDER BY list, topic LIMIT 1");
  if (!q.next()) return std::nullopt;
  return Gone{q.get_integer(0), q.get_integer(1)};
}

void forget_gone(store::Db& db, const Gone& gone) {
  db.query("DELETE FROM contact_gone WHERE list = :list AND topic = :topic")
      .integer(":list", gone.list)
      .integer(":topic", gone.topic)
      .run();
}

}  // namespace ses::contact_list_rows

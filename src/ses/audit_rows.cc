#include "ses/audit_rows.h"

#include <mutex>
#include <set>

#include "base/encoding.h"

namespace ses {
namespace {

// ARNs hold no line ends: normalise() has seen to it.
std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) {
    if (!out.empty()) out += '\n';
    out += part;
  }
  return out;
}

std::vector<std::string> parted(std::string_view text) {
  std::vector<std::string> out;
  if (text.empty()) return out;
  for (auto part : base::split(text, '\n')) out.emplace_back(part);
  return out;
}

AuditEntry entry_of(const store::Query& q) {
  AuditEntry e;
  e.id = q.get_integer(0);
  e.record.when = base::from_millis(q.get_integer(1));
  e.last = base::from_millis(q.get_integer(2));
  e.count = q.get_integer(3);
  auto& r = e.record;
  r.effect = static_cast<Effect>(q.get_integer(4));
  r.account = q.get_string(5);
  r.region = q.get_string(6);
  r.principal_arn = q.get_string(7);
  r.access_key_id = q.get_string(8);
  r.source_ip = q.get_string(9);
  r.user_agent = q.get_string(10);
  r.api = q.get_string(11);
  r.action = q.get_string(12);
  r.resources = parted(q.get_text(13));
  r.policy = q.get_string(14);
  r.statement = static_cast<int>(q.get_integer(15));
  r.sid = q.get_string(16);
  r.request_id = q.get_string(17);
  return e;
}

// '*' as LIKE writes it.
std::string like_pattern(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c == '*' ? '%' : c;
  }
  return out;
}

// A statement's text must stay where it is (db.h); there are few, one for each set of conditions.
const char* kept(std::string sql) {
  static std::mutex mutex;
  static std::set<std::string> all;
  std::lock_guard lock(mutex);
  return all.insert(std::move(sql)).first->c_str();
}

// The conditions of a query, each with the value it is bound to.
class Conditions {
 public:
  explicit Conditions(const AuditQuery& query) {
    if (query.denied) text_ += " AND effect <> 0";
    if (query.principal) add_principal(*query.principal);
    if (query.action) add_action(*query.action);
    if (query.account) add(" AND account = :account", ":account", *query.account);
    if (query.source) add(" AND source = :source", ":source", *query.source);
    if (query.from) add(" AND at >= :from", ":from", base::to_millis(*query.from));
    if (query.to) add(" AND at < :to", ":to", base::to_millis(*query.to));
    if (query.before) add(" AND id < :before", ":before", *query.before);
  }

  const std::string& text() const { return text_; }
  void bind(store::Query& q) const {
    for (const auto& [name, value] : texts_) q.text(name, value);
    for (const auto& [name, value] : numbers_) q.integer(name, value);
  }

 private:
  void add(const char* condition, const char* name, std::string value) {
    text_ += condition;
    texts_.emplace_back(name, std::move(value));
  }
  void add(const char* condition, const char* name, std::int64_t value) {
    text_ += condition;
    numbers_.emplace_back(name, value);
  }
  void add_principal(const std::string& name) {
    if (name.starts_with("arn:")) return add(" AND principal = :principal", ":principal", name);
    if (name.starts_with("AKIA") || name.starts_with("ASIA"))
      return add(" AND key_id = :principal", ":principal", name);
    const auto ending = name == "root" ? "%:root" : "%/" + like_pattern(name);
    add(" AND principal LIKE :principal ESCAPE '\\'", ":principal", ending);
  }
  void add_action(const std::string& action) {
    if (action.find('*') == std::string::npos) return add(" AND action = :action", ":action", action);
    add(" AND action LIKE :action ESCAPE '\\'", ":action", like_pattern(action));
  }

  std::string text_;
  std::vector<std::pair<const char*, std::string>> texts_;
  std::vector<std::pair<const char*, std::int64_t>> numbers_;
};

std::int64_t first_to_stay(store::Db& db, std::int64_t most_rows) {
  auto q = db.query("SELECT COALESCE(MAX(id), 0) FROM access_record");
  q.next();
  return q.get_integer(0) - most_rows + 1;
}

}  // namespace

void insert_audit(store::Db& db, std::span<const AuditEntry> entries) {
  for (const auto& e : entries) {
    const auto& r = e.record;
    const auto resources = joined(r.resources);
    db.query(
          "INSERT INTO access_record (at, last, count, effect, account, region, principal, key_id, source, "
          "user_agent, api, action, resources, policy, statement, sid, request_id) VALUES (:at, :last, "
          ":count, "
          ":effect, :account, :region, :principal, :key_id, :source, :user_agent, :api, :action, :resources, "
          ":policy, :statement, :sid, :request_id)")
        .integer(":at", base::to_millis(r.when))
        .integer(":last", base::to_millis(e.last))
        .integer(":count", e.count)
        .integer(":effect", static_cast<std::int64_t>(r.effect))
        .text(":account", r.account)
        .text(":region", r.region)
        .text(":principal", r.principal_arn)
        .text(":key_id", r.access_key_id)
        .text(":source", r.source_ip)
        .text(":user_agent", r.user_agent)
        .text(":api", r.api)
        .text(":action", r.action)
        .text(":resources", resources)
        .text(":policy", r.policy)
        .integer(":statement", r.statement)
        .text(":sid", r.sid)
        .text(":request_id", r.request_id)
        .run();
  }
}

AuditPage list_audit(store::Db& db, const AuditQuery& query) {
  const Conditions conditions(query);
  auto q =
      db.query(kept("SELECT id, at, last, count, effect, account, region, principal, key_id, source, "
                    "user_agent, api, action, resources, policy, statement, sid, request_id "
                    "FROM access_record WHERE id > 0" +
                    conditions.text() + " ORDER BY id DESC LIMIT :n"));
  conditions.bind(q);
  q.integer(":n", static_cast<std::int64_t>(query.at_most) + 1);
  AuditPage page;
  while (q.next()) page.entries.push_back(entry_of(q));
  if (page.entries.size() > query.at_most) {
    page.entries.pop_back();
    page.next = page.entries.back().id;
  }
  return page;
}

std::size_t sweep_audit(store::Db& db, base::WallTime before, std::int64_t most_rows, std::int64_t at_once) {
  const auto first = first_to_stay(db, most_rows);
  db.query(
        "DELETE FROM access_record WHERE id IN (SELECT id FROM access_record WHERE id < :first ORDER BY id "
        "LIMIT :n)")
      .integer(":first", first)
      .integer(":n", at_once)
      .run();
  auto gone = db.changes();
  db.query(
        "DELETE FROM access_record WHERE id IN (SELECT id FROM access_record WHERE at < :before ORDER BY at "
        "LIMIT :n)")
      .integer(":before", base::to_millis(before))
      .integer(":n", at_once - gone)
      .run();
  return static_cast<std::size_t>(gone + db.changes());
}

}  // namespace ses

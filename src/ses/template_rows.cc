#include "ses/template_rows.h"

#include "base/encoding.h"

namespace ses::template_rows {
namespace {

// Tags as name=value&name=value, percent-encoded, like those of identities.
std::string pack_tags(const std::vector<Tag>& tags) {
  std::string out;
  for (const auto& tag : tags)
    out += (out.empty() ? "" : "&") + base::percent_encode(tag.name) + "=" + base::percent_encode(tag.value);
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

}  // namespace

std::optional<Row> find(store::Db& db, const Scope& scope, const std::string& name) {
  auto q = db.query(
      "SELECT number, version, created, tags FROM template WHERE account = :account AND region = :region AND "
      "name = :name");
  q.text(":account", scope.account.str()).text(":region", scope.region.str()).text(":name", name);
  if (!q.next()) return std::nullopt;
  Row row;
  row.item = {name, q.get_integer(0), base::from_millis(q.get_integer(2))};
  row.version = q.get_integer(1);
  row.tags = unpack_tags(q.get_text(3));
  return row;
}

std::vector<TemplateItem> list(store::Db& db, const Scope& scope, std::int64_t before, std::size_t at_most) {
  auto q = db.query(
      "SELECT name, number, created FROM template WHERE account = :account AND region = :region AND number < "
      ":before ORDER BY number DESC LIMIT :limit");
  q.text(":account", scope.account.str()).text(":region", scope.region.str()).integer(":before", before);
  q.integer(":limit", static_cast<std::int64_t>(at_most));
  std::vector<TemplateItem> out;
  while (q.next()) out.push_back({q.get_string(0), q.get_integer(1), base::from_millis(q.get_integer(2))});
  return out;
}

std::int64_t count(store::Db& db, const Scope& scope) {
  auto q = db.query("SELECT COUNT(*) FROM template WHERE account = :account AND region = :region");
  q.text(":account", scope.account.str()).text(":region", scope.region.str()).next();
  return q.get_integer(0);
}

void insert(store::Db& db, const Scope& scope, const Row& row) {
  auto tags = pack_tags(row.tags);
  db.query(
        "INSERT INTO template (account, region, name, number, version, created, tags) VALUES (:account, "
        ":region, :name, :number, :version, :created, :tags)")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":name", row.item.name)
      .integer(":number", row.item.number)
      .integer(":version", row.version)
      .integer(":created", base::to_millis(row.item.created))
      .text(":tags", tags)
      .run();
}

void set_tags(store::Db& db, const Scope& scope, const std::string& name, const std::vector<Tag>& tags) {
  auto packed = pack_tags(tags);
  db.query("UPDATE template SET tags = :tags WHERE account = :account AND region = :region AND name = :name")
      .text(":tags", packed)
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":name", name)
      .run();
}

void set_version(store::Db& db, const Scope& scope, const std::string& name, std::int64_t version) {
  db.query(
        "UPDATE template SET version = :version WHERE account = :account AND region = :region AND name = "
        ":name")
      .integer(":version", version)
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":name", name)
      .run();
}

void remove(store::Db& db, const Scope& scope, const std::string& name) {
  db.query("DELETE FROM template WHERE account = :account AND region = :region AND name = :name")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":name", name)
      .run();
}

std::int64_t add_version(store::Db& db, const std::string& name, const TemplateSource& source) {
  std::int64_t id = 0;
  {
    // Never a number that was used before: parsed versions are cached by it.
    auto next = db.query(
        "INSERT INTO generation (noun, value) VALUES ('template_version', 1) ON CONFLICT (noun) DO UPDATE "
        "SET value = generation.value + 1 RETURNING value");
    next.next();
    id = next.get_integer(0);
    while (next.next()) {
    }
  }
  db.query(
        "INSERT INTO template_version (id, name, subject, plain, html) VALUES (:id, :name, :subject, :plain, "
        ":html)")
      .integer(":id", id)
      .text(":name", name)
      .text_or_null(":subject", source.subject)
      .text_or_null(":plain", source.text)
      .text_or_null(":html", source.html)
      .run();
  return id;
}

void retire(store::Db& db, std::int64_t version, base::WallTime at) {
  db.query("UPDATE template_version SET retired = :at WHERE id = :id")
      .integer(":at", base::to_millis(at))
      .integer(":id", version)
      .run();
}

void sweep(store::Db& db, base::WallTime before) {
  db.query("DELETE FROM template_version WHERE retired IS NOT NULL AND retired < :before")
      .integer(":before", base::to_millis(before))
      .run();
}

std::optional<VersionRow> find_version(store::Db& db, std::int64_t id) {
  auto q = db.query("SELECT name, subject, plain, html FROM template_version WHERE id = :id");
  if (!q.integer(":id", id).next()) return std::nullopt;
  return VersionRow{q.get_string(0), {q.get_optional(1), q.get_optional(2), q.get_optional(3)}};
}

}  // namespace ses::template_rows

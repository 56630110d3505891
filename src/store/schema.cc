#include "store/schema.h"

#include "store/store.h"

namespace store {
namespace {

bool has_version_table(Db& db) {
  auto query = db.query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'");
  return query.next();
}

std::size_t version_of(Db& db) {
  if (!has_version_table(db)) return 0;
  auto query = db.query("SELECT version FROM schema_version");
  return query.next() ? static_cast<std::size_t>(query.get_integer(0)) : 0;
}

void apply_step(Db& db, const std::string& script, std::size_t number) {
  db.execute("BEGIN IMMEDIATE");
  try {
    if (number == 1) {
      db.execute(
          "CREATE TABLE schema_version (version INTEGER NOT NULL);"
          "INSERT INTO schema_version (version) VALUES (0)");
    }
    db.execute(script);
    db.query("UPDATE schema_version SET version = :version")
        .integer(":version", static_cast<std::int64_t>(number))
        .run();
    db.execute("COMMIT");
  } catch (...) {
    if (db.in_transaction()) db.execute("ROLLBACK");
    throw;
  }
}

}  // namespace

void apply_schema(Db& db, const std::vector<std::string>& steps) {
  auto version = version_of(db);
  if (version > steps.size()) {
    throw OpenError("the database is of a newer Sesame: its schema is " + std::to_string(version) +
                    ", this one knows up to " + std::to_string(steps.size()));
  }
  for (auto i = version; i < steps.size(); ++i) apply_step(db, steps[i], i + 1);
}

}  // namespace store

#include "store/db.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "store/dialect.h"

namespace store {
namespace {

// No statistics: they would put every allocation of every thread behind one lock.
void configure_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
  });
}

DbError error_of(sqlite3* db, int code, std::string_view doing) {
  std::string what = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  what += " [";
  what += doing.substr(0, 200);
  what += ']';
  int extended = db ? sqlite3_extended_errcode(db) : code;
  // sqlite3_reset and others may have put another code in the connection; the one we were given counts.
  if ((extended & 0xff) != (code & 0xff)) extended = code;
  return {extended, what, db ? sqlite3_system_errno(db) : 0};
}

bool no_room(int os_error) { return os_error == ENOSPC || os_error == EDQUOT; }

// SQLite takes a null pointer for NULL, and an empty view may have one.
const char* data_of(std::string_view value) { return value.data() ? value.data() : ""; }

}  // namespace

bool DbError::unique_violation() const {
  return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
         code == SQLITE_CONSTRAINT_ROWID;
}

bool DbError::disk_full() const {
  int primary = code & 0xff;
  if (primary == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE) return true;
  return (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) && !sync_failed() && no_room(os_error);
}

bool DbError::sync_failed() const { return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC; }

bool DbError::spoils_transaction() const {
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_BUSY:
    case SQLITE_INTERRUPT:
      return true;
    default:
      return false;
  }
}

struct Query::Held {
  Held(sqlite3* connection, const char* sql) : db(connection) {
    int rc = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (rc != SQLITE_OK) throw error_of(db, rc, sql);
    if (!statement) throw DbError(SQLITE_MISUSE, "an empty statement");
    note_statement(sql);
  }
  ~Held() { sqlite3_finalize(statement); }
  Held(const Held&) = delete;

  int index(const char* name) const {
    int i = sqlite3_bind_parameter_index(statement, name);
    if (i == 0) throw DbError(SQLITE_RANGE, std::string("no parameter ") + name + " in: " + sql());
    return i;
  }
  void bound(int rc) const {
    if (rc != SQLITE_OK) throw error_of(db, rc, sql());
  }
  const char* sql() const { return sqlite3_sql(statement); }

  sqlite3* db;
  sqlite3_stmt* statement = nullptr;
  bool cached = false;
  bool in_use = false;
};

struct Db::Impl {
  ~Impl() {
    statements.clear();
    sqlite3_close_v2(db);
  }
  sqlite3* db = nullptr;
  std::unordered_map<const char*, std::unique_ptr<Query::Held>> statements;
};

Db::Db(const std::string& file, bool read_only) : impl_(std::make_unique<Impl>()) {
  configure_once();
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
              (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  int rc = sqlite3_open_v2(file.c_str(), &impl_->db, flags, nullptr);
  if (rc != SQLITE_OK) throw error_of(impl_->db, rc, "opening " + file);
  sqlite3_busy_timeout(impl_->db, 5000);
  execute("PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON; PRAGMA mmap_size=0");
}

Db::~Db() = default;

Query Db::query(const char* sql) {
  auto& slot = impl_->statements[sql];
  // The text is compared too: a string that was not static after all costs a prepare, not a wrong query.
  if (!slot || (!slot->in_use && std::strcmp(slot->sql(), sql) != 0)) {
    slot.reset();
    slot = std::make_unique<Query::Held>(impl_->db, sql);
    slot->cached = true;
  }
  if (!slot->in_use) {
    slot->in_use = true;
    return Query(slot.get());
  }
  return Query(new Query::Held(impl_->db, sql));
}

void Db::execute(const std::string& script) {
  int rc = sqlite3_exec(impl_->db, script.c_str(), nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) throw error_of(impl_->db, rc, script);
}

std::int64_t Db::last_insert_id() const { return sqlite3_last_insert_rowid(impl_->db); }
std::int64_t Db::changes() const { return sqlite3_changes64(impl_->db); }
bool Db::in_transaction() const { return sqlite3_get_autocommit(impl_->db) == 0; }

Query::Query(Query&& other) noexcept : held_(other.held_) { other.held_ = nullptr; }

Query::~Query() {
  if (!held_) return;
  if (!held_->cached) {
    delete held_;
    return;
  }
  sqlite3_reset(held_->statement);
  sqlite3_clear_bindings(held_->statement);
  held_->in_use = false;
}

Query& Query::text(const char* name, std::string_view value) {
  held_->bound(sqlite3_bind_text64(held_->statement, held_->index(name), data_of(value), value.size(),
                                   SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Query& Query::blob(const char* name, std::string_view value) {
  held_->bound(
      sqlite3_bind_blob64(held_->statement, held_->index(name), data_of(value), value.size(), SQLITE_STATIC));
  return *this;
}

Query& Query::integer(const char* name, std::int64_t value) {
  held_->bound(sqlite3_bind_int64(held_->statement, held_->index(name), value));
  return *this;
}

Query& Query::real(const char* name, double value) {
  held_->bound(sqlite3_bind_double(held_->statement, held_->index(name), value));
  return *this;
}

Query& Query::null(const char* name) {
  held_->bound(sqlite3_bind_null(held_->statement, held_->index(name)));
  return *this;
}

Query& Query::text_or_null(const char* name, const std::optional<std::string>& value) {
  return value ? text(name, *value) : null(name);
}

bool Query::next() {
  int rc = sqlite3_step(held_->statement);
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) {
    sqlite3_reset(held_->statement);
    return false;
  }
  auto error = error_of(held_->db, rc, held_->sql());
  sqlite3_reset(held_->statement);
  throw error;
}

void Query::run() {
  while (next()) {
  }
}

bool Query::is_null(int column) const { return sqlite3_column_type(held_->statement, column) == SQLITE_NULL; }
std::int64_t Query::get_integer(int column) const { return sqlite3_column_int64(held_->statement, column); }
double Query::get_real(int column) const { return sqlite3_column_double(held_->statement, column); }

std::string_view Query::get_text(int column) const {
  auto* statement = held_->statement;
  const void* data = sqlite3_column_type(statement, column) == SQLITE_BLOB
                         ? sqlite3_column_blob(statement, column)
                         : sqlite3_column_text(statement, column);
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return data ? std::string_view(static_cast<const char*>(data), size) : std::string_view();
}

std::optional<std::string> Query::get_optional(int column) const {
  if (is_null(column)) return std::nullopt;
  return get_string(column);
}

}  // namespace store

// Db: one SQLite connection with its prepared statements cached by text. Statement text uses parameters by
// name
// (:name) and SQL that PostgreSQL takes too, so that the second engine needs no second set of queries
// (ARCHITECTURE 3.7). Used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace store {

struct DbError : std::runtime_error {
  DbError(int code, const std::string& what, int os_error = 0)
      : std::runtime_error(what), code(code), os_error(os_error) {}
  int code;                         // SQLite's extended result code
  int os_error;                     // errno behind it, or 0
  bool unique_violation() const;    // UNIQUE or PRIMARY KEY
  bool disk_full() const;           // no room, or over a quota
  bool sync_failed() const;         // fsync said no: what is on the disk is not known
  bool spoils_transaction() const;  // the transaction around the statement cannot go on
};

class Db;

// A statement being run; goes back to the cache, reset, when it goes out of scope.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  // `name` is written as in the statement, with its colon (":id"). Text and blobs are bound without a copy:
  // they must outlive the Query.
  Query& text(const char* name, std::string_view value);
  Query& blob(const char* name, std::string_view value);
  Query& integer(const char* name, std::int64_t value);
  Query& real(const char* name, double value);
  Query& null(const char* name);
  Query& text_or_null(const char* name, const std::optional<std::string>& value);

  bool next();  // steps to a row; false at the end
  void run();   // steps to the end
  bool is_null(int column) const;
  std::int64_t get_integer(int column) const;
  double get_real(int column) const;
  std::string_view get_text(int column) const;  // until the next step; blobs too
  std::string get_string(int column) const { return std::string(get_text(column)); }
  std::optional<std::string> get_optional(int column) const;

 private:
  friend class Db;
  struct Held;
  explicit Query(Held* held) : held_(held) {}
  Held* held_;
};

class Db {
 public:
  Db(const std::string& file, bool read_only);
  ~Db();
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;

  // `sql` must be a string with static storage: its address is the cache's key. A statement that is asked for
  // while it is still being read is prepared a second time.
  Query query(const char* sql);
  void execute(const std::string& script);  // one or more statements, not cached
  std::int64_t last_insert_id() const;
  std::int64_t changes() const;  // rows changed by the last statement
  bool in_transaction() const;

 private:
  friend class Query;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace store

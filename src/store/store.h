// The durable store: one SQLite database (WAL). All writes go through one writer thread, which commits in
// groups: whatever queued up while the last commit was syncing becomes one transaction. A write that throws
// is undone alone and its exception goes to the one who awaits it; the others of its group stand. When
// write() returns the change is on stable storage (synchronous=FULL). Reads run on a small pool of read-only
// connections, each in one snapshot that holds what was committed before it began.
//
// A write must be re-runnable: when one of its group throws, the group is rolled back and run again, each
// write in a savepoint of its own. So `work` may be called twice: it must not move out of what it captured,
// and must leave everything but the database (and results it assigns) for after the await.
//
// A disk that is full fails the writes of the group with DiskFull; the store goes on and recovers when there
// is room. A failed sync stops the process: after it nobody knows what is on the disk. ARCHITECTURE 3.7. Any
// thread; coroutines resume on their own executor, which must outlive the store (without one: on the store's
// thread, where they must not block). A coroutine that waits must not be destroyed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "base/task.h"
#include "store/db.h"

namespace store {

struct DiskFull : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct StoreOptions {
  std::string folder;   // holds sesame.db, and bodies/ for large bodies; made if missing (mode 0700)
  bool durable = true;  // false: synchronous=OFF (dev without --data)
  std::size_t read_threads = 2;
  std::size_t max_group = 512;  // writes per commit
  // A group that has run this long is committed, so that those in it do not wait for the slow ones behind.
  std::chrono::milliseconds group_time{20};
  std::size_t max_queue = 65536;  // writes waiting; beyond it write() throws Overloaded
};

struct Overloaded : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The data folder cannot be used: in use by another process, of a newer version, not a database.
struct OpenError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct StoreCounters {
  std::uint64_t commits = 0, writes = 0, failed_writes = 0;
};

class Store {
 public:
  // Opens or makes the database, applies the schema's missing steps, refuses one of a newer version.
  static std::unique_ptr<Store> open(StoreOptions options, const std::vector<std::string>& schema_steps);
  ~Store();  // finishes what is queued

  // Runs `work` on the writer thread inside the group's transaction.
  base::Task<void> write(std::function<void(Db&)> work);
  template <class F>
  auto write_value(F work) -> base::Task<std::invoke_result_t<F, Db&>> {
    using T = std::invoke_result_t<F, Db&>;
    auto out = std::make_shared<std::optional<T>>();
    std::function<void(Db&)> job = [out, work = std::move(work)](Db& db) mutable { out->emplace(work(db)); };
    auto running = write(std::move(job));
    co_await running;
    co_return std::move(**out);
  }

  // Runs `work` on a read connection.
  base::Task<void> read(std::function<void(Db&)> work);
  template <class F>
  auto read_value(F work) -> base::Task<std::invoke_result_t<F, Db&>> {
    using T = std::invoke_result_t<F, Db&>;
    auto out = std::make_shared<std::optional<T>>();
    std::function<void(Db&)> job = [out, work = std::move(work)](Db& db) mutable { out->emplace(work(db)); };
    auto running = read(std::move(job));
    co_await running;
    co_return std::move(**out);
  }

  // The same, waited for on the calling thread: start-up, tools, tests. Never on a loop's thread.
  void write_now(std::function<void(Db&)> work);
  void read_now(std::function<void(Db&)> work);

  const std::string& folder() const;
  StoreCounters counters() const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace store

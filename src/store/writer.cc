#include "store/writer.h"

#include "base/log.h"
#include "store/folder.h"

namespace store {
namespace {

class Budget {
 public:
  explicit Budget(std::chrono::milliseconds time) : time_(time) {}
  bool spent() const { return std::chrono::steady_clock::now() - start_ > time_; }

 private:
  std::chrono::milliseconds time_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// A job may have swallowed an error at which SQLite had already rolled back; what follows would run outside.
void check_transaction(Db& db) {
  if (!db.in_transaction())
    throw DbError(4 /* SQLITE_ABORT */, "the transaction was rolled back under a write");
}

}  // namespace

Writer::Writer(Db& db, const StoreOptions& options)
    : db_(db),
      max_group_(options.max_group),
      group_time_(options.group_time),
      queue_(options.max_queue),
      thread_([this] { loop(); }) {}

Writer::~Writer() {
  queue_.close();
  thread_.join();
}

StoreCounters Writer::counters() const {
  return {commits_.load(std::memory_order_relaxed), writes_.load(std::memory_order_relaxed),
          failed_.load(std::memory_order_relaxed)};
}

void Writer::loop() {
  std::vector<Job*> jobs;
  while (queue_.take(jobs, max_group_)) {
    std::span<Job* const> rest(jobs);
    while (!rest.empty()) {
      auto done = commit_group(rest);
      complete(rest.first(done));
      rest = rest.subspan(done);
    }
  }
}

// Commits the first jobs of `jobs` and says how many they were; each has its error set or stands.
std::size_t Writer::commit_group(std::span<Job* const> jobs) {
  try {
    auto done = run_group(jobs);
    if (db_.in_transaction()) {
      db_.query("COMMIT").run();
      commits_.fetch_add(1, std::memory_order_relaxed);
    }
    for (Job* job : jobs.first(done))
      (job->error ? failed_ : writes_).fetch_add(1, std::memory_order_relaxed);
    return done;
  } catch (...) {
    rollback();
    fail_group(jobs, std::current_exception());
    failed_.fetch_add(jobs.size(), std::memory_order_relaxed);
    return jobs.size();
  }
}

std::size_t Writer::run_group(std::span<Job* const> jobs) {
  db_.query("BEGIN IMMEDIATE").run();
  if (jobs.size() == 1) {
    if (!run_alone(*jobs.front())) rollback();
    return 1;
  }
  if (auto done = run_together(jobs)) return done;
  rollback();
  db_.query("BEGIN IMMEDIATE").run();
  return run_each(jobs);
}

bool Writer::run_alone(Job& job) {
  try {
    job.work(db_);
  } catch (const DbError& error) {
    if (error.spoils_transaction()) throw;
    job.error = std::current_exception();
    return false;
  } catch (...) {
    job.error = std::current_exception();
    return false;
  }
  check_transaction(db_);
  return true;
}

// The common case, without savepoints: how many ran, or 0 when one threw and all must be run again apart.
std::size_t Writer::run_together(std::span<Job* const> jobs) {
  Budget budget(group_time_);
  std::size_t done = 0;
  for (Job* job : jobs) {
    try {
      job->work(db_);
    } catch (const DbError& error) {
      if (error.spoils_transaction()) throw;
      return 0;
    } catch (...) {
      return 0;
    }
    check_transaction(db_);
    ++done;
    if (budget.spent()) break;
  }
  return done;
}

std::size_t Writer::run_each(std::span<Job* const> jobs) {
  Budget budget(group_time_);
  std::size_t done = 0;
  for (Job* job : jobs) {
    db_.query("SAVEPOINT job").run();
    if (!run_alone(*job)) {
      check_transaction(db_);
      db_.query("ROLLBACK TO job").run();
    }
    db_.query("RELEASE job").run();
    ++done;
    if (budget.spent()) break;
  }
  return done;
}

void Writer::fail_group(std::span<Job* const> jobs, std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const DbError& e) {
    if (e.sync_failed()) die_of_sync(e.what());
    base::log_error("a commit of {} writes failed: {}", jobs.size(), e.what());
    if (e.disk_full()) error = std::make_exception_ptr(DiskFull("the disk of the data folder is full"));
  } catch (const std::exception& e) {
    base::log_error("a commit of {} writes failed: {}", jobs.size(), e.what());
  }
  for (Job* job : jobs) job->error = error;
}

void Writer::rollback() {
  // SQLite may have rolled back itself at an error.
  if (!db_.in_transaction()) return;
  try {
    db_.query("ROLLBACK").run();
  } catch (const DbError& e) {
    base::log_error("a rollback failed: {}", e.what());
  }
}

}  // namespace store

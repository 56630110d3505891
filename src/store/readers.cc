#include "store/readers.h"

#include "base/log.h"

namespace store {
namespace {

void run_in_snapshot(Db& db, Job& job) {
  db.query("BEGIN").run();
  try {
    job.work(db);
  } catch (...) {
    job.error = std::current_exception();
  }
  if (db.in_transaction()) db.query("ROLLBACK").run();
}

void run(std::unique_ptr<Db>& db, const std::string& file, Job& job) {
  try {
    if (!db) {
      db = std::make_unique<Db>(file, true);
      db->execute("PRAGMA cache_size=-2048");
    }
    run_in_snapshot(*db, job);
  } catch (const std::exception& e) {
    base::log_error("a read failed: {}", e.what());
    if (!job.error) job.error = std::current_exception();
    db.reset();
  }
}

}  // namespace

Readers::Readers(std::string file, std::size_t threads, std::size_t max_queue)
    : file_(std::move(file)), queue_(max_queue) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { loop(); });
}

Readers::~Readers() {
  queue_.close();
  for (auto& thread : threads_) thread.join();
}

void Readers::loop() {
  std::unique_ptr<Db> db;
  std::vector<Job*> jobs;
  while (queue_.take(jobs, 1)) {
    run(db, file_, *jobs.front());
    complete(jobs);
  }
}

}  // namespace store

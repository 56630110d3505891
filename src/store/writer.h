// The writer: one thread, the only one that changes the database. It takes what has queued up, runs it in one
// transaction, commits, and wakes all who wait.
#pragma once

#include <atomic>
#include <chrono>
#include <span>
#include <thread>
#include <vector>

#include "store/job_queue.h"
#include "store/store.h"

namespace store {

class Writer {
 public:
  // `db` is used by the writer's thread alone from here on.
  Writer(Db& db, const StoreOptions& options);
  ~Writer();  // finishes what is queued

  JobQueue& queue() { return queue_; }
  StoreCounters counters() const;

 private:
  void loop();
  std::size_t commit_group(std::span<Job* const> jobs);
  std::size_t run_group(std::span<Job* const> jobs);
  bool run_alone(Job& job);
  std::size_t run_together(std::span<Job* const> jobs);
  std::size_t run_each(std::span<Job* const> jobs);
  void fail_group(std::span<Job* const> jobs, std::exception_ptr error);
  void rollback();

  Db& db_;
  const std::size_t max_group_;
  const std::chrono::milliseconds group_time_;
  JobQueue queue_;
  std::atomic<std::uint64_t> commits_{0}, writes_{0}, failed_{0};
  std::thread thread_;
};

}  // namespace store

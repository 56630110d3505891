// The jobs that wait for a store thread, and how those who wait for them are woken. A Job lives in the frame
// of the one who waits and is not touched after it was completed. Any thread.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <semaphore>
#include <span>
#include <vector>

#include "base/executor.h"
#include "store/db.h"

namespace store {

struct Job {
  std::function<void(Db&)> work;
  std::exception_ptr error;  // what the waiter is to be told
  // Who waits: a coroutine, resumed on its executor where it has one, or else a thread.
  std::coroutine_handle<> coroutine;
  base::Executor* executor = nullptr;
  std::binary_semaphore* thread = nullptr;
};

// Wakes all who wait for `jobs`: one post for each executor.
void complete(std::span<Job* const> jobs);

class JobQueue {
 public:
  explicit JobQueue(std::size_t limit) : limit_(limit) {}

  // False, and nothing is queued, when the queue is full or closed: job->error says which.
  bool push(Job* job);
  // Waits for work and moves up to `most` jobs to `out`; false when closed and empty.
  bool take(std::vector<Job*>& out, std::size_t most);
  void close();

  // co_await queue.wait_for(&job): queues it and suspends until it is completed.
  struct Awaiter {
    JobQueue* queue;
    Job* job;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiter) {
      job->coroutine = waiter;
      job->executor = base::Executor::current();
      // Once pushed the job may be done, and this frame gone, before push() returns.
      return queue->push(job);
    }
    void await_resume() const noexcept {}
  };
  Awaiter wait_for(Job* job) { return {this, job}; }
  // The same for a thread. Rethrows the job's error.
  void wait_on_thread(std::function<void(Db&)> work);

 private:
  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job*> jobs_;
  std::size_t sleeping_ = 0;
  bool closed_ = false;
};

}  // namespace store

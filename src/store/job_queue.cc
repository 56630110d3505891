#include "store/job_queue.h"

#include <algorithm>

#include "store/store.h"

namespace store {

void complete(std::span<Job* const> jobs) {
  using Handles = std::vector<std::coroutine_handle<>>;
  std::vector<std::pair<base::Executor*, Handles>> by_executor;
  Handles here;
  for (Job* job : jobs) {
    if (job->thread) {
      job->thread->release();
    } else if (!job->executor) {
      here.push_back(job->coroutine);
    } else {
      auto found = std::ranges::find(by_executor, job->executor, &std::pair<base::Executor*, Handles>::first);
      if (found == by_executor.end()) {
        by_executor.emplace_back(job->executor, Handles{});
        found = std::prev(by_executor.end());
      }
      found->second.push_back(job->coroutine);
    }
  }
  for (auto& [executor, handles] : by_executor) {
    executor->post([handles = std::move(handles)] {
      for (auto handle : handles) handle.resume();
    });
  }
  for (auto handle : here) handle.resume();
}

bool JobQueue::push(Job* job) {
  std::unique_lock lock(mutex_);
  if (closed_ || jobs_.size() >= limit_) {
    job->error = std::make_exception_ptr(
        Overloaded(closed_ ? "the store is closing" : "too much work is waiting for the store"));
    return false;
  }
  jobs_.push_back(job);
  bool wake = sleeping_ > 0;
  lock.unlock();
  if (wake) ready_.notify_one();
  return true;
}

bool JobQueue::take(std::vector<Job*>& out, std::size_t most) {
  std::unique_lock lock(mutex_);
  ++sleeping_;
  ready_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
  --sleeping_;
  if (jobs_.empty()) return false;
  auto count = static_cast<std::ptrdiff_t>(std::min(most, jobs_.size()));
  out.assign(jobs_.begin(), jobs_.begin() + count);
  jobs_.erase(jobs_.begin(), jobs_.begin() + count);
  return true;
}

void JobQueue::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  ready_.notify_all();
}

void JobQueue::wait_on_thread(std::function<void(Db&)> work) {
  std::binary_semaphore done{0};
  Job job;
  job.work = std::move(work);
  job.thread = &done;
  if (push(&job)) done.acquire();
  if (job.error) std::rethrow_exception(job.error);
}

}  // namespace store

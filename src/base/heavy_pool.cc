#include "base/heavy_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace base {

struct HeavyPool::Impl {
  struct Job {
    std::function<void()> work;
    OneShot<Unit> done;
  };
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Job> queue;
  bool stopping = false;
  std::size_t limit = 1, idle = 0;
  std::vector<std::thread> threads;

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      ++idle;
      wake.wait(lock, [this] { return stopping || !queue.empty(); });
      --idle;
      if (queue.empty()) return;
      auto job = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      try {
        job.work();
        job.done.set({});
      } catch (...) {
        job.done.fail(std::current_exception());
      }
      job = {};
      lock.lock();
    }
  }

  // Threads are made when first needed: most processes never need them all.
  void add(Job job) {
    std::lock_guard lock(mutex);
    queue.push_back(std::move(job));
    if (queue.size() > idle && threads.size() < limit) threads.emplace_back([this] { run(); });
    wake.notify_one();
  }
};

HeavyPool::HeavyPool(std::size_t threads) : impl_(std::make_unique<Impl>()) { impl_->limit = threads; }

HeavyPool::~HeavyPool() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  for (auto& thread : impl_->threads) thread.join();
}

Task<void> HeavyPool::run(std::function<void()> work) {
  OneShot<Unit> done;
  impl_->add({std::move(work), done});
  co_await done;
}

}  // namespace base

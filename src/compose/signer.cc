#include "compose/signer.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/oneshot.h"

namespace compose {
namespace {
constexpr std::size_t kBatch = 8;
constexpr int kNice = 10;
}  // namespace

struct Signer::Impl {
  struct Waiting {
    mail::DkimDigest digest;
    base::OneShot<std::string> done;
  };

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Waiting> queue;
  bool stopping = false;
  std::vector<std::thread> threads;

  std::vector<Waiting> take() {
    std::unique_lock lock(mutex);
    wake.wait(lock, [this] { return stopping || !queue.empty(); });
    // A share of what waits, so that one thread does not leave the others idle.
    auto n = std::min(kBatch, (queue.size() + threads.size() - 1) / std::max<std::size_t>(threads.size(), 1));
    std::vector<Waiting> batch;
    while (batch.size() < n && !queue.empty()) {
      batch.push_back(std::move(queue.front()));
      queue.pop_front();
    }
    return batch;
  }

  static void sign(std::vector<Waiting>& batch) {
    std::vector<mail::DkimDigest> digests;
    digests.reserve(batch.size());
    for (auto& waiting : batch) digests.push_back(std::move(waiting.digest));
    try {
      auto headers = mail::sign_batch(digests);
      for (std::size_t i = 0; i < batch.size(); ++i) batch[i].done.set(std::move(headers[i]));
    } catch (...) {
      for (auto& waiting : batch) waiting.done.fail(std::current_exception());
    }
  }

  void run() {
    // On Linux the nice value belongs to the thread.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kNice);
    for (;;) {
      auto batch = take();
      if (batch.empty()) return;
      sign(batch);
    }
  }
};

Signer::Signer(std::size_t threads) : impl_(std::make_shared<Impl>()) {
  std::lock_guard lock(impl_->mutex);
  for (std::size_t i = 0; i < threads; ++i)
    impl_->threads.emplace_back([impl = impl_.get()] { impl->run(); });
}

Signer::~Signer() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  for (auto& thread : impl_->threads) thread.join();
}

base::Task<std::string> Signer::sign(mail::DkimDigest digest) {
  base::OneShot<std::string> done;
  {
    std::lock_guard lock(impl_->mutex);
    impl_->queue.push_back({std::move(digest), done});
  }
  impl_->wake.notify_one();
  co_return co_await done;
}

}  // namespace compose

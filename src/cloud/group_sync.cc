#include "cloud/group_sync.h"

#include <fcntl.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "base/oneshot.h"

namespace cloud {

struct GroupSync::Impl {
  explicit Impl(const std::string& folder) : fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "cannot open " + folder);
    thread = std::thread([this] { run(); });
  }
  ~Impl() {
    {
      std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_one();
    thread.join();
    ::close(fd);
  }

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [this] { return stopping || !waiting.empty(); });
      if (waiting.empty()) return;
      auto group = std::exchange(waiting, {});
      lock.unlock();
      const bool done = ::syncfs(fd) == 0;
      for (auto& one : group) one.set(done);
      lock.lock();
    }
  }

  const int fd;
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<base::OneShot<bool>> waiting;
  bool stopping = false;
  std::thread thread;
};

GroupSync::GroupSync(const std::string& folder) : impl_(std::make_unique<Impl>(folder)) {}
GroupSync::~GroupSync() = default;

base::Task<bool> GroupSync::sync() {
  base::OneShot<bool> done;
  {
    std::lock_guard lock(impl_->mutex);
    impl_->waiting.push_back(done);
  }
  impl_->wake.notify_one();
  co_return co_await done;
}

}  // namespace cloud

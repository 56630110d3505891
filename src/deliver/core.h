// Core: what the parts of a Dispatcher share. Shards live on one loop each; everything else here may be
// touched by any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "base/oneshot.h"
#include "deliver/dispatcher.h"
#include "deliver/job.h"

namespace deliver {

class Shard;

class Core {
 public:
  Core(Environment environment, Options opts);
  ~Core();

  Environment env;
  Options options;
  std::unique_ptr<net::TlsClientContext> tls, relay_tls;
  compose::ContentGauge content_bytes{0};
  std::vector<std::unique_ptr<Shard>> shards;
  std::atomic<std::uint64_t> era{0};
  std::atomic<bool> stopping{false};
  std::atomic<bool> overflow{true};  // the store holds pending mail that is not in memory

  Shard& home_of(std::string_view key);  // the shard that owns a domain or site

  // Which recipients are in memory.
  bool claim(const Job& job);  // false: it is there already
  void unclaim(const Job& job);
  bool holds(std::int64_t seq, int n) const;
  std::size_t in_memory() const;

  // Jobs that are due and not done: settle() waits until there is none.
  void begin_work() { ++active_; }
  void end_work();
  std::size_t active() const { return active_; }
  base::Task<void> quiet();

  void on_change(std::function<void()> listener);
  void changed();

  // A job whose recipients are all done, or whose message is gone.
  void forget(const Job& job);

 private:
  static std::uint64_t key(std::int64_t seq, int n) {
    return static_cast<std::uint64_t>(seq) << 12 | static_cast<std::uint64_t>(n);
  }

  mutable std::mutex mutex_;
  std::unordered_set<std::uint64_t> held_;
  std::vector<base::OneShot<base::Unit>> quiet_waiters_;
  std::vector<std::function<void()>> listeners_;
  std::atomic<std::size_t> active_{0};
};

}  // namespace deliver

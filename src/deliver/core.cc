#include "deliver/core.h"

#include <functional>

#include "deliver/shard.h"

namespace deliver {

Core::Core(Environment environment, Options opts) : env(environment), options(std::move(opts)) {
  if (options.mode != Mode::capture)
    tls = std::make_unique<net::TlsClientContext>(options.tls_ca_file, false);
  if (options.relay_tls_required)
    relay_tls = std::make_unique<net::TlsClientContext>(options.tls_ca_file, true);
  for (std::size_t i = 0; i < env.loops.size(); ++i)
    shards.push_back(std::make_unique<Shard>(*this, env.loops.at(i)));
}

Core::~Core() = default;

Shard& Core::home_of(std::string_view key) {
  return *shards[std::hash<std::string_view>{}(key) % shards.size()];
}

bool Core::claim(const Job& job) {
  std::lock_guard lock(mutex_);
  for (const auto& r : job.recipients)
    if (!held_.insert(key(job.mail().seq, r.n)).second) return false;
  return true;
}

void Core::unclaim(const Job& job) {
  std::lock_guard lock(mutex_);
  for (const auto& r : job.recipients) held_.erase(key(job.mail().seq, r.n));
}

bool Core::holds(std::int64_t seq, int n) const {
  std::lock_guard lock(mutex_);
  return held_.contains(key(seq, n));
}

std::size_t Core::in_memory() const {
  std::lock_guard lock(mutex_);
  return held_.size();
}

void Core::end_work() {
  if (--active_ != 0) return;
  std::vector<base::OneShot<base::Unit>> waiters;
  {
    std::lock_guard lock(mutex_);
    waiters.swap(quiet_waiters_);
  }
  for (auto& waiter : waiters) waiter.set({});
}

base::Task<void> Core::quiet() {
  while (active_ != 0) {
    base::OneShot<base::Unit> wait;
    {
      std::lock_guard lock(mutex_);
      quiet_waiters_.push_back(wait);
    }
    // The last one may have ended between the look and the entry in the list.
    if (active_ == 0) co_return;
    co_await wait;
  }
}

void Core::on_change(std::function<void()> listener) {
  std::lock_guard lock(mutex_);
  listeners_.push_back(std::move(listener));
}

void Core::changed() {
  std::vector<std::function<void()>> listeners;
  {
    std::lock_guard lock(mutex_);
    listeners = listeners_;
  }
  for (auto& listener : listeners) listener();
}

void Core::forget(const Job& job) { unclaim(job); }

}  // namespace deliver

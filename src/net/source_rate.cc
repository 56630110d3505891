#include "net/source_rate.h"

#include <algorithm>

#include "net/source_limit.h"

namespace net {
namespace {

constexpr std::size_t kSweepAt = 10000, kMost = 100000;
constexpr auto kFull = std::chrono::minutes(1);  // a bucket that stood still as long is full again
constexpr auto kSweepEvery = std::chrono::seconds(1);

}  // namespace

bool SourceRate::take(std::string_view address, Deadline now) {
  if (per_minute_ <= 0) return true;
  auto source = source_of(address);
  std::lock_guard lock(mutex_);
  if (buckets_.size() >= kSweepAt && now - swept_ >= kSweepEvery) {
    std::erase_if(buckets_, [&](const auto& entry) { return now - entry.second.filled >= kFull; });
    swept_ = now;
  }
  if (buckets_.size() >= kMost && !buckets_.contains(source)) return false;
  const double most = std::max(1.0, per_minute_);
  auto& bucket = buckets_.try_emplace(std::move(source), Bucket{most, now}).first->second;
  if (now > bucket.filled) {
    const std::chrono::duration<double, std::ratio<60>> passed = now - bucket.filled;
    bucket.tokens = std::min(most, bucket.tokens + per_minute_ * passed.count());
    bucket.filled = now;
  }
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

}  // namespace net

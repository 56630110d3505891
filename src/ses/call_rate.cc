#include "ses/call_rate.h"

#include <algorithm>

#include "base/fault.h"

namespace ses {
namespace {

// SES tolerates short bursts (§7): this many seconds' worth may come at once.
constexpr double kBurstSeconds = 2;
// What has stood still as long as this is full again; it is forgotten when the table has grown.
constexpr std::size_t kSweepAt = 100000;

bool sends(std::string_view action) { return action.starts_with("Send"); }

// The actions that have a rate of their own (§7), as a multiple of the others'.
double multiple_of(std::string_view action) {
  if (action == "GetEmailTemplate") return 50;
  if (action == "BatchGetMetricData") return 16;
  return 1;
}

}  // namespace

void CallRate::take(const Scope& scope, std::string_view action) {
  if (rate_ <= 0 || sends(action)) return;
  double rate = rate_ * multiple_of(action);
  double most = std::max(1.0, rate * kBurstSeconds);
  auto now = clock_.now();
  auto key = scope.account.str() + '/' + scope.region.str() + '/' + std::string(action);
  std::lock_guard lock(mutex_);
  if (buckets_.size() >= kSweepAt)
    std::erase_if(buckets_, [&](const auto& b) { return now - b.second.filled > std::chrono::minutes(1); });
  auto [at, fresh] = buckets_.try_emplace(std::move(key), Bucket{most, now});
  auto& bucket = at->second;
  if (!fresh && now > bucket.filled) {
    std::chrono::duration<double> passed = now - bucket.filled;
    bucket.tokens = std::min(most, bucket.tokens + rate * passed.count());
    bucket.filled = now;
  }
  if (bucket.tokens < 1) throw base::Fault(base::FaultKind::throttling, "Rate exceeded");
  bucket.tokens -= 1;
}

}  // namespace ses

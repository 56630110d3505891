#include "ses/last_used.h"

namespace ses {
namespace {

constexpr auto kGrain = std::chrono::minutes(1);

bool is_news(const LastUse& known, std::string_view service, std::string_view region, base::WallTime now) {
  return now - known.at >= kGrain || known.service != service || known.region != region;
}

}  // namespace

void LastUsed::note(std::string_view id, std::string_view service, std::string_view region,
                    base::WallTime now) {
  std::lock_guard lock(mutex_);
  auto at = known_.find(id);
  if (at != known_.end() && !is_news(at->second, service, region, now)) return;
  if (at == known_.end()) at = known_.emplace(std::string(id), LastUse{}).first;
  at->second = {now, std::string(service), std::string(region)};
  unwritten_.insert(at->first);
}

std::optional<LastUse> LastUsed::find(std::string_view id) const {
  std::lock_guard lock(mutex_);
  const auto at = known_.find(id);
  if (at == known_.end()) return std::nullopt;
  return at->second;
}

void LastUsed::forget(const std::string& id) {
  std::lock_guard lock(mutex_);
  known_.erase(id);
  unwritten_.erase(id);
}

std::vector<LastUsed::Noted> LastUsed::take() {
  std::lock_guard lock(mutex_);
  std::vector<Noted> out;
  for (const auto& id : unwritten_) out.push_back({id, known_.at(id)});
  unwritten_.clear();
  return out;
}

}  // namespace ses

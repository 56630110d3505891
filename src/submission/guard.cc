#include "submission/guard.h"

#include "ses/login_throttle.h"

namespace submission {

Guard::Place& Guard::Place::operator=(Place&& other) noexcept {
  std::swap(guard_, other.guard_);
  std::swap(key_, other.key_);
  return *this;
}

Guard::Place::~Place() {
  if (guard_) guard_->give_back(key_);
}

Guard::Place Guard::connect(std::string_view address) {
  auto key = ses::throttle_source(address);
  std::lock_guard lock(mutex_);
  if (total_ >= limits_.connections) return {};
  auto at = by_address_.find(key);
  if (at != by_address_.end() && at->second >= limits_.connections_per_address) return {};
  ++total_;
  ++by_address_[key];
  return Place(this, std::move(key));
}

void Guard::give_back(const std::string& key) {
  std::lock_guard lock(mutex_);
  --total_;
  auto at = by_address_.find(key);
  if (--at->second == 0) by_address_.erase(at);
}

std::size_t Guard::connections() const {
  std::lock_guard lock(mutex_);
  return total_;
}

}  // namespace submission

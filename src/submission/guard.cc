#include "submission/guard.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace submission {

std::string guard_key(std::string_view address) {
  std::string text(address.substr(0, address.find('%')));
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return text;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    char out[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, v6.s6_addr + 12, out, sizeof out);
    return out;
  }
  std::memset(v6.s6_addr + 8, 0, 8);
  char out[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &v6, out, sizeof out);
  return out;
}

Guard::Place& Guard::Place::operator=(Place&& other) noexcept {
  std::swap(guard_, other.guard_);
  std::swap(key_, other.key_);
  std::swap(login_, other.login_);
  return *this;
}

Guard::Place::~Place() {
  if (!guard_) return;
  std::lock_guard lock(guard_->mutex_);
  (login_ ? guard_->logins_ : guard_->connections_).give_back(key_);
}

bool Guard::Counter::take(const std::string& key, std::size_t most, std::size_t most_per_address) {
  if (total >= most) return false;
  auto at = by_address.find(key);
  if (at != by_address.end() && at->second >= most_per_address) return false;
  ++total;
  ++by_address[key];
  return true;
}

void Guard::Counter::give_back(const std::string& key) {
  --total;
  auto at = by_address.find(key);
  if (--at->second == 0) by_address.erase(at);
}

Guard::Place Guard::connect(std::string_view address) {
  auto key = guard_key(address);
  std::lock_guard lock(mutex_);
  if (!connections_.take(key, limits_.connections, limits_.connections_per_address)) return {};
  return Place(this, std::move(key), false);
}

Guard::Place Guard::begin_login(std::string_view address) {
  auto key = guard_key(address);
  std::lock_guard lock(mutex_);
  if (!logins_.take(key, limits_.logins, limits_.logins_per_address)) return {};
  return Place(this, std::move(key), true);
}

std::chrono::milliseconds Guard::delay(std::string_view address, Time now) const {
  std::lock_guard lock(mutex_);
  auto at = failures_.find(guard_key(address));
  if (at == failures_.end() || now - at->second.last > limits_.memory) return {};
  if (at->second.count <= limits_.free_failures) return {};
  const auto doublings = std::min<std::size_t>(at->second.count - limits_.free_failures - 1, 16);
  return std::min(limits_.first_delay * (1 << doublings), limits_.longest_delay);
}

void Guard::failed(std::string_view address, Time now) {
  auto key = guard_key(address);
  std::lock_guard lock(mutex_);
  auto at = failures_.find(key);
  if (at == failures_.end()) {
    if (failures_.size() >= limits_.remembered) forget(failures_.find(ages_.front()));
    at = failures_.emplace(key, Failures{}).first;
    at->second.age = ages_.insert(ages_.end(), std::move(key));
  } else {
    if (now - at->second.last > limits_.memory) at->second.count = 0;
    ages_.splice(ages_.end(), ages_, at->second.age);
  }
  ++at->second.count;
  at->second.last = now;
}

void Guard::succeeded(std::string_view address) {
  std::lock_guard lock(mutex_);
  auto at = failures_.find(guard_key(address));
  if (at != failures_.end()) forget(at);
}

void Guard::forget(std::map<std::string, Failures>::iterator entry) {
  ages_.erase(entry->second.age);
  failures_.erase(entry);
}

std::size_t Guard::connections() const {
  std::lock_guard lock(mutex_);
  return connections_.total;
}

std::size_t Guard::remembered() const {
  std::lock_guard lock(mutex_);
  return failures_.size();
}

}  // namespace submission

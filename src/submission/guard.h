// Guard: how many connections one source address may have at the door (IPv6 addresses count by their /64),
// and all together. How failed log-ins slow their source is ses::LoginThrottle's, which HTTP shares. Any
// thread.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace submission {

struct GuardLimits {
  std::size_t connections = 2000;
  std::size_t connections_per_address = 100;
};

class Guard {
 public:
  explicit Guard(GuardLimits limits) : limits_(limits) {}

  // A place that is taken; given back when it goes out of scope.
  class Place {
   public:
    Place() = default;
    Place(Guard* guard, std::string key) : guard_(guard), key_(std::move(key)) {}
    Place(Place&& other) noexcept { *this = std::move(other); }
    Place& operator=(Place&& other) noexcept;
    ~Place();
    explicit operator bool() const { return guard_ != nullptr; }

   private:
    Guard* guard_ = nullptr;
    std::string key_;
  };

  Place connect(std::string_view address);  // empty: too many
  std::size_t connections() const;

 private:
  void give_back(const std::string& key);

  const GuardLimits limits_;
  mutable std::mutex mutex_;
  std::size_t total_ = 0;
  std::map<std::string, std::size_t> by_address_;
};

}  // namespace submission

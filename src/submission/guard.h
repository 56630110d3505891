// Guard: what one source address may do at the door: so many connections, so many log-ins at a time, and the
// longer to wait for each the more of them failed. IPv6 addresses count by their /64. Its tables are bounded:
// what is forgotten first is who failed longest ago. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace submission {

struct GuardLimits {
  std::size_t connections = 2000;
  std::size_t connections_per_address = 100;
  std::size_t logins = 256;  // under way (most of them waiting out their delay)
  std::size_t logins_per_address = 10;
  std::size_t free_failures = 3;  // before the delay begins
  std::chrono::milliseconds first_delay{250}, longest_delay{10000};
  std::chrono::minutes memory{15};  // since the last failure
  std::size_t remembered = 20000;   // addresses that failed
};

// The address that is counted: an IPv6 address without its last 64 bits, any other as it is.
std::string guard_key(std::string_view address);

class Guard {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit Guard(GuardLimits limits) : limits_(limits) {}

  // A place that is taken; given back when it goes out of scope.
  class Place {
   public:
    Place() = default;
    Place(Guard* guard, std::string key, bool login) : guard_(guard), key_(std::move(key)), login_(login) {}
    Place(Place&& other) noexcept { *this = std::move(other); }
    Place& operator=(Place&& other) noexcept;
    ~Place();
    explicit operator bool() const { return guard_ != nullptr; }

   private:
    Guard* guard_ = nullptr;
    std::string key_;
    bool login_ = false;
  };

  Place connect(std::string_view address);      // empty: too many
  Place begin_login(std::string_view address);  // empty: too many
  std::chrono::milliseconds delay(std::string_view address, Time now) const;
  void failed(std::string_view address, Time now);
  void succeeded(std::string_view address);

  std::size_t connections() const;
  std::size_t remembered() const;

 private:
  struct Failures {
    std::size_t count = 0;
    Time last;
    std::list<std::string>::iterator age;
  };
  struct Counter {
    std::size_t total = 0;
    std::map<std::string, std::size_t> by_address;
    bool take(const std::string& key, std::size_t most, std::size_t most_per_address);
    void give_back(const std::string& key);
  };
  void forget(std::map<std::string, Failures>::iterator entry);

  const GuardLimits limits_;
  mutable std::mutex mutex_;
  Counter connections_, logins_;
  std::map<std::string, Failures> failures_;
  std::list<std::string> ages_;  // who failed longest ago is in front
};

}  // namespace submission

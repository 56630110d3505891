// LoginThrottle: who failed to prove who they are is answered later and later. Failures count by source (an
// IPv4 address, an IPv6 /64) and by access key and source together; never by key alone, so that nobody can
// lock out another's key. A key that was right from a source is not slowed by what else fails there. SMTP and
// SigV4 share one. Its table has a fixed size: a new entry takes the place of the one that failed least
// among a few picked by a keyed hash, so that a flood of single failures pushes out nobody worth remembering.
// Time is real and monotonic, a parameter. Any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "net/source_limit.h"

namespace ses {

struct ThrottleLimits {
  std::size_t free_failures = 10;        // of a source, before its answers are delayed
  std::size_t free_failures_of_key = 5;  // of one key at one source
  std::chrono::milliseconds first_delay{250}, longest_delay{10000};
  std::chrono::seconds memory{900};  // half of the failures are forgotten after it
  std::size_t waiting = 256;         // answers held back at a time
  std::size_t waiting_per_source = 8;
  std::size_t entries = 32768;
};

// What is due after so many failures. Pure.
std::chrono::milliseconds throttle_delay(const ThrottleLimits& limits, std::size_t failures,
                                         std::size_t free_failures);

class LoginThrottle {
 public:
  using Time = std::chrono::steady_clock::time_point;
  LoginThrottle(ThrottleLimits limits, base::Random& random);
  ~LoginThrottle();

  // How long the answer to this one is to be held back; zero as a rule.
  std::chrono::milliseconds delay(std::string_view address, std::string_view key_id, Time now) const;
  // Empty: too many are held back already, so this one is refused unseen.
  net::SourceLimit::Place wait(std::string_view address) { return waiting_.take(address); }
  void failed(std::string_view address, std::string_view key_id, Time now);
  void succeeded(std::string_view address, std::string_view key_id, Time now);
  void forget();  // dev mode's reset

  std::size_t waiting() const { return waiting_.taken(); }

 private:
  struct Entry {
    std::uint64_t tag = 0;  // 0: free
    std::uint32_t count = 0;
    bool trusted = false;  // the key was right there
    Time last{};
  };
  static constexpr std::size_t kWays = 8, kLocks = 64;

  std::uint64_t hash(std::string_view source, std::string_view key_id) const;
  std::size_t set_of(std::uint64_t tag) const { return tag % (entries_.size() / kWays) * kWays; }
  std::size_t failures(const Entry& entry, Time now) const;
  Entry* find(std::uint64_t tag);
  Entry look(std::uint64_t tag) const;
  void note_failure(std::uint64_t tag, Time now);
  void note_success(std::uint64_t tag, Time now);

  const ThrottleLimits limits_;
  const std::string seed_;
  std::vector<Entry> entries_;
  mutable std::array<std::mutex, kLocks> locks_;
  net::SourceLimit waiting_;
};

}  // namespace ses

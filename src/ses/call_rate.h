// CallRate: how often an account may call what manages rather than sends: each action so many times a second,
// by the account's own count in its region (SES §7, §2.1). Counts live in memory only. Any thread.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "ses/types.h"

namespace ses {

class CallRate {
 public:
  // `rate` is calls a second of one action; 0: nothing is counted (dev mode).
  CallRate(const base::Clock& clock, double rate) : clock_(clock), rate_(rate) {}

  // Takes one call of `action`, or throws the Fault of §2.1. Sends are never counted here: they have the
  // account's sending rate.
  void take(const Scope& scope, std::string_view action);

 private:
  struct Bucket {
    double tokens = 0;
    base::WallTime filled;
  };

  const base::Clock& clock_;
  const double rate_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;  // as many as there are actions and scopes in use
};

}  // namespace ses

#include "deliver/retry.h"

#include <algorithm>
#include <cmath>

namespace deliver {

base::WallTime next_attempt(const Options& options, base::WallTime now, base::WallTime expires, int attempts,
                            base::Random& random) {
  double wait =
      static_cast<double>(options.first_retry.count()) * std::pow(options.retry_factor, attempts - 1);
  wait = std::min(wait, static_cast<double>(options.longest_retry.count()));
  wait *= 1 + options.retry_jitter * (2 * random.unit() - 1);
  auto next = now + base::Millis{static_cast<std::int64_t>(std::max(wait, 1.0))};
  return now < expires ? std::min(next, expires) : next;
}

}  // namespace deliver

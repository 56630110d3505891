// When a recipient that could not be reached is tried again: a growing, jittered wait, never past the mail's
// end.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "deliver/dispatcher.h"

namespace deliver {

// `attempts` so far, at least 1. The last attempt is made when the mail expires.
base::WallTime next_attempt(const Options& options, base::WallTime now, base::WallTime expires, int attempts,
                            base::Random& random);

}  // namespace deliver

// The events an outcome is worth (SES §18), made before its transaction. Pure but for the feedback ids.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "deliver/outcome.h"
#include "deliver/report.h"
#include "ses/message.h"

namespace deliver {

struct OutcomeFacts {
  const Job& job;  // attempts counted already
  const Report& report;
  const std::vector<Classified>& verdicts;  // by index in the job; an attempt too many is a bounce
  bool given_up = false;                    // the time is over: what was deferred is a bounce
  base::WallTime now;
  const std::string& helo_name;
};
Outcome outcome_of(const OutcomeFacts& facts, base::Random& random);

}  // namespace deliver

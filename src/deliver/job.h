// Job: the recipients of one mail that go to one domain, on their way. A job is worked on by one loop at a
// time and handed from loop to loop whole.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "compose/compose.h"
#include "ses/message.h"

namespace deliver {

struct Job {
  compose::DraftPtr draft;
  std::vector<ses::Recipient> recipients;  // all of one domain; never empty
  base::WallTime due;
  std::uint64_t era = 0;  // of the dispatcher when it was made; a reset begins a new one

  const std::string& domain() const { return recipients.front().domain; }
  const ses::Mail& mail() const { return draft->mail(); }
};
using JobPtr = std::shared_ptr<Job>;

}  // namespace deliver

// SPF (RFC 7208): may this client use that domain in MAIL FROM or HELO? A coroutine that asks DNS through
// LookUp; work is bounded by the limits of §4.6.4. Explanations (exp=) are not fetched. Pure but for what it
// asks; the thread is the caller's.
#pragma once

#include <string>
#include <string_view>

#include "base/task.h"
#include "mail/look_up.h"

namespace mail {

enum class SpfResult { none, neutral, pass, fail, softfail, temperror, permerror };
std::string_view name_of(SpfResult result);

struct SpfRequest {
  std::string client_ip;
  std::string mail_from;  // without angle brackets; empty for the null sender
  std::string helo;
};

struct SpfOutcome {
  SpfResult result = SpfResult::none;
  std::string sender;     // the identity that was checked: postmaster@HELO for a null sender (§2.4)
  std::string domain;     // whose record decided: the sender's, or where redirect= led
  std::string mechanism;  // the term that matched, as written
  std::string problem;    // for people: what is behind none, temperror, permerror
};

// The MAIL FROM identity; HELO's where the sender is null. `look_up` must outlive the task.
base::Task<SpfOutcome> check_spf(SpfRequest request, LookUp& look_up);
// The HELO identity (§2.3).
base::Task<SpfOutcome> check_spf_helo(SpfRequest request, LookUp& look_up);

}  // namespace mail

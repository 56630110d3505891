// The mails that warn the owner of an identity: records of its that were there are not found any more, or
// what rested on them has ended (SES §8.3, §8.5). Pure; any thread.
#pragma once

#include <vector>

#include "ses/identity.h"
#include "ses/system_mail.h"

namespace ses {

// What is owed for the step from `before` to `after`. To the address itself, or to the domain's postmaster
// (RFC 5321 §4.5.1).
std::vector<SystemMail> verification_notices(const Settings& settings, const Identity& before,
                                             const Identity& after);

}  // namespace ses

// The step of a send that asks IAM and the sending authorization policies (SES §9, §10): for each identity
// the send uses, each recipient that is an identity itself, its configuration set and its template, with the
// condition keys of the addresses. Stands behind the check that the identities are verified (SES §5). Any
// thread.
#pragma once

#include <exception>

#include "base/task.h"
#include "send/addresses.h"
#include "send/senders.h"
#include "send/steps.h"

namespace send {

// Fault access_denied. System mail, and a send that stands as authorized, is not asked.
void authorize(const Service& service, const Submission& submission, const Addresses& addresses,
               const Senders& senders, const Effective& effective);

// Rethrows; where a denial was recorded and the record cannot keep up, a while later (ses/audit.h).
base::Task<void> rethrow_refusal(Service& service, std::exception_ptr error);

}  // namespace send

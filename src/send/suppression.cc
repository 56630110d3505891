// Suppressed recipients of a send (SES §16).
#include "send/steps.h"

namespace send {

base::Task<void> hold_suppressed(Service&, const Submission&, Prepared&) { co_return; }

}  // namespace send

// Contact lists in a send (SES §15).
#include "base/fault.h"
#include "send/steps.h"

namespace send {

// The room for contact lists is not built yet, so there are none.
std::optional<ListPlan> plan_list(const Service&, const Submission& s, const Addresses&) {
  if (s.contact_list && !s.contact_list->empty())
    throw base::Fault(base::FaultKind::not_found, "List with name: " + *s.contact_list + " doesn't exist.");
  return std::nullopt;
}

base::Task<void> hold_opted_out(Service&, const Submission&, Prepared&) { co_return; }

}  // namespace send

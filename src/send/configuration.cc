// The configuration set of a send (SES §5.6, §17).
#include "base/fault.h"
#include "send/steps.h"

namespace send {

using base::Fault;
using base::FaultKind;

// The room for configuration sets is not built yet, so there are none.
Effective configure(const Service&, const Submission& s, const Addresses&) {
  if (s.configuration_set && !s.configuration_set->empty())
    throw Fault(FaultKind::configuration_set_not_found,
                "Configuration set <" + *s.configuration_set + "> does not exist.")
        .with("ConfigurationSetName", *s.configuration_set);
  return {};
}

}  // namespace send

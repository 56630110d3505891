// The mailbox simulator (SES §21): what the far end would have answered, without one. A transport of its own,
// chosen by the address before any route, in all modes alike. Pure.
#pragma once

#include <string_view>

#include "deliver/report.h"

namespace deliver {

inline constexpr std::string_view kSimulatorSite = "(simulator)";

// The recipients of a job share a domain, so all of them are the simulator's or none is.
bool is_for_simulator(const Job& job, std::string_view service_domain);
Report simulate(const Job& job, std::string_view service_domain);

}  // namespace deliver

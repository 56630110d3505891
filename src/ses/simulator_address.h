// The addresses of the mailbox simulator (SES §21), at Amazon's domain and at the service domain. Pure; any
// thread.
#pragma once

#include <string_view>

namespace ses {

// What the simulator does with mail to the address. unknown: an address at the simulator that names none of
// its mailboxes; such mail bounces like bounce@, for a real mailbox is not there either.
enum class SimulatorKind { none, success, bounce, ooto, complaint, suppressed, unknown };

// `address` is bare; letter case and "+label" do not matter. none: not an address of the simulator.
SimulatorKind simulator_kind(std::string_view address, std::string_view service_domain);
bool is_simulator_address(std::string_view address, std::string_view service_domain);

}  // namespace ses

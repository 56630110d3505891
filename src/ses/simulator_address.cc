#include "ses/simulator_address.h"

#include <utility>

#include "base/encoding.h"

namespace ses {
namespace {

constexpr std::string_view kPrefix = "simulator.";

bool is_simulator_domain(std::string_view domain, std::string_view service_domain) {
  if (!base::iequals(domain.substr(0, kPrefix.size()), kPrefix)) return false;
  auto rest = domain.substr(kPrefix.size());
  return base::iequals(rest, "amazonses.com") || (!rest.empty() && base::iequals(rest, service_domain));
}

constexpr std::pair<std::string_view, SimulatorKind> kMailboxes[] = {
    {"success", SimulatorKind::success},
    {"bounce", SimulatorKind::bounce},
    {"ooto", SimulatorKind::ooto},
    {"complaint", SimulatorKind::complaint},
    {"suppressionlist", SimulatorKind::suppressed}};

}  // namespace

SimulatorKind simulator_kind(std::string_view address, std::string_view service_domain) {
  auto at = address.rfind('@');
  if (at == std::string_view::npos || !is_simulator_domain(address.substr(at + 1), service_domain))
    return SimulatorKind::none;
  auto local = address.substr(0, at);
  local = local.substr(0, local.find('+'));
  for (const auto& [name, kind] : kMailboxes)
    if (base::iequals(local, name)) return kind;
  return SimulatorKind::unknown;
}

bool is_simulator_address(std::string_view address, std::string_view service_domain) {
  return simulator_kind(address, service_domain) != SimulatorKind::none;
}

}  // namespace ses

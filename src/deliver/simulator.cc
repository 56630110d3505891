#include "deliver/simulator.h"

#include "ses/simulator_address.h"

namespace deliver {
namespace {

using ses::SimulatorKind;

Classified delivered() {
  Classified c;
  c.verdict = Verdict::delivered;
  c.status = "2.6.0";
  c.diagnostic = "250 2.6.0 Message received";
  c.from_remote = true;
  return c;
}

Classified bounced(std::string diagnostic) {
  Classified c;
  c.verdict = Verdict::bounce;
  c.status = "5.1.1";
  c.diagnostic = std::move(diagnostic);
  c.from_remote = true;
  return c;
}

}  // namespace

bool is_for_simulator(const Job& job, std::string_view service_domain) {
  return ses::is_simulator_address(job.recipients.front().address, service_domain);
}

Report simulate(const Job& job, std::string_view service_domain) {
  Report report;
  report.simulated = true;
  report.attempt.site = kSimulatorSite;
  report.attempt.host = "simulator";
  report.attempt.remote_ip = report.attempt.local_ip = "127.0.0.1";
  for (const auto& r : job.recipients) {
    auto after = Aftermath::none;
    switch (ses::simulator_kind(r.address, service_domain)) {
      case SimulatorKind::ooto:
        after = Aftermath::auto_reply;
        report.recipients.push_back(delivered());
        break;
      case SimulatorKind::complaint:
        after = Aftermath::complaint;
        report.recipients.push_back(delivered());
        break;
      case SimulatorKind::success:
        report.recipients.push_back(delivered());
        break;
      case SimulatorKind::suppressed:
        report.recipients.push_back(
            bounced("550 5.1.1 As requested: user unknown (suppressed address: " + r.address + ")"));
        break;
      default:
        report.recipients.push_back(bounced("550 5.1.1 user unknown"));
    }
    report.aftermath.push_back(after);
  }
  return report;
}

}  // namespace deliver

#include "ses/simulator_address.h"

#include <gtest/gtest.h>

namespace {

using ses::SimulatorKind;

struct Row {
  const char* address;
  SimulatorKind kind;
};

TEST(SimulatorAddress, Table) {
  const Row rows[] = {
      {"success@simulator.amazonses.com", SimulatorKind::success},
      {"bounce@simulator.amazonses.com", SimulatorKind::bounce},
      {"ooto@simulator.amazonses.com", SimulatorKind::ooto},
      {"complaint@simulator.amazonses.com", SimulatorKind::complaint},
      {"suppressionlist@simulator.amazonses.com", SimulatorKind::suppressed},
      {"Bounce@Simulator.AmazonSES.com", SimulatorKind::bounce},
      {"bounce+label@simulator.amazonses.com", SimulatorKind::bounce},
      {"bounce+a+b@simulator.amazonses.com", SimulatorKind::bounce},
      {"bounce+@simulator.amazonses.com", SimulatorKind::bounce},
      {"complaint+x@simulator.ses.example", SimulatorKind::complaint},
      {"SUCCESS@SIMULATOR.SES.EXAMPLE", SimulatorKind::success},
      {"bounces@simulator.amazonses.com", SimulatorKind::unknown},
      {"+bounce@simulator.amazonses.com", SimulatorKind::unknown},
      {"bounce@amazonses.com", SimulatorKind::none},
      {"bounce@ses.example", SimulatorKind::none},
      {"bounce@simulator.", SimulatorKind::none},
      {"bounce@simulator.other.example", SimulatorKind::none},
      {"bounce@x.simulator.amazonses.com", SimulatorKind::none},
      {"bounce", SimulatorKind::none},
      {"", SimulatorKind::none},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ses::simulator_kind(row.address, "ses.example"), row.kind) << row.address;
    EXPECT_EQ(ses::is_simulator_address(row.address, "ses.example"), row.kind != SimulatorKind::none);
  }
  EXPECT_EQ(ses::simulator_kind("bounce@simulator.", ""), SimulatorKind::none);
}

}  // namespace

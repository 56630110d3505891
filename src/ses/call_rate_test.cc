#include "ses/call_rate.h"

#include <gtest/gtest.h>

#include "ses/test_world.h"

namespace ses {
namespace {

using testing::fault_of;

constexpr const char* kRefused = "TooManyRequestsException: Rate exceeded";
const Scope kScope{AccountId("111122223333"), Region("us-east-1")};

struct CallRates : ::testing::Test {
  CallRates() { clock.freeze(base::from_millis(1700000000000)); }

  std::string take(CallRate& rate, const char* action, const Scope& scope = kScope) {
    return fault_of([&] { rate.take(scope, action); });
  }
  // How many calls pass before one is refused, of at most `most`.
  int passing(CallRate& rate, const char* action, int most) {
    for (int i = 0; i < most; ++i)
      if (!take(rate, action).empty()) return i;
    return most;
  }
  void pass(int milliseconds) { clock.freeze(clock.now() + std::chrono::milliseconds(milliseconds)); }

  base::MovableClock clock;
};

TEST_F(CallRates, OneCallASecondAndTwoAtOnce) {
  CallRate rate(clock, 1);
  EXPECT_EQ(passing(rate, "GetAccount", 9), 2);
  EXPECT_EQ(take(rate, "GetAccount"), kRefused);
  pass(999);
  EXPECT_EQ(take(rate, "GetAccount"), kRefused);
  pass(1);
  EXPECT_EQ(passing(rate, "GetAccount", 9), 1);
  pass(1000000);
  EXPECT_EQ(passing(rate, "GetAccount", 9), 2);
}

TEST_F(CallRates, ActionsAccountsAndRegionsCountApart) {
  CallRate rate(clock, 1);
  EXPECT_EQ(passing(rate, "GetAccount", 9), 2);
  EXPECT_EQ(take(rate, "GetSendQuota"), "");
  EXPECT_EQ(take(rate, "GetAccount", {kScope.account, Region("eu-west-1")}), "");
  EXPECT_EQ(take(rate, "GetAccount", {AccountId("444455556666"), kScope.region}), "");
  EXPECT_EQ(take(rate, "GetAccount"), kRefused);
}

TEST_F(CallRates, SomeActionsHaveARateOfTheirOwn) {
  CallRate rate(clock, 1);
  EXPECT_EQ(passing(rate, "GetEmailTemplate", 999), 100);
  EXPECT_EQ(passing(rate, "BatchGetMetricData", 999), 32);
  for (const char* send : {"SendEmail", "SendRawEmail", "SendTemplatedEmail", "SendBulkTemplatedEmail",
                           "SendBulkEmail", "SendCustomVerificationEmail", "SendBounce"})
    EXPECT_EQ(passing(rate, send, 999), 999) << send;
}

TEST_F(CallRates, NothingIsCountedWithoutARate) {
  CallRate rate(clock, 0);
  EXPECT_EQ(passing(rate, "GetAccount", 999), 999);
}

}  // namespace
}  // namespace ses

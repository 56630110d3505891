// Who is answered late, and how little of it an attacker can steer. No real time passes.
#include "ses/login_throttle.h"

#include <gtest/gtest.h>

namespace ses {
namespace {

using std::chrono::milliseconds;

constexpr const char* kBad = "192.0.2.1";
constexpr const char* kOther = "192.0.2.2";
constexpr const char* kKey = "AKIAIOSFODNN7EXAMPLE";

struct Throttled : ::testing::Test {
  explicit Throttled(ThrottleLimits l = {}) : limits(l), throttle(l, random) {}
  void fail(std::string_view source, std::string_view key, int times = 1) {
    for (int i = 0; i < times; ++i) throttle.failed(source, key, now);
  }
  long delay(std::string_view source, std::string_view key) {
    return throttle.delay(source, key, now).count();
  }

  base::SeededRandom random{7};
  ThrottleLimits limits;
  LoginThrottle throttle;
  LoginThrottle::Time now{std::chrono::hours(1)};
};

TEST(ThrottleDelay, DoublesUpToTheLongest) {
  const ThrottleLimits limits;
  const std::pair<std::size_t, int> table[] = {{0, 0},     {10, 0},    {11, 250},   {12, 500},
                                               {13, 1000}, {16, 8000}, {17, 10000}, {1000000, 10000}};
  for (const auto& [failures, delay] : table)
    EXPECT_EQ(throttle_delay(limits, failures, 10), milliseconds(delay)) << failures;
}

TEST_F(Throttled, ASourceIsSlowedAndNoOther) {
  for (int i = 0; i < 11; ++i) fail(kBad, "AKIA" + std::to_string(i));
  EXPECT_EQ(delay(kBad, kKey), 250);
  EXPECT_EQ(delay(kBad, ""), 250);
  EXPECT_EQ(delay(kOther, kKey), 0);
  EXPECT_EQ(delay(kOther, "AKIA1"), 0);
}

TEST_F(Throttled, AKeyIsNotLockedOutElsewhere) {
  throttle.succeeded(kOther, kKey, now);
  fail(kBad, kKey, 500);
  EXPECT_EQ(delay(kBad, kKey), 10000);
  EXPECT_EQ(delay(kOther, kKey), 0);
  EXPECT_EQ(delay("192.0.2.3", kKey), 0);
}

TEST_F(Throttled, OneKeyAtOneSourceIsSlowedEarlier) {
  fail(kBad, kKey, 5);
  EXPECT_EQ(delay(kBad, kKey), 0);
  fail(kBad, kKey);
  EXPECT_EQ(delay(kBad, kKey), 250);
  EXPECT_EQ(delay(kBad, "AKIAOTHER"), 0);
}

TEST_F(Throttled, ARightKeyIsKnownAtItsSourceButForgivesNothingElse) {
  throttle.succeeded(kBad, kKey, now);
  fail(kBad, "AKIAGUESSED", 20);
  EXPECT_EQ(delay(kBad, kKey), 0);
  EXPECT_EQ(delay(kBad, "AKIANEXT"), 10000);
  throttle.succeeded(kBad, kKey, now);  // the attacker's own key does not buy more guesses
  EXPECT_EQ(delay(kBad, "AKIAGUESSED"), 10000);
  EXPECT_EQ(delay(kBad, "AKIANEXT"), 10000);
  fail(kBad, kKey, 6);  // and guesses at a known key are slowed all the same
  EXPECT_EQ(delay(kBad, kKey), 250);
}

TEST_F(Throttled, HalfIsForgottenAtATime) {
  for (int i = 0; i < 24; ++i) fail(kBad, "");
  EXPECT_EQ(delay(kBad, ""), 10000);
  now += limits.memory;
  EXPECT_EQ(delay(kBad, ""), 500);  // 12 are left
  fail(kBad, "");
  EXPECT_EQ(delay(kBad, ""), 1000);
  now += limits.memory;
  EXPECT_EQ(delay(kBad, ""), 0);
}

TEST_F(Throttled, AFewWaitAndTheRestIsRefused) {
  std::vector<net::SourceLimit::Place> places;
  for (std::size_t i = 0; i < limits.waiting_per_source; ++i) places.push_back(throttle.wait(kBad));
  for (const auto& place : places) EXPECT_TRUE(place);
  EXPECT_FALSE(throttle.wait(kBad));
  EXPECT_TRUE(throttle.wait(kOther));
  EXPECT_EQ(throttle.waiting(), limits.waiting_per_source);
  places.pop_back();
  EXPECT_TRUE(throttle.wait(kBad));
  places.clear();
  for (std::size_t i = 0; i < limits.waiting; ++i)
    places.push_back(throttle.wait("198.51.100." + std::to_string(i)));
  EXPECT_FALSE(throttle.wait(kOther));
  places.clear();
  EXPECT_EQ(throttle.waiting(), 0u);
}

ThrottleLimits small_table() {
  ThrottleLimits limits;
  limits.entries = 64;
  return limits;
}
struct SmallTable : Throttled {
  SmallTable() : Throttled(small_table()) {}
};

TEST_F(SmallTable, AFloodOfSourcesDoesNotWashOutWhoFailedOften) {
  fail(kBad, "", 20);
  for (int i = 0; i < 20000; ++i) fail("2001:db8:0:" + std::to_string(i % 10000) + "::1", "");
  EXPECT_EQ(delay(kBad, ""), 10000);
}

TEST_F(SmallTable, SuccessesTakeNoPlaceFromFailures) {
  fail(kBad, "", 11);
  for (int i = 0; i < 20000; ++i) throttle.succeeded("198.51.100.1", "AKIA" + std::to_string(i), now);
  EXPECT_EQ(delay(kBad, ""), 250);
}

TEST_F(Throttled, ForgetsAll) {
  fail(kBad, kKey, 20);
  throttle.forget();
  EXPECT_EQ(delay(kBad, kKey), 0);
}

}  // namespace
}  // namespace ses

#include "net/source_rate.h"

#include <gtest/gtest.h>

namespace net {
namespace {

using std::chrono::seconds;

struct Visit {
  int at;  // seconds
  const char* address;
  bool taken;
};

TEST(SourceRate, AMinutesWorthAtOnceThenAsItGrowsAgain) {
  SourceRate rate(3);
  const Deadline start{};
  const Visit visits[] = {
      {0, "192.0.2.1", true},         {0, "192.0.2.1", true},    {0, "192.0.2.1", true},
      {0, "192.0.2.1", false},        {0, "192.0.2.2", true},    {10, "192.0.2.1", false},
      {21, "192.0.2.1", true},        {21, "192.0.2.1", false},  {21, "2001:db8::1", true},
      {21, "2001:db8::2", true},      {21, "2001:db8::3", true}, {21, "2001:db8::4", false},
      {21, "::ffff:192.0.2.1", false}};
  for (const auto& visit : visits)
    EXPECT_EQ(rate.take(visit.address, start + seconds(visit.at)), visit.taken)
        << visit.address << " at " << visit.at;
}

TEST(SourceRate, NoneIsNoLimit) {
  SourceRate rate(0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(rate.take("192.0.2.1", Deadline{}));
}

TEST(SourceRate, StrangersCannotGrowItWithoutBound) {
  SourceRate rate(1);
  const Deadline start{};
  int taken = 0;
  for (int i = 0; i < 110000; ++i) {
    const auto address =
        "10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." + std::to_string(i & 255);
    taken += rate.take(address, start) ? 1 : 0;
  }
  EXPECT_EQ(taken, 100000);
  EXPECT_TRUE(rate.take("192.0.2.9", start + seconds(60)));
}

}  // namespace
}  // namespace net

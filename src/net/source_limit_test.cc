#include "net/source_limit.h"

#include <gtest/gtest.h>

#include <vector>

namespace net {
namespace {

TEST(SourceOf, CountsIpv6BySixtyFour) {
  const std::pair<const char*, const char*> table[] = {
      {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
      {"2001:db8:1:2::", "2001:db8:1:2::"},
      {"fe80::1%eth0", "fe80::"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"192.0.2.1", "192.0.2.1"},
      {"", ""},
  };
  for (const auto& [address, source] : table) EXPECT_EQ(source_of(address), source) << address;
}

TEST(SourceLimit, SoManyAndSoManyOfOneSource) {
  SourceLimit limit(3, 2);
  auto a = limit.take("192.0.2.1"), b = limit.take("192.0.2.1");
  EXPECT_TRUE(a && b);
  EXPECT_FALSE(limit.take("192.0.2.1"));
  auto c = limit.take("192.0.2.2");
  EXPECT_TRUE(c);
  EXPECT_FALSE(limit.take("192.0.2.3"));
  { auto gone = std::move(a); }
  EXPECT_EQ(limit.taken(), 2u);
  EXPECT_TRUE(limit.take("192.0.2.1"));
}

}  // namespace
}  // namespace net

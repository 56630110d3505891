#include "ses/fingerprints.h"

#include <gtest/gtest.h>

#include <string>

namespace ses {
namespace {

std::uint64_t hash(int n) { return Fingerprints::hash("address" + std::to_string(n)); }

TEST(Fingerprints, HoldWhatWasAddedAndHardlyMore) {
  Fingerprints prints;
  for (int n = 0; n < 20000; ++n) prints.add(hash(n));
  std::vector<std::uint64_t> many;
  for (int n = 20000; n < 100000; ++n) many.push_back(hash(n));
  prints.add_all(many);
  EXPECT_EQ(prints.size(), 100000u);
  for (int n = 0; n < 100000; ++n) ASSERT_TRUE(prints.may_have(hash(n))) << n;
  int wrong = 0;
  for (int n = 100000; n < 200000; ++n) wrong += prints.may_have(hash(n));
  EXPECT_LT(wrong, 20);  // 1.5 entries a bucket of 65536 values
  prints.clear();
  EXPECT_EQ(prints.size(), 0u);
  EXPECT_FALSE(prints.may_have(hash(1)));
}

TEST(Fingerprints, EqualOnesAreCounted) {
  Fingerprints prints;
  prints.add(7);
  prints.add(7);
  prints.remove(7);
  EXPECT_TRUE(prints.may_have(7));
  prints.remove(7);
  EXPECT_FALSE(prints.may_have(7));
  prints.remove(7);  // not there: nothing happens
  EXPECT_EQ(prints.size(), 0u);
}

TEST(Fingerprints, TheSeedAndEveryOctetMatter) {
  EXPECT_NE(Fingerprints::hash("a"), Fingerprints::hash("b"));
  EXPECT_NE(Fingerprints::hash("a", 1), Fingerprints::hash("a", 2));
  EXPECT_NE(Fingerprints::hash("12345678"), Fingerprints::hash(std::string("12345678\0", 9)));
  EXPECT_EQ(Fingerprints::hash("local@example.com", 3), Fingerprints::hash("local@example.com", 3));
}

}  // namespace
}  // namespace ses

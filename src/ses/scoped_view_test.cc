#include "ses/scoped_view.h"

#include <gtest/gtest.h>

#include "ses/packed.h"

namespace ses {
namespace {

struct Item {
  Scope scope;
  std::string name;
  std::int64_t generation = 0;
};
using View = ScopedView<Item>;

const Scope kScope{AccountId("123456789012"), Region("us-east-1")};
const Scope kOther{AccountId("123456789012"), Region("eu-west-1")};

View::ItemPtr item(const std::string& name, std::int64_t generation) {
  return std::make_shared<const Item>(Item{kScope, name, generation});
}

TEST(ScopedView, FindsInItsScopeOnly) {
  View view;
  view.fill({{kScope, "b", 1}, {kScope, "a", 2}, {kOther, "c", 3}});
  EXPECT_EQ(view.find(kScope, "a")->generation, 2);
  EXPECT_FALSE(view.find(kOther, "a"));
  auto sorted = view.sorted(kScope);
  ASSERT_EQ(sorted.size(), 2u);
  EXPECT_EQ(sorted[0]->name, "a");
  view.fill({});
  EXPECT_FALSE(view.find(kScope, "a"));
}

TEST(ScopedView, WhoCommittedLastWins) {
  View view;
  View::Writing under_way(view);
  {
    View::Writing one(view), two(view);
    view.publish(kScope, "a", item("a", 2), 2);
    view.publish(kScope, "a", item("a", 1), 1);  // committed first, came last
    EXPECT_EQ(view.find(kScope, "a")->generation, 2);
    view.publish(kScope, "a", nullptr, 4);
    view.publish(kScope, "a", item("a", 3), 3);
    EXPECT_FALSE(view.find(kScope, "a"));
  }
  EXPECT_EQ(view.names(kScope)->size(), 1u);  // the tombstone stays while a write is under way
}

TEST(ScopedView, TombstonesGoWithTheLastWrite) {
  View view;
  {
    View::Writing writing(view);
    view.publish(kScope, "a", item("a", 1), 1);
    view.publish(kScope, "b", item("b", 2), 2);
    view.publish(kScope, "a", nullptr, 3);
  }
  EXPECT_EQ(view.names(kScope)->size(), 1u);
  EXPECT_TRUE(view.find(kScope, "b"));
}

TEST(ScopedView, ASnapshotStaysAsItWas) {
  View view;
  View::Writing writing(view);
  view.publish(kScope, "a", item("a", 1), 1);
  auto before = view.names(kScope);
  view.publish(kScope, "b", item("b", 2), 2);
  EXPECT_EQ(before->size(), 1u);
}

TEST(Packed, WhatGoesInComesOut) {
  const std::vector<PackedRow> tables[] = {
      {}, {{"a", "b"}}, {{"", ""}}, {{"a=b", "c&d"}, {"%3D", "ü \n"}}, {{"x", ""}, {"", "y"}}};
  for (const auto& rows : tables) EXPECT_EQ(unpack(pack(rows), 2), rows) << pack(rows);
  EXPECT_EQ(unpack("a=b&c&d=e=f", 2), (std::vector<PackedRow>{{"a", "b"}}));
}

}  // namespace
}  // namespace ses

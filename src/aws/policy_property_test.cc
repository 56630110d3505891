// Over policies and requests of chance: decide() and explain() agree, and the rules that hold for any policy.
#include <gtest/gtest.h>

#include "aws/policy_chance.h"
#include "base/fault.h"

namespace aws {
namespace {

using test::Chance;
using test::World;

bool some(const Explanation& explanation, bool allow) {
  for (const auto& trace : explanation.statements)
    if (trace.matched && trace.allow == allow) return true;
  return false;
}

TEST(PolicyProperty, DecideAgreesWithExplain) {
  int allowed = 0, denied = 0;
  for (unsigned seed = 0; seed < 8'000; ++seed) {
    Chance chance(seed);
    World world(chance);
    auto decision = decide(world.own, world.of_resource, world.request());
    auto explanation = explain(world.own, world.of_resource, world.request());
    ASSERT_EQ(decision, explanation.decision) << "seed " << seed;
    // An explicit Deny wins, and nothing else is one.
    ASSERT_EQ(decision.effect == AccessEffect::explicit_deny, some(explanation, false)) << "seed " << seed;
    ASSERT_TRUE(!decision.allowed() || world.own.root || some(explanation, true)) << "seed " << seed;
    for (const auto& trace : explanation.statements) ASSERT_EQ(trace.why_not.empty(), trace.matched);
    allowed += decision.allowed();
    denied += decision.effect == AccessEffect::explicit_deny;
  }
  EXPECT_GT(allowed, 400);
  EXPECT_GT(denied, 400);
}

// One more Deny that matches everything denies all; one more Allow of the identity never takes away.
TEST(PolicyProperty, MorePoliciesChangeItOneWay) {
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    Chance chance(seed);
    World world(chance);
    world.own.root = false;
    bool before = decide(world.own, world.of_resource, world.request()).allowed();
    world.own.identity.push_back(test::attached(test::statement("Allow")));
    bool after = decide(world.own, world.of_resource, world.request()).allowed();
    ASSERT_TRUE(after || !before) << "seed " << seed;
    world.own.identity.push_back(test::attached(test::statement("Deny")));
    ASSERT_EQ(decide(world.own, world.of_resource, world.request()).effect, AccessEffect::explicit_deny);
  }
}

// Whatever a document holds, it is refused with a reason, or what it compiles to decides.
TEST(PolicyProperty, DamagedDocuments) {
  int compiled = 0, refused = 0;
  for (unsigned seed = 0; seed < 8'000; ++seed) {
    Chance chance(seed);
    World world(chance);
    auto use = chance.one_in(2) ? PolicyUse::identity : PolicyUse::resource;
    auto text = chance.damaged(chance.text(use));
    try {
      AttachedPolicy attached{parse_policy(text, use), "damaged"};
      (use == PolicyUse::identity ? world.own.identity : world.of_resource).push_back(attached);
      ASSERT_EQ(decide(world.own, world.of_resource, world.request()),
                explain(world.own, world.of_resource, world.request()).decision)
          << text;
      ++compiled;
    } catch (const base::Fault& fault) {
      ASSERT_FALSE(fault.message().empty()) << text;
      ++refused;
    }
  }
  EXPECT_GT(compiled, 100);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace aws

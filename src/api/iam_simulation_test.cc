// Simulated calls and real decisions are the same, over policies and calls of chance.
#include "api/iam_simulation.h"

#include <gtest/gtest.h>

#include "aws/policy_chance.h"

namespace api::iam {
namespace {

Simulation simulation_of(const aws::test::World& world, const aws::test::Chance& chance) {
  return {world.own,     world.of_resource,      world.requester,
          world.context, world.resource_account, chance.documents};
}

// Names of policies repeat over the layers of a World of chance, so positions are not compared here.
TEST(IamSimulation, IsTheRealDecision) {
  int allowed = 0, explicit_denies = 0, bounded = 0;
  for (unsigned seed = 0; seed < 8'000; ++seed) {
    aws::test::Chance chance(seed);
    aws::test::World world(chance);
    auto real = aws::decide(world.own, world.of_resource, world.request());
    auto told = evaluate(simulation_of(world, chance), world.action, std::string(aws::test::kIdentity));
    ASSERT_EQ(*told.eval_decision, aws::to_string(real.effect)) << "seed " << seed;
    ASSERT_EQ(*told.eval_action_name, world.action);
    ASSERT_EQ(*told.resource_specific_results->front().eval_resource_decision, *told.eval_decision);
    // A decision by a statement names one; an implicit deny names none that denies.
    bool by_statement = real.policy && real.layer != aws::PolicyLayer::boundary && real.statement >= 0;
    ASSERT_TRUE(!by_statement || !told.matched_statements->empty()) << "seed " << seed;
    ASSERT_EQ(told.permissions_boundary_decision_detail.has_value(), world.own.boundary.has_value());
    allowed += real.allowed();
    explicit_denies += real.effect == aws::AccessEffect::explicit_deny;
    bounded += told.permissions_boundary_decision_detail.has_value();
  }
  EXPECT_GT(allowed, 400);
  EXPECT_GT(explicit_denies, 400);
  EXPECT_GT(bounded, 400);
}

TEST(IamSimulation, StatementsAreTold) {
  const std::string document = R"({"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Action":"ses:*","Resource":"*","Condition":{"StringEquals":{"ses:FromAddress":"a@x.y"}}},
  {"Effect":"Deny","Action":"ses:SendEmail","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]})";
  Simulation s;
  s.own.identity.push_back({aws::parse_policy(document, aws::PolicyUse::identity), "user/bob/mail"});
  s.requester = aws::test::bob();
  s.documents["user/bob/mail"] = document;
  auto missing = evaluate(s, "ses:SendEmail", "*");
  EXPECT_EQ(*missing.eval_decision, "implicitDeny");
  EXPECT_EQ(*missing.missing_context_values,
            (std::vector<std::string>{"ses:FromAddress", "aws:SecureTransport"}));
  EXPECT_TRUE(missing.matched_statements->empty());
  EXPECT_FALSE(missing.resource_specific_results.has_value());

  s.context.set("ses:FromAddress", std::string("a@x.y"));
  s.context.set("aws:SecureTransport", std::string("true"));
  auto allowed = evaluate(s, "ses:SendEmail", "*");
  EXPECT_EQ(*allowed.eval_decision, "allowed");
  ASSERT_EQ(allowed.matched_statements->size(), 1u);
  const auto& by = allowed.matched_statements->front();
  EXPECT_EQ(*by.source_policy_id, "user_bob_mail");
  EXPECT_EQ(*by.source_policy_type, "user");
  EXPECT_EQ(*by.start_position->line, 2);
  EXPECT_EQ(*by.start_position->column, 3);

  s.context.set("aws:SecureTransport", std::string("false"));
  auto denied = evaluate(s, "ses:SendEmail", "*");
  EXPECT_EQ(*denied.eval_decision, "explicitDeny");
  ASSERT_EQ(denied.matched_statements->size(), 1u);
  EXPECT_EQ(*denied.matched_statements->front().start_position->line, 3);
}

}  // namespace
}  // namespace api::iam

// Who may what: the layers against each other, principals, actions and resources, explanations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/policy_test_tools.h"

namespace aws {
namespace {

using test::attached;
using test::statement;
using testing::ElementsAre;

constexpr std::string_view kOther = "444455556666";
constexpr std::string_view kRole = "arn:aws:iam::111122223333:role/sender";
constexpr std::string_view kSession = "arn:aws:sts::111122223333:assumed-role/sender/one";

std::string whom(std::string_view aws) { return R"(,"Principal":{"AWS":")" + std::string(aws) + "\"}"; }

struct Asked {
  Requester requester = test::bob();
  PolicySet own;
  std::vector<AttachedPolicy> of_resource;
  ConditionContext context;
  std::string action = "ses:SendEmail";
  std::string resource{test::kIdentity};
  std::string resource_account{};

  AccessRequest request() const { return {action, resource, resource_account, requester, context}; }
  Decision decide() const { return aws::decide(own, of_resource, request()); }
  Explanation explain() const { return aws::explain(own, of_resource, request()); }
};

std::string told(const Decision& decision) {
  return std::string(to_string(decision.effect)) + " " + std::string(to_string(decision.layer));
}

// A layer that is not there, is there and silent, allows, denies.
enum class Says { absent, nothing, allow, deny };
constexpr Says kSays[] = {Says::absent, Says::nothing, Says::allow, Says::deny};

std::vector<AttachedPolicy> layer(Says says, PolicyUse use = PolicyUse::identity,
                                  std::string_view more = "") {
  switch (says) {
    case Says::absent:
      return {};
    case Says::nothing:
      return {
          attached(R"({"Effect":"Allow","Action":"sns:*","Resource":"*")" + std::string(more) + "}", use)};
    case Says::allow:
      return {attached(statement("Allow", more), use)};
    case Says::deny:
      return {attached(statement("Allow", more) + "," + statement("Deny", more), use)};
  }
  return {};
}

// The whole matrix against the rules as they are published, written down once more and plainly.
struct Row {
  Says identity, boundary, session, resource;
  bool across, directly;
};

bool may(const Row& row) {
  for (Says says : {row.identity, row.boundary, row.session, row.resource})
    if (says == Says::deny) return false;
  bool limits = (row.boundary == Says::absent || row.boundary == Says::allow) &&
                (row.session == Says::absent || row.session == Says::allow);
  bool identity = row.identity == Says::allow, resource = row.resource == Says::allow;
  if (row.across) return identity && limits && resource;
  if (resource && row.directly) return true;
  return (identity || resource) && limits;
}

Asked asked(const Row& row) {
  Asked a;
  a.own.identity = layer(row.identity);
  if (auto boundary = layer(row.boundary); !boundary.empty()) a.own.boundary = boundary[0];
  a.own.session = layer(row.session);
  a.of_resource = layer(row.resource, PolicyUse::resource, whom(row.directly ? test::kBob : "*"));
  a.resource_account = row.across ? kOther : test::kAccount;
  return a;
}

TEST(PolicyDecide, Matrix) {
  int rows = 0;
  for (bool across : {false, true})
    for (bool directly : {false, true})
      for (Says identity : kSays)
        for (Says boundary : kSays)
          for (Says session : kSays)
            for (Says resource : kSays) {
              Row row{identity, boundary, session, resource, across, directly};
              Asked a = asked(row);
              bool any_deny = identity == Says::deny || boundary == Says::deny || session == Says::deny ||
                              resource == Says::deny;
              auto decision = a.decide();
              EXPECT_EQ(decision.allowed(), may(row)) << rows << " " << told(decision);
              EXPECT_EQ(decision.effect == AccessEffect::explicit_deny, any_deny) << rows;
              EXPECT_EQ(decision.policy == nullptr, decision.effect == AccessEffect::implicit_deny) << rows;
              EXPECT_EQ(decision, a.explain().decision) << rows;
              ++rows;
            }
  EXPECT_EQ(rows, 1024);
}

TEST(PolicyDecide, TheLayerThatDecided) {
  auto of = [](Says identity, Says boundary, Says session, Says resource, bool across = false) {
    return told(asked({identity, boundary, session, resource, across, false}).decide());
  };
  constexpr Says absent = Says::absent, nothing = Says::nothing, allow = Says::allow, deny = Says::deny;
  EXPECT_EQ(of(absent, absent, absent, absent), "implicitDeny identity");
  EXPECT_EQ(of(allow, absent, absent, absent), "allowed identity");
  EXPECT_EQ(of(allow, nothing, allow, absent), "implicitDeny boundary");
  EXPECT_EQ(of(allow, allow, nothing, absent), "implicitDeny session");
  EXPECT_EQ(of(nothing, absent, absent, allow), "allowed resource");
  EXPECT_EQ(of(nothing, nothing, absent, allow), "implicitDeny boundary");
  EXPECT_EQ(of(allow, absent, absent, allow), "allowed identity");
  EXPECT_EQ(of(deny, deny, deny, deny), "explicitDeny identity");
  EXPECT_EQ(of(allow, allow, allow, deny), "explicitDeny resource");
  EXPECT_EQ(of(allow, absent, absent, absent, true), "implicitDeny resource");
  EXPECT_EQ(of(absent, absent, absent, allow, true), "implicitDeny identity");
  EXPECT_EQ(of(allow, absent, absent, allow, true), "allowed resource");
}

TEST(PolicyDecide, Root) {
  Asked a;
  a.requester.arn = "arn:aws:iam::111122223333:root";
  a.own.root = true;
  EXPECT_EQ(told(a.decide()), "allowed root");
  a.own.identity = layer(Says::deny);  // none can be attached to root: they are not asked
  EXPECT_EQ(told(a.decide()), "allowed root");
  a.of_resource = layer(Says::deny, PolicyUse::resource, whom(test::kAccount));
  EXPECT_EQ(told(a.decide()), "explicitDeny resource");
  a.of_resource.clear();
  a.resource_account = kOther;
  EXPECT_EQ(told(a.decide()), "implicitDeny resource");
  a.of_resource = layer(Says::allow, PolicyUse::resource, whom(test::kAccount));
  EXPECT_EQ(told(a.decide()), "allowed resource");
}

struct PrincipalCase {
  std::string_view principal;
  std::string_view user, session, stranger, anonymous, service;  // what a silent requester comes to
};

// With no policy of their own; the stranger's account is not the resource's, so that needs one.
TEST(PolicyDecide, PrincipalsWithinTheAccount) {
  constexpr std::string_view yes = "allowed resource", no = "implicitDeny identity",
                             none = "implicitDeny resource";
  const PrincipalCase cases[] = {
      {R"("Principal":"*")", yes, yes, no, yes, yes},
      {R"("Principal":{"AWS":"*"})", yes, yes, no, yes, yes},
      {R"("Principal":{"AWS":"111122223333"})", no, no, no, none, none},
      {R"("Principal":{"AWS":"arn:aws:iam::111122223333:root"})", no, no, no, none, none},
      {R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"})", yes, no, no, none, none},
      {R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/Bob"})", no, no, no, none, none},
      {R"("Principal":{"AWS":"arn:aws:iam::111122223333:role/sender"})", no, yes, no, none, none},
      {R"("Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/sender/one"})", no, yes, no, none, none},
      {R"("Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/sender/two"})", no, no, no, none, none},
      {R"("Principal":{"AWS":["444455556666","arn:aws:iam::111122223333:user/bob"]})", yes, no, no, none,
       none},
      {R"("Principal":{"Service":"ses.amazonaws.com"})", no, no, no, none, yes},
      {R"("Principal":{"Service":"sns.amazonaws.com"})", no, no, no, none, none},
      {R"("NotPrincipal":{"AWS":"arn:aws:iam::111122223333:user/bob"})", no, yes, no, yes, yes},
      {R"("NotPrincipal":{"AWS":"111122223333"})", no, no, no, yes, yes},
  };
  const Requester session{std::string(test::kAccount), std::string(kSession), {std::string(kRole)}, {}};
  const Requester stranger{std::string(kOther), "arn:aws:iam::444455556666:user/bob", {}, {}};
  for (const auto& c : cases) {
    Asked a;
    a.resource_account = test::kAccount;
    a.of_resource = {attached(statement("Allow", "," + std::string(c.principal)), PolicyUse::resource)};
    auto outcome = [&](Requester requester) {
      a.requester = std::move(requester);
      return told(a.decide());
    };
    EXPECT_EQ(outcome(test::bob()), c.user) << c.principal;
    EXPECT_EQ(outcome(session), c.session) << c.principal;
    EXPECT_EQ(outcome(stranger), c.stranger) << c.principal;
    EXPECT_EQ(outcome({}), c.anonymous) << c.principal;
    EXPECT_EQ(outcome({{}, {}, {}, "ses.amazonaws.com"}), c.service) << c.principal;
  }
}

TEST(PolicyDecide, SessionsAndWhomTheResourceNames) {
  Asked a;
  a.requester = {std::string(test::kAccount), std::string(kSession), {std::string(kRole)}, {}};
  a.own.in_session = true;
  a.own.identity = layer(Says::allow);
  EXPECT_EQ(told(a.decide()), "allowed identity");
  a.own.session = layer(Says::nothing);
  EXPECT_EQ(told(a.decide()), "implicitDeny session");
  a.of_resource = {attached(statement("Allow", whom(kRole)), PolicyUse::resource)};
  EXPECT_EQ(told(a.decide()), "implicitDeny session");
  a.of_resource = {attached(statement("Allow", whom(kSession)), PolicyUse::resource)};
  EXPECT_EQ(told(a.decide()), "allowed resource");
  a.own.session = {attached(R"({"Effect":"Allow","Action":"sns:*","Resource":"*"})"),
                   attached(statement("Allow"))};  // any of them
  a.of_resource.clear();
  EXPECT_EQ(told(a.decide()), "allowed identity");
  a.own.session.clear();
  a.own.federated = true;
  EXPECT_EQ(told(a.decide()), "implicitDeny session");
  a.own.session = layer(Says::allow);
  EXPECT_EQ(told(a.decide()), "allowed identity");
}

TEST(PolicyDecide, TrustPolicies) {
  auto trusting = [](std::string_view principal) {
    return attached(R"({"Effect":"Allow","Action":"sts:AssumeRole",)" + std::string(principal) + "}",
                    PolicyUse::trust);
  };
  Asked a;
  a.action = "sts:AssumeRole";
  a.resource = kRole;
  a.resource_account = test::kAccount;
  a.own.identity = layer(Says::allow);
  a.of_resource = {trusting(R"("Principal":{"Service":"ses.amazonaws.com"})")};
  EXPECT_EQ(told(a.decide()), "implicitDeny resource");
  a.of_resource = {trusting(R"("Principal":{"AWS":"111122223333"})")};
  EXPECT_EQ(told(a.decide()), "allowed identity");
  a.own.identity.clear();
  EXPECT_EQ(told(a.decide()), "implicitDeny identity");
  a.of_resource = {trusting(R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"})")};
  EXPECT_EQ(told(a.decide()), "allowed resource");
  a.of_resource = {trusting(R"("Principal":{"Service":"ses.amazonaws.com"})")};
  a.requester = {{}, {}, {}, "ses.amazonaws.com"};
  EXPECT_EQ(told(a.decide()), "allowed resource");
  a.of_resource = {trusting(R"("Principal":{"Federated":"accounts.google.com"})")};
  a.requester = {{}, "accounts.google.com", {}, {}};
  EXPECT_EQ(told(a.decide()), "allowed resource");
}

struct MatchCase {
  std::string_view members, action, resource;
  bool allowed;
};

TEST(PolicyDecide, ActionsAndResources) {
  constexpr std::string_view send = "ses:SendEmail", id = test::kIdentity;
  const MatchCase cases[] = {
      {R"("Action":"ses:SendEmail","Resource":"*")", send, id, true},
      {R"("Action":"SES:sendemail","Resource":"*")", send, id, true},
      {R"("Action":"ses:Send*","Resource":"*")", send, id, true},
      {R"("Action":"ses:Send?mail","Resource":"*")", send, id, true},
      {R"("Action":"ses:Send","Resource":"*")", send, id, false},
      {R"("Action":["sns:*","s3:*"],"Resource":"*")", send, id, false},
      {R"("NotAction":"ses:*","Resource":"*")", send, id, false},
      {R"("NotAction":["sns:*","iam:*"],"Resource":"*")", send, id, true},
      {R"("Action":"*","Resource":"arn:aws:ses:us-east-1:111122223333:identity/example.com")", send, id,
       true},
      {R"("Action":"*","Resource":"arn:aws:ses:us-east-1:111122223333:identity/Example.com")", send, id,
       false},
      {R"("Action":"*","Resource":"arn:aws:ses:*:*:identity/*.com")", send, id, true},
      {R"("Action":"*","Resource":"arn:aws:ses:*")", send, id, true},
      {R"("Action":"*","Resource":"arn:aws:ses:*:configuration-set/*")", send, id, false},
      {R"("Action":"*","Resource":"arn:aws:ses:*:*:identity/${aws:username}.com")", send, id, true},
      {R"("Action":"*","Resource":"arn:aws:ses:*:*:identity/${aws:none}.com")", send, id, false},
      {R"("Action":"*","NotResource":"arn:aws:ses:*:*:identity/*")", send, id, false},
      {R"("Action":"*","NotResource":"arn:aws:ses:*:*:template/*")", send, id, true},
      {R"("Action":"*","NotResource":"arn:aws:ses:*:*:template/${aws:none}")", send, id, false},
      {R"("Action":"*","Resource":"*")", "ses:ListIdentities", "*", true},
      {R"("Action":"*","Resource":"arn:aws:ses:*")", "ses:ListIdentities", "*", false},
      {R"("Action":"*","NotResource":"arn:aws:ses:*")", "ses:ListIdentities", "*", true},
  };
  for (const auto& c : cases) {
    Asked a;
    a.context.set("aws:username", "example");
    a.action = c.action;
    a.resource = c.resource;
    a.own.identity = {attached(R"({"Effect":"Allow",)" + std::string(c.members) + "}")};
    EXPECT_EQ(a.decide().allowed(), c.allowed) << c.members;
  }
}

TEST(PolicyDecide, VariablesNeedTheNewerVersion) {
  Asked a;
  a.context.set("aws:username", "example.com");
  constexpr std::string_view text =
      R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:ses:*:*:identity/${aws:username}"})";
  for (auto [version, allowed] : {std::pair("2012-10-17", true), std::pair("2008-10-17", false)}) {
    a.own.identity = {{parse_policy(test::document(text, version), PolicyUse::identity), "p"}};
    EXPECT_EQ(version_of(*a.own.identity[0].policy), version);
    EXPECT_EQ(a.decide().allowed(), allowed) << version;
  }
}

TEST(PolicyDecide, WithoutAPolicy) {
  Asked a;
  a.own.identity = {{nullptr, "lost"}};
  a.own.boundary = AttachedPolicy{nullptr, "lost"};
  a.of_resource = {{nullptr, "lost"}};
  EXPECT_EQ(told(a.decide()), "implicitDeny identity");
  a.own.identity = layer(Says::allow);
  EXPECT_EQ(told(a.decide()), "implicitDeny boundary");
  a.requester = {};
  EXPECT_EQ(told(a.decide()), "implicitDeny resource");
}

TEST(PolicyExplain, SaysWhyEachStatementDidNotMatch) {
  Asked a;
  a.context.set("ses:ApiVersion", "1");
  a.own.identity = {
      attached(R"({"Sid":"Read","Effect":"Allow","Action":"ses:Get*","Resource":"*"},)"
               R"({"Effect":"Allow","Action":"ses:*","Resource":"arn:aws:ses:*:*:identity/other.com"},)"
               R"({"Effect":"Allow","NotAction":["ses:*","sns:*"],"Resource":"*"},)"
               R"({"Effect":"Deny","Action":"*","Resource":"*",)"
               R"("Condition":{"StringEquals":{"ses:ApiVersion":"2"}}})",
               PolicyUse::identity, "user/bob/first"),
      attached(R"({"Sid":"V1","Effect":"Allow","Action":"*","Resource":"*",)"
               R"("Condition":{"StringEquals":{"ses:ApiVersion":["1","3"]}}},)"
               R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{)"
               R"("ses:FromAddress":"*@example.com","aws:PrincipalTag/x":"${aws:userid}"}}},)"
               R"({"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{)"
               R"("ses:ApiVersion":["1","2"]}}},)"
               R"({"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NumericGreaterThan":{)"
               R"("ses:ApiVersion":1}}})",
               PolicyUse::identity, "user/bob/second")};
  a.of_resource = {attached(statement("Deny", whom(kOther)), PolicyUse::resource, "identity policy")};
  auto explanation = a.explain();
  EXPECT_EQ(told(explanation.decision), "allowed identity");
  EXPECT_EQ(explanation.decision.policy, &a.own.identity[1]);
  EXPECT_EQ(explanation.decision.statement, 0);
  EXPECT_EQ(explanation.decision.sid, "V1");
  std::vector<std::string> lines;
  for (const auto& trace : explanation.statements)
    lines.push_back(std::string(to_string(trace.layer)) + " " + trace.policy + " " +
                    std::to_string(trace.index) + " " + trace.sid + (trace.allow ? " Allow: " : " Deny: ") +
                    (trace.matched ? "matched" : trace.why_not));
  EXPECT_THAT(
      lines,
      ElementsAre(
          "identity user/bob/first 0 Read Allow: action ses:SendEmail does not match ses:Get*",
          "identity user/bob/first 1  Allow: resource "
          "arn:aws:ses:us-east-1:111122223333:identity/example.com "
          "does not match arn:aws:ses:*:*:identity/other.com",
          "identity user/bob/first 2  Allow: action ses:SendEmail is excepted by NotAction ses:*, sns:*",
          "identity user/bob/first 3  Deny: condition StringEquals ses:ApiVersion: '1' is not '2'",
          "identity user/bob/second 0 V1 Allow: matched",
          "identity user/bob/second 1  Allow: condition StringLike ses:FromAddress: the key is absent",
          "identity user/bob/second 2  Deny: condition StringNotEquals ses:ApiVersion: '1' is any of '1', "
          "'2'",
          "identity user/bob/second 3  Deny: condition NumericGreaterThan ses:ApiVersion: '1' is not greater "
          "than '1'",
          "resource identity policy 0  Deny: principal arn:aws:iam::111122223333:user/bob is not named"));
  EXPECT_THAT(explanation.missing_context,
              ElementsAre("ses:FromAddress", "aws:PrincipalTag/x", "aws:userid"));
}

}  // namespace
}  // namespace aws

#include "ses/sending_policy.h"

#include <gmock/gmock.h>

#include "ses/identity_name.h"
#include "ses/test_world.h"

namespace ses {
namespace {

using testing::fault_of;

const Scope kScope{AccountId("123456789012"), Region("us-east-1")};
constexpr const char* kArn = "arn:aws:ses:us-east-1:123456789012:identity/example.com";

// A policy of one statement with its parts replaced.
struct Parts {
  std::string effect = R"("Allow")", principal = R"({"AWS": "210987654321"})", action = R"("ses:SendEmail")",
              resource = "\"" + std::string(kArn) + "\"", more = {};
};

std::string policy(const Parts& p) {
  return R"({"Version": "2012-10-17", "Statement": [{"Sid": "x", "Effect": )" + p.effect +
         R"(, "Principal": )" + p.principal + R"(, "Action": )" + p.action + R"(, "Resource": )" +
         p.resource + p.more + "}]}";
}

std::string fault(const std::string& text) {
  try {
    checked_policy(text, kScope, "example.com");
  } catch (const base::Fault& f) {
    EXPECT_EQ(f.v1_code(), "InvalidPolicy");
    EXPECT_EQ(f.v2_type(), "BadRequestException");
    return f.message().substr(std::string("Invalid policy: ").size());
  }
  return "";
}

TEST(SendingPolicy, Names) {
  const std::string bad =
      "BadRequestException: PolicyName is invalid. Policy names must only include alpha-numeric characters, "
      "dashes, and underscores.";
  for (const char* name : {"a", "A-b_9", "policy"}) EXPECT_EQ(fault_of([&] { check_policy_name(name); }), "");
  for (const char* name : {"a b", "a.b", "a/b", "\xc3\xa9"})
    EXPECT_EQ(fault_of([&] { check_policy_name(name); }), bad) << name;
}

TEST(SendingPolicy, Good) {
  EXPECT_EQ(fault(policy({})), "");
  for (const char* principal :
       {R"("*")", R"({"AWS": "*"})", R"({"AWS": ["arn:aws:iam::210987654321:root", "210987654321"]})",
        R"({"AWS": "arn:aws:iam::210987654321:user/a/b"})", R"({"Service": "cognito-idp.amazonaws.com"})"})
    EXPECT_EQ(fault(policy({.principal = principal})), "") << principal;
  for (const char* action : {R"("ses:SendRawEmail")", R"("SES:SendEmail")", R"("ses:Send*")",
                             R"(["ses:SendTemplatedEmail", "ses:SendBulkTemplatedEmail"])"})
    EXPECT_EQ(fault(policy({.action = action})), "") << action;
  EXPECT_EQ(fault(policy({.resource = "[\"" + std::string(kArn) + "\"]"})), "");
  EXPECT_EQ(fault(policy({.more = R"(, "Condition": {"StringLike": {"ses:FromAddress": ["a*", "b*"]}})"})),
            "");
  EXPECT_EQ(fault(policy({.effect = R"("Deny")"})), "");
  // One statement without its list; a version of another time.
  auto bare =
      R"({"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"ses:SendEmail",)"
      R"("Resource":")" +
      std::string(kArn) + "\"}}";
  EXPECT_EQ(fault(bare), "");
}

TEST(SendingPolicy, NamesOfAllKinds) {
  for (const char* name : {"Example.COM", "bob@example.com", "\"a:b\"@example.com"}) {
    auto arn = "arn:aws:ses:us-east-1:123456789012:identity/" + std::string(name);
    std::string quoted;
    for (char c : arn) quoted += c == '"' ? std::string("\\\"") : std::string(1, c);
    auto identity = normal_name(name).value_or("none");
    EXPECT_EQ(fault_of([&] { checked_policy(policy({.resource = "\"" + quoted + "\""}), kScope, identity); }),
              "")
        << name;
  }
}

TEST(SendingPolicy, Bad) {
  struct Case {
    std::string text, fault;
  };
  const std::string no_json = "The text is not a JSON object.";
  const std::string no_statement = "There must be at least one statement.";
  const Case cases[] = {
      {"", no_json},
      {"{", no_json},
      {"[]", no_json},
      {std::string(200, '['), no_json},
      {"{}", no_statement},
      {R"({"Statement": []})", no_statement},
      {R"({"Statement": ["x"]})", "A statement must be an object."},
      {R"({"Statement": {}})", "A statement must have Effect."},
      {policy({.effect = R"("Maybe")"}), "Effect must be Allow or Deny."},
      {policy({.principal = "{}"}), "Principal must be \"*\" or name AWS or Service."},
      {policy({.principal = R"("bob")"}), "Principal must be \"*\" or name AWS or Service."},
      {policy({.principal = R"({"AWS": []})"}), "Principal AWS must be a string or a list of strings."},
      {policy({.principal = R"({"AWS": "bob"})"}), "Principal bob is not valid."},
      {policy({.principal = R"({"Federated": "x.example"})"}), "Principal Federated is not supported."},
      {policy({.action = R"("ses:GetSendQuota")"}), "Action ses:GetSendQuota is not supported."},
      {policy({.action = R"("s3:PutObject")"}), "Action s3:PutObject is not supported."},
      {policy({.action = "[]"}), "Action must be a string or a list of strings."},
      {policy({.action = "[1]"}), "Action must be a string or a list of strings."},
      {policy({.resource = R"("*")"}), "Resource * is not the ARN of the identity."},
      {policy({.resource = R"("arn:aws:ses:us-east-1:123456789012:identity/other.example")"}),
       "Resource arn:aws:ses:us-east-1:123456789012:identity/other.example is not the ARN of the identity."},
      {policy({.resource = R"("arn:aws:ses:eu-west-1:123456789012:identity/example.com")"}),
       "Resource arn:aws:ses:eu-west-1:123456789012:identity/example.com is not the ARN of the identity."},
      {policy({.resource = "[\"" + std::string(kArn) + "\", \"" + std::string(kArn) + "\"]"}),
       "A statement must have exactly one Resource."},
      {policy({.more = R"(, "Condition": [])"}), "Condition must be an object."},
      {policy({.more = R"(, "Condition": {"StringLike": "x"})"}),
       "Each operator of a Condition must hold an object."},
      {policy({.more = R"(, "Condition": {"StringLikes": {"ses:FromAddress": "x"}})"}),
       "Syntax errors in policy. Statement 1: there is no condition operator StringLikes."},
      {policy({.more = R"(, "Effect": "Deny")"}),
       "Syntax errors in policy. Statement 1 has the member Effect twice."},
      {policy({.more = R"(, "NotAction": "x")"}), "A statement must not have NotAction."},
      {policy({.more = R"(, "Condition": {"StringLike": {"ses:FromAddress": ")" + std::string(5000, 'x') +
                       R"("}})"}),
       "The text must not be larger than 4096 bytes."},
  };
  for (const auto& c : cases) EXPECT_EQ(fault(c.text), c.fault) << c.text.substr(0, 200);
}

TEST(SendingPolicy, KeptWithoutWhitespace) {
  EXPECT_EQ(compact_json("{ \"a b\" :\t[1.50 , \"\\\" \\\\\" ]\r\n}"), "{\"a b\":[1.50,\"\\\" \\\\\"]}");
  EXPECT_EQ(compact_json("\"open \\"), "\"open \\");
  auto kept =
      checked_policy("\n " + policy({.more = ", \"Condition\": {\"StringLike\": {\"ses:a\": \"b  c\"}}"}),
                     kScope, "example.com");
  EXPECT_EQ(kept, R"({"Version":"2012-10-17","Statement":[{"Sid":"x","Effect":"Allow","Principal":)"
                  R"({"AWS":"210987654321"},"Action":"ses:SendEmail","Resource":")" +
                      std::string(kArn) + R"(","Condition":{"StringLike":{"ses:a":"b  c"}}}]})");
}

// What the policies of example.com make of a send by the account 210987654321, whose own policies allow all.
aws::AccessEffect effect_of(const std::map<std::string, std::string>& policies) {
  Identity identity;
  identity.scope = kScope;
  identity.name = "example.com";
  identity.policies = policies;
  const auto compiled = compiled_policies(identity);
  aws::PolicySet everything;
  everything.root = true;
  const aws::Requester requester{"210987654321", "arn:aws:iam::210987654321:root", {}, {}};
  const aws::ConditionContext context;
  return aws::decide(everything, compiled, {"ses:SendEmail", kArn, kScope.account.str(), requester, context})
      .effect;
}

TEST(SendingPolicy, Compiled) {
  using Effect = aws::AccessEffect;
  EXPECT_EQ(effect_of({}), Effect::implicit_deny);
  EXPECT_EQ(effect_of({{"a", policy({})}}), Effect::allowed);
  EXPECT_EQ(effect_of({{"a", policy({})}, {"b", policy({.effect = R"("Deny")"})}}), Effect::explicit_deny);
  // The name as somebody else writes it, and any version (SES §9).
  auto resource = R"("arn:aws:ses:us-east-1:123456789012:identity/EXAMPLE.com")";
  EXPECT_EQ(effect_of({{"a", policy({.resource = resource})}}), Effect::allowed);
  auto text = policy({});
  text.replace(text.find("2012-10-17"), 10, "once upon a time");
  EXPECT_EQ(fault(text), "");
  EXPECT_EQ(effect_of({{"a", text}}), Effect::allowed);
  // Kept by somebody who took what this engine does not.
  EXPECT_EQ(effect_of({{"a", policy({})}, {"b", "{"}}), Effect::explicit_deny);
}

TEST(SendingPolicy, NamesOfCompiledOnes) {
  Identity identity;
  identity.scope = kScope;
  identity.name = "example.com";
  identity.policies = {{"two", policy({})}, {"one", policy({})}};
  auto compiled = compiled_policies(identity);
  ASSERT_EQ(compiled.size(), 2u);
  EXPECT_EQ(compiled[0].name, "identity/example.com/one");
  EXPECT_EQ(compiled[1].name, "identity/example.com/two");
}

}  // namespace
}  // namespace ses

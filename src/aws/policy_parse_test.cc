// Documents that are refused, with their texts, and such that are not.
#include <gtest/gtest.h>

#include "aws/policy_test_tools.h"
#include "base/fault.h"

namespace aws {
namespace {

struct Case {
  std::string document;
  std::string_view text;  // empty: accepted
};

std::string refusal(std::string_view json, PolicyUse use, std::size_t most = kMaxPolicyDocument) {
  try {
    parse_policy(json, use, most);
  } catch (const base::Fault& fault) {
    EXPECT_EQ(fault.v1_code(), "MalformedPolicyDocument");
    EXPECT_EQ(fault.v1_status(), 400);
    return fault.message();
  }
  return {};
}

void check(const std::vector<Case>& cases, PolicyUse use) {
  for (const auto& c : cases) EXPECT_EQ(refusal(c.document, use), c.text) << c.document;
}

std::string one(std::string_view members) { return test::document("{" + std::string(members) + "}"); }
std::string with(std::string_view members) {
  return one(R"("Effect":"Allow","Action":"ses:*","Resource":"*",)" + std::string(members));
}
std::string action(std::string_view value) {
  return one(R"("Effect":"Allow","Resource":"*","Action":)" + std::string(value));
}
std::string resource(std::string_view value) {
  return one(R"("Effect":"Allow","Action":"*","Resource":)" + std::string(value));
}
std::string principal(std::string_view value) { return with(R"("Principal":)" + std::string(value)); }
std::string trust(std::string_view members) {
  return one(R"("Effect":"Allow","Principal":{"AWS":"111122223333"},)" + std::string(members));
}

#define SYNTAX "Syntax errors in policy. "
constexpr std::string_view kPrefaced =
    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

TEST(PolicyParse, Documents) {
  const std::string good = R"({"Effect":"Allow","Action":"*","Resource":"*"})";
  check(
      {
          {test::document(good), ""},
          {test::document(good, "2008-10-17"), ""},
          {R"({"Statement":)" + good + "}", ""},
          {R"({"Version":"2012-10-17","Id":"x","Statement":[)" + good + "," + good + "]}", ""},
          {"", SYNTAX "The document is not valid JSON."},
          {"{", SYNTAX "The document is not valid JSON."},
          {"[]", SYNTAX "The document must be an object."},
          {test::document(good) + "x", SYNTAX "The document is not valid JSON."},
          {test::document(good, "2013-01-01"), SYNTAX "Version must be 2012-10-17 or 2008-10-17."},
          {R"({"Version":1,"Statement":[]})", SYNTAX "Version must be a string."},
          {R"({"Version":"2012-10-17"})", SYNTAX "There must be at least one Statement."},
          {R"({"Version":"2012-10-17","Statement":[]})", SYNTAX "There must be at least one Statement."},
          {R"({"Version":"2012-10-17","Statement":["x"]})", SYNTAX "Statement 1 must be an object."},
          {R"({"Version":"2012-10-17","Statement":"x"})", SYNTAX "Statement 1 must be an object."},
          {R"({"Statement":[)" + good + R"(],"Extra":1})",
           SYNTAX "The document has the unknown member Extra."},
          {R"({"Statement":[],"Statement":[)" + good + "]}",
           SYNTAX "The document has the member Statement twice."},
          {R"({"Id":[],"Statement":[)" + good + "]}", SYNTAX "Id must be a string."},
          {R"({"statement":[)" + good + "]}", SYNTAX "The document has the unknown member statement."},
      },
      PolicyUse::identity);
  EXPECT_EQ(refusal(test::document(good), PolicyUse::identity, 20),
            SYNTAX "The document is larger than 20 bytes.");
  std::string deep(1000, '[');
  EXPECT_EQ(refusal(deep, PolicyUse::identity), SYNTAX "The document is not valid JSON.");
  std::string many = good;
  for (int i = 0; i < 600; ++i) many += "," + good;
  EXPECT_EQ(refusal(test::document(many), PolicyUse::identity, 1 << 20),
            SYNTAX "There are too many statements.");
}

TEST(PolicyParse, Statements) {
  check(
      {
          {one(R"("Action":"*","Resource":"*")"), SYNTAX "Statement 1 has no Effect."},
          {one(R"("Effect":"allow","Action":"*","Resource":"*")"),
           SYNTAX "Statement 1: Effect must be Allow or Deny."},
          {one(R"("Effect":["Allow"],"Action":"*","Resource":"*")"),
           SYNTAX "Statement 1: Effect must be a string."},
          {one(R"("Effect":"Allow","Resource":"*")"), "Policy statement must contain actions."},
          {one(R"("Effect":"Allow","Action":"*")"), "Policy statement must contain resources."},
          {with(R"("NotAction":"*")"), SYNTAX "Statement 1 has both Action and NotAction."},
          {with(R"("NotResource":"*")"), SYNTAX "Statement 1 has both Resource and NotResource."},
          {with(R"("Action":"*")"), SYNTAX "Statement 1 has the member Action twice."},
          {with(R"("Conditions":{})"), SYNTAX "Statement 1 has the unknown member Conditions."},
          {with(R"("Principal":"*")"), "Policy document should not specify a principal."},
          {with(R"("NotPrincipal":"*")"), "Policy document should not specify a principal."},
          {with(R"("Sid":"Abc123")"), ""},
          {with(R"("Sid":"")"), ""},
          {with(R"("Sid":7)"), SYNTAX "Statement 1: Sid must be a string."},
          {with(R"("Sid":"a b")"),
           "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
           "expression [0-9A-Za-z]*"},
          {test::document(test::statement("Allow", R"(,"Sid":"a")") + "," +
                          test::statement("Deny", R"(,"Sid":"a")")),
           "Statement IDs (SID) in a single policy must be unique."},
          {test::document(test::statement("Allow") + R"(,{"Effect":"Deny"})"),
           "Policy statement must contain actions."},
      },
      PolicyUse::identity);
}

TEST(PolicyParse, Actions) {
  check(
      {
          {action(R"("*")"), ""},
          {action(R"(["ses:Send*","iam:?et*"])"), ""},
          {action(R"("*:Get")"), ""},
          {action("[]"), "Policy statement must contain actions."},
          {action(R"("")"), kPrefaced},
          {action(R"("SendEmail")"), kPrefaced},
          {action(R"(["ses:SendEmail",""])"), kPrefaced},
          {action(R"("ses:Send:Email")"), "Actions/Condition can contain only one colon."},
          {action(R"("s*s:Send")"), "Vendor s*s is not valid"},
          {action(R"(":Send")"), "Vendor  is not valid"},
          {action("7"), SYNTAX "Statement 1: Action must be a string."},
          {action("[[\"ses:*\"]]"), SYNTAX "Statement 1: Action must be a string."},
      },
      PolicyUse::identity);
}

TEST(PolicyParse, Resources) {
  check(
      {
          {resource(R"("*")"), ""},
          {resource(R"(["arn:aws:ses:us-east-1:111122223333:identity/*","*"])"), ""},
          {resource(R"("arn:aws:ses:*")"), ""},
          {resource(R"("arn:aws:ses:*:*:identity/${aws:username}")"), ""},
          {resource(R"("arn:aws-cn:s3:::bucket/*")"), ""},
          {resource("[]"), "Policy statement must contain resources."},
          {resource(R"("")"), R"(Resource  must be in ARN format or "*".)"},
          {resource(R"("identity/x")"), R"(Resource identity/x must be in ARN format or "*".)"},
          {resource(R"("urn:aws:ses:a:b:c")"), R"(Resource urn:aws:ses:a:b:c must be in ARN format or "*".)"},
          {resource(R"("arn:gcp:ses:a:b:c")"),
           R"(Partition "gcp" is not valid for resource "arn:gcp:ses:a:b:c".)"},
          {resource(R"("arn:*:ses:a:b:c")"), R"(Partition "*" is not valid for resource "arn:*:ses:a:b:c".)"},
          {resource(R"("arn:aws:s*:a:b:c")"),
           "Resource vendor must be fully qualified and cannot contain regexes."},
          {resource(R"("arn:aws")"), "Resource vendor must be fully qualified and cannot contain regexes."},
          {resource(R"("arn:aws::a:b:c")"), "The policy failed legacy parsing"},
          {resource(R"("arn:aws:s3::bucket")"), "The policy failed legacy parsing"},
          {resource(R"("arn:aws:iam:us-east-1:1:user/x")"),
           "IAM resource arn:aws:iam:us-east-1:1:user/x cannot contain region information."},
          {resource(R"("arn:aws:ses:*:*:identity/${aws:username")"),
           "Resource arn:aws:ses:*:*:identity/${aws:username has a policy variable that is not well formed."},
          {resource("{}"), SYNTAX "Statement 1: Resource must be a string."},
      },
      PolicyUse::identity);
}

TEST(PolicyParse, Conditions) {
#define AT SYNTAX "Statement 1: "
  check(
      {
          {with(R"("Condition":{})"), ""},
          {with(R"("Condition":{"Bool":{"aws:SecureTransport":true}})"), ""},
          {with(R"("Condition":{"ForAnyValue:StringLikeIfExists":{"ses:Recipients":["a"]}})"), ""},
          {with(R"("Condition":[])"), AT "Condition must be an object."},
          {with(R"("Condition":{"StringEqual":{"a:b":"c"}})"),
           AT "there is no condition operator StringEqual."},
          {with(R"("Condition":{"stringequals":{"a:b":"c"}})"),
           AT "there is no condition operator stringequals."},
          {with(R"("Condition":{"NullIfExists":{"a:b":"true"}})"),
           AT "there is no condition operator NullIfExists."},
          {with(R"("Condition":{"ForSome:Bool":{"a:b":"true"}})"),
           AT "there is no condition operator ForSome:Bool."},
          {with(R"("Condition":{"StringEquals":"x"})"), AT "Condition StringEquals must be an object."},
          {with(R"("Condition":{"StringEquals":{"word":"x"}})"), kPrefaced},
          {with(R"("Condition":{"StringEquals":{"a:b":null}})"),
           AT "Condition StringEquals a:b must have a value or a list of values."},
          {with(R"("Condition":{"StringEquals":{"a:b":[["x"]]}})"),
           AT "Condition StringEquals a:b must have a value or a list of values."},
          {with(R"("Condition":{"StringEquals":{"a:b":"x","a:b":"y"}})"),
           AT "Condition StringEquals has the member a:b twice."},
          {with(R"("Condition":{"NumericEquals":{"a:b":"x"}})"),
           AT "Condition NumericEquals a:b has a value that is not valid: x"},
          {with(R"("Condition":{"NumericEquals":{"a:b":"${a:c}"}})"),
           AT "Condition NumericEquals a:b has a value that is not valid: ${a:c}"},
          {with(R"("Condition":{"DateLessThan":{"a:b":"soon"}})"),
           AT "Condition DateLessThan a:b has a value that is not valid: soon"},
          {with(R"("Condition":{"IpAddress":{"a:b":["10.0.0.0/8","10.0.0.0/33"]}})"),
           AT "Condition IpAddress a:b has a value that is not valid: 10.0.0.0/33"},
          {with(R"("Condition":{"Bool":{"a:b":"yes"}})"),
           AT "Condition Bool a:b has a value that is not valid: yes"},
          {with(R"("Condition":{"BinaryEquals":{"a:b":"%"}})"),
           AT "Condition BinaryEquals a:b has a value that is not valid: %"},
          {with(R"("Condition":{"StringLike":{"a:b":"${"}})"),
           AT "Condition StringLike a:b has a value that is not valid: ${"},
      },
      PolicyUse::identity);
#undef AT
}

TEST(PolicyParse, Principals) {
  auto invalid = [](std::string_view value, std::string text) {
    return std::pair(principal(value), "Invalid principal in policy: " + text);
  };
  check(
      {
          {principal(R"("*")"), ""},
          {principal(R"({"AWS":"*"})"), ""},
          {principal(R"({"AWS":["111122223333","arn:aws:iam::111122223333:root"]})"), ""},
          {principal(R"({"AWS":"arn:aws:iam::111122223333:user/path/bob"})"), ""},
          {principal(R"({"AWS":"arn:aws:sts::111122223333:assumed-role/r/s"})"), ""},
          {principal(
               R"({"Service":"ses.amazonaws.com","CanonicalUser":"79a5","Federated":"accounts.google.com"})"),
           ""},
          {with(R"("NotPrincipal":{"AWS":"111122223333"})"), ""},
          {test::document(test::statement("Allow", R"(,"Principal":"*")"), "any text"), ""},
          {with(R"("Sid":"a b/c","Principal":"*")"), ""},
          {one(R"("Effect":"Allow","Action":"*","Resource":"*")"), "Missing required field Principal"},
          {one(R"("Principal":"*","Action":"*","Resource":"*")"), "Missing required field Effect"},
          {principal("{}"), "Missing required field Principal cannot be empty!"},
          {principal(R"({"AWS":[]})"), "Missing required field Principal cannot be empty!"},
          {principal("[]"), SYNTAX "Statement 1: Principal must be an object."},
          {principal(R"({"AWS":1})"), SYNTAX "Statement 1: Principal must be a string."},
          {with(R"("Principal":"*","NotPrincipal":"*")"),
           SYNTAX "Statement 1 has both Principal and NotPrincipal."},
          {one(R"("Effect":"Allow","Principal":"*","Resource":"*")"),
           "Policy statement must contain actions."},
          {"{", "This policy contains invalid Json"},
      },
      PolicyUse::resource);
  for (const auto& [json, text] :
       {invalid(R"("bob")", R"("bob")"), invalid(R"({"AWS":"bob"})", R"("AWS":"bob")"),
        invalid(R"({"AWS":"11112222333"})", R"("AWS":"11112222333")"),
        invalid(R"({"AWS":"arn:aws:iam::111122223333:user/*"})",
                R"("AWS":"arn:aws:iam::111122223333:user/*")"),
        invalid(R"({"AWS":"arn:aws:iam::111122223333:group/x"})",
                R"("AWS":"arn:aws:iam::111122223333:group/x")"),
        invalid(R"({"Service":"ses"})", R"("Service":"ses")"),
        invalid(R"({"Service":"*"})", R"("Service":"*")"), invalid(R"({"Role":"x"})", R"("Role":"x")")})
    EXPECT_EQ(refusal(json, PolicyUse::resource), text) << json;
}

TEST(PolicyParse, TrustPolicies) {
  check(
      {
          {trust(R"("Action":"sts:AssumeRole")"), ""},
          {trust(R"("Action":["sts:AssumeRole","sts:TagSession"])"), ""},
          {trust(R"("Action":"STS:*")"), ""},
          {one(R"("Effect":"Allow","Action":"sts:AssumeRole")"), "Missing required field Principal"},
          {trust(R"("Sid":"x")"), "Missing required field Action"},
          {trust(R"("Action":"*")"), "AssumeRole policy may only specify STS AssumeRole actions."},
          {trust(R"("Action":"ses:SendEmail")"),
           "AssumeRole policy may only specify STS AssumeRole actions."},
          {trust(R"("Action":"sts:AssumeRole","Resource":"*")"), "Has prohibited field Resource"},
          {trust(R"("Action":"sts:AssumeRole","NotResource":"*")"),
           "AssumeRole policy must not contain resources."},
          {one(R"("Effect":"Allow","NotPrincipal":{"AWS":"*"},"Action":"sts:AssumeRole")"),
           "Allow with NotPrincipal is not allowed."},
          {one(R"("Effect":"Deny","NotPrincipal":{"AWS":"*"},"Action":"sts:AssumeRole")"),
           "AssumeRole policy must not contain NotPrincipal field."},
          {one(R"("Effect":"Yes","Principal":{"AWS":"*"},"Action":"sts:AssumeRole")"), "Invalid effect: Yes"},
          {R"({"Version":"1","Statement":[]})", "The policy must contain a valid version string"},
          {R"({"Version":"2012-10-17","Statement":[]})", "Could not parse the policy: Statement is empty!"},
          {"x", "This policy contains invalid Json"},
          {"7", "Syntax error in policy. The document must be an object."},
      },
      PolicyUse::trust);
}

}  // namespace
}  // namespace aws

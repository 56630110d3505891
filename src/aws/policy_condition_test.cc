// Every operator, over a request whose keys are written beside each case.
#include <gtest/gtest.h>

#include "aws/policy_test_tools.h"
#include "base/encoding.h"

namespace aws {
namespace {

struct Case {
  std::string_view condition;
  bool holds;
};

// Its keys: word=Blue, empty="", number=10, text=ten, when=2026-01-31T10:00:00Z, epoch=1769853600 (the same),
// yes=true, no=FALSE, ip, ip6, arn, bytes ("hello"), many=[a,b], one=[a], none=[].
ConditionContext sample() {
  ConditionContext context;
  context.set("t:word", "Blue");
  context.set("t:empty", "");
  context.set("t:number", "10");
  context.set("t:text", "ten");
  context.set("t:when", "2026-01-31T10:00:00Z");
  context.set("t:epoch", "1769853600");
  context.set("t:yes", "true");
  context.set("t:no", "FALSE");
  context.set("t:ip", "203.0.113.9");
  context.set("t:ip6", "2001:db8::9");
  context.set("t:arn", "arn:aws:ses:us-east-1:111122223333:identity/a@b.com");
  context.set("t:bytes", "aGVsbG8=");
  context.set("t:many", std::vector<std::string>{"a", "b"});
  context.set("t:one", std::vector<std::string>{"a"});
  context.set("t:none", std::vector<std::string>{});
  return context;
}

bool holds(std::string_view condition, std::string_view effect = "Allow") {
  auto requester = test::bob();
  auto context = sample();
  AccessRequest request{"ses:SendEmail", test::kIdentity, {}, requester, context};
  PolicySet own;
  own.identity.push_back(test::attached(test::statement(effect, ",\"Condition\":" + std::string(condition))));
  auto effect_found = decide(own, {}, request).effect;
  return effect_found == (effect == "Allow" ? AccessEffect::allowed : AccessEffect::explicit_deny);
}

template <std::size_t N>
void check(const Case (&cases)[N]) {
  for (const auto& c : cases) {
    EXPECT_EQ(holds(c.condition), c.holds) << c.condition;
    EXPECT_EQ(holds(c.condition, "Deny"), c.holds) << "Deny " << c.condition;
  }
}

TEST(PolicyCondition, Strings) {
  const Case cases[] = {
      {R"({"StringEquals":{"t:word":"Blue"}})", true},
      {R"({"StringEquals":{"T:Word":"Blue"}})", true},
      {R"({"StringEquals":{"t:word":"blue"}})", false},
      {R"({"StringEquals":{"t:word":["Red","Blue"]}})", true},
      {R"({"StringEquals":{"t:word":"B*"}})", false},
      {R"({"StringEquals":{"t:empty":""}})", true},
      {R"({"StringEquals":{"t:number":10}})", true},
      {R"({"StringEquals":{"t:yes":true}})", true},
      {R"({"StringEquals":{"t:word":[]}})", false},
      {R"({"StringNotEquals":{"t:word":[]}})", true},
      {R"({"StringNotEquals":{"t:word":"Red"}})", true},
      {R"({"StringNotEquals":{"t:word":["Red","Blue"]}})", false},
      {R"({"StringEqualsIgnoreCase":{"t:word":"bLUE"}})", true},
      {R"({"StringEqualsIgnoreCase":{"t:word":"bLU"}})", false},
      {R"({"StringNotEqualsIgnoreCase":{"t:word":"bLUE"}})", false},
      {R"({"StringLike":{"t:word":"B*e"}})", true},
      {R"({"StringLike":{"t:word":"b*"}})", false},
      {R"({"StringLike":{"t:word":"Bl??"}})", true},
      {R"({"StringNotLike":{"t:word":["R*","G*"]}})", true},
      {R"({"StringNotLike":{"t:word":["R*","B*"]}})", false},
      {R"({"StringEquals":{"t:word":"Blue","t:number":"11"}})", false},
      {R"({"StringEquals":{"t:word":"Blue"},"StringLike":{"t:number":"1?"}})", true},
      {R"({"StringEquals":{"t:word":"Blue"},"StringLike":{"t:number":"2?"}})", false},
      {R"({"StringLike":{"t:word":"${t:word}"}})", true},
      {R"({"StringEquals":{"t:word":"${t:absent, 'Blue'}"}})", true},
      {R"({"StringEqualsIgnoreCase":{"t:word":"BL${t:absent, 'UE'}"}})", true},
      {"{}", true},
  };
  check(cases);
}

TEST(PolicyCondition, NumbersAndDates) {
  const Case cases[] = {
      {R"({"NumericEquals":{"t:number":"10.0"}})", true},
      {R"({"NumericEquals":{"t:number":10}})", true},
      {R"({"NumericEquals":{"t:text":"10"}})", false},
      {R"({"NumericNotEquals":{"t:number":"10"}})", false},
      {R"({"NumericNotEquals":{"t:text":"10"}})", true},
      {R"({"NumericLessThan":{"t:number":"10"}})", false},
      {R"({"NumericLessThan":{"t:number":"10.5"}})", true},
      {R"({"NumericLessThanEquals":{"t:number":"10"}})", true},
      {R"({"NumericGreaterThan":{"t:number":"10"}})", false},
      {R"({"NumericGreaterThan":{"t:number":["99","9"]}})", true},
      {R"({"NumericGreaterThanEquals":{"t:number":"10"}})", true},
      {R"({"NumericGreaterThan":{"t:text":"-5"}})", false},
      {R"({"DateEquals":{"t:when":"2026-01-31T10:00:00Z"}})", true},
      {R"({"DateEquals":{"t:when":"2026-01-31T12:00:00+02:00"}})", true},
      {R"({"DateEquals":{"t:epoch":"2026-01-31T10:00:00Z"}})", true},
      {R"({"DateEquals":{"t:when":1769853600}})", true},
      {R"({"DateNotEquals":{"t:when":"2026-01-31"}})", true},
      {R"({"DateLessThan":{"t:when":"2026-02-01"}})", true},
      {R"({"DateLessThan":{"t:when":"2026-01-31T10:00:00Z"}})", false},
      {R"({"DateLessThanEquals":{"t:when":"2026-01-31T10:00:00Z"}})", true},
      {R"({"DateGreaterThan":{"t:when":"2026-01-31T09:59:59Z"}})", true},
      {R"({"DateGreaterThanEquals":{"t:when":"2026-01-31T10:00:01Z"}})", false},
      {R"({"DateGreaterThan":{"t:text":"1970-01-01"}})", false},
      {R"({"NumericLessThan":{"t:epoch":"1769853601"}})", true},
  };
  check(cases);
}

TEST(PolicyCondition, OtherTypes) {
  const Case cases[] = {
      {R"({"Bool":{"t:yes":"true"}})", true},
      {R"({"Bool":{"t:yes":true}})", true},
      {R"({"Bool":{"t:yes":"false"}})", false},
      {R"({"Bool":{"t:no":"false"}})", true},
      {R"({"Bool":{"t:word":"true"}})", false},
      {R"({"BinaryEquals":{"t:bytes":"aGVsbG8="}})", true},
      {R"({"BinaryEquals":{"t:bytes":"aGVsbG8"}})", true},
      {R"({"BinaryEquals":{"t:bytes":"aGVsbA=="}})", false},
      {R"({"IpAddress":{"t:ip":"203.0.113.0/24"}})", true},
      {R"({"IpAddress":{"t:ip":["10.0.0.0/8","2001:db8::/32"]}})", false},
      {R"({"IpAddress":{"t:ip6":["10.0.0.0/8","2001:db8::/32"]}})", true},
      {R"({"IpAddress":{"t:word":"0.0.0.0/0"}})", false},
      {R"({"NotIpAddress":{"t:ip":"203.0.113.9"}})", false},
      {R"({"NotIpAddress":{"t:ip":"203.0.113.8"}})", true},
      {R"({"NotIpAddress":{"t:word":"0.0.0.0/0"}})", true},
      {R"({"ArnEquals":{"t:arn":"arn:aws:ses:*:111122223333:identity/*"}})", true},
      {R"({"ArnLike":{"t:arn":"arn:aws:ses:us-east-?:*:identity/a@*"}})", true},
      {R"({"ArnLike":{"t:arn":"arn:aws:ses:*"}})", false},
      {R"({"ArnLike":{"t:word":"arn:aws:ses:*:*:*"}})", false},
      {R"({"ArnNotLike":{"t:arn":"arn:aws:ses:*:*:identity/b*"}})", true},
      {R"({"ArnNotEquals":{"t:arn":"arn:aws:ses:*:*:identity/a*"}})", false},
      {R"({"Null":{"t:word":"false"}})", true},
      {R"({"Null":{"t:word":"true"}})", false},
      {R"({"Null":{"t:absent":true}})", true},
      {R"({"Null":{"t:absent":"false"}})", false},
      {R"({"Null":{"t:none":"true"}})", true},
      {R"({"Null":{"t:empty":"true"}})", false},
  };
  check(cases);
}

TEST(PolicyCondition, AbsentKeys) {
  const Case cases[] = {
      {R"({"StringEquals":{"t:absent":"x"}})", false},
      {R"({"StringNotEquals":{"t:absent":"x"}})", true},
      {R"({"StringLike":{"t:absent":"*"}})", false},
      {R"({"StringNotLike":{"t:absent":"*"}})", true},
      {R"({"NumericEquals":{"t:absent":1}})", false},
      {R"({"NumericNotEquals":{"t:absent":1}})", true},
      {R"({"DateNotEquals":{"t:absent":"2026-01-01"}})", true},
      {R"({"DateLessThan":{"t:absent":"2026-01-01"}})", false},
      {R"({"Bool":{"t:absent":"false"}})", false},
      {R"({"IpAddress":{"t:absent":"0.0.0.0/0"}})", false},
      {R"({"NotIpAddress":{"t:absent":"0.0.0.0/0"}})", true},
      {R"({"ArnNotLike":{"t:absent":"*"}})", true},
      {R"({"StringEqualsIfExists":{"t:absent":"x"}})", true},
      {R"({"StringEqualsIfExists":{"t:word":"x"}})", false},
      {R"({"StringEqualsIfExists":{"t:word":"Blue"}})", true},
      {R"({"BoolIfExists":{"t:absent":"true"}})", true},
      {R"({"StringNotEqualsIfExists":{"t:absent":"x"}})", true},
      {R"({"StringEquals":{"t:none":"x"}})", false},
      {R"({"StringNotEquals":{"t:none":"x"}})", true},
      {R"({"ForAllValues:StringEquals":{"t:absent":"x"}})", true},
      {R"({"ForAllValues:StringNotEquals":{"t:absent":"x"}})", true},
      {R"({"ForAnyValue:StringEquals":{"t:absent":"x"}})", false},
      {R"({"ForAnyValue:StringNotEquals":{"t:absent":"x"}})", false},
      {R"({"ForAnyValue:StringEqualsIfExists":{"t:absent":"x"}})", true},
      {R"({"ForAllValues:StringEquals":{"t:none":"x"}})", true},
      {R"({"ForAnyValue:StringEquals":{"t:none":"x"}})", false},
  };
  check(cases);
}

TEST(PolicyCondition, SeveralValues) {
  const Case cases[] = {
      {R"({"ForAllValues:StringEquals":{"t:many":["a","b","c"]}})", true},
      {R"({"ForAllValues:StringEquals":{"t:many":"a"}})", false},
      {R"({"ForAllValues:StringLike":{"t:many":"?"}})", true},
      {R"({"ForAnyValue:StringEquals":{"t:many":"b"}})", true},
      {R"({"ForAnyValue:StringEquals":{"t:many":"c"}})", false},
      {R"({"ForAllValues:StringNotEquals":{"t:many":"c"}})", true},
      {R"({"ForAllValues:StringNotEquals":{"t:many":"b"}})", false},
      {R"({"ForAnyValue:StringNotEquals":{"t:many":"a"}})", true},
      {R"({"ForAnyValue:StringNotEquals":{"t:many":["a","b"]}})", false},
      {R"({"StringEquals":{"t:many":"b"}})", true},
      {R"({"StringNotEquals":{"t:many":"b"}})", false},
      {R"({"StringNotEquals":{"t:many":"c"}})", true},
      {R"({"ForAnyValue:Null":{"t:many":"false"}})", true},
      {R"({"StringEquals":{"t:word":"${t:one}"}})", false},
      {R"({"StringEquals":{"t:one":"${t:one}"}})", true},
  };
  check(cases);
}

// A variable without a value must neither open an Allow nor switch off a Deny.
TEST(PolicyCondition, UnresolvedVariables) {
  EXPECT_FALSE(holds(R"({"StringEquals":{"t:word":"${t:absent}"}})"));
  EXPECT_FALSE(holds(R"({"StringNotEquals":{"t:word":"${t:absent}"}})"));
  EXPECT_TRUE(holds(R"({"StringNotEquals":{"t:word":"${t:absent}"}})", "Deny"));
  EXPECT_FALSE(holds(R"({"StringEquals":{"t:many":"${t:many}"}})"));
}

}  // namespace
}  // namespace aws

#include "aws/validate.h"

#include <gtest/gtest.h>

#include "aws/query.h"
#include "aws/rest_json.h"
#include "base/fault.h"
#include "model/iam_types.h"
#include "model/ses_types.h"
#include "model/sesv2_types.h"

namespace aws {
namespace {

std::string text_of(const auto& request) {
  try {
    validate(request);
  } catch (const base::Fault& fault) {
    EXPECT_EQ(fault.kind(), base::FaultKind::validation);
    return fault.message();
  }
  return "";
}
template <class T>
std::string v1(std::string_view form) {
  return text_of(decode_form<T>(Form(form)));
}
template <class T>
std::string v2(std::string body) {
  return text_of(decode_json<T>(body));
}

const std::string kOne = "1 validation error detected: ";

TEST(Validate, MissingMembers) {
  EXPECT_EQ(v1<ses::SendEmailRequest>("Source=a&Destination.ToAddresses.member.1=b&Message.Body.Text.Data=c"),
            kOne + "Value at 'message.subject' failed to satisfy constraint: Member must not be null");
  EXPECT_EQ(
      v1<ses::SendEmailRequest>("Source=a&Message.Subject.Data=b"),
      "2 validation errors detected: Value at 'destination' failed to satisfy constraint: Member must not be "
      "null; Value at 'message.body' failed to satisfy constraint: Member must not be null");
  EXPECT_EQ(v1<ses::SendEmailRequest>("Source=&Destination=&Message.Subject.Data=&Message.Body.Text.Data="),
            "");
}

TEST(Validate, ListElementsHaveIndexedPaths) {
  EXPECT_EQ(
      v2<sesv2::CreateContactListRequest>(
          R"({"ContactListName":"L","Topics":[{"DisplayName":"d","DefaultSubscriptionStatus":"x"}]})"),
      "2 validation errors detected: Value at 'topics.1.member.topicName' failed to satisfy constraint: "
      "Member must not be null; Value at 'topics.1.member.defaultSubscriptionStatus' failed to satisfy "
      "constraint: Member must satisfy enum value set: [OPT_OUT, OPT_IN]");
  EXPECT_EQ(
      v2<sesv2::SendEmailRequest>(
          R"({"Content":{"Simple":{"Subject":{"Data":"s"},"Body":{},"Headers":[{"Name":"n"}]}}})"),
      kOne +
          "Value at 'content.simple.headers.1.member.value' failed to satisfy constraint: Member must not "
          "be null");
}

TEST(Validate, EnumsAndListsOfEnums) {
  EXPECT_EQ(v2<sesv2::PutAccountSuppressionAttributesRequest>(R"({"SuppressedReasons":["X","Y"]})"),
            kOne +
                "Value at 'suppressedReasons' failed to satisfy constraint: Member must satisfy constraint: "
                "[Member must satisfy enum value set: [BOUNCE, COMPLAINT]]");
  EXPECT_EQ(v1<ses::SetIdentityMailFromDomainRequest>("Identity=a&BehaviorOnMXFailure=x"),
            kOne +
                "Value at 'behaviorOnMXFailure' failed to satisfy constraint: Member must satisfy enum value "
                "set: [RejectMessage, UseDefaultValue]");
  EXPECT_EQ(
      v2<sesv2::SendEmailRequest>(R"({"Content":{},"ConfigurationOverrides":{"Tracking":
              {"OpenTrackingEnabled":"a","ClickTrackingEnabled":"b"}}})"),
      "2 validation errors detected: Value at 'configurationOverrides.tracking.clickTrackingEnabled' failed "
      "to satisfy constraint: Member must satisfy enum value set: [ENABLED, DISABLED]; Value at "
      "'configurationOverrides.tracking.openTrackingEnabled' failed to satisfy constraint: Member must "
      "satisfy enum value set: [ENABLED, DISABLED]");
}

TEST(Validate, LengthsCountUtf16Units) {
  std::string name64, name65(65, 'a');
  for (int i = 0; i < 32; ++i) name64 += "\xf0\x9f\x98\x80";  // two units each
  EXPECT_EQ(v1<ses::DeleteIdentityPolicyRequest>("Identity=a&PolicyName=" + name64), "");
  EXPECT_EQ(
      v1<ses::DeleteIdentityPolicyRequest>("Identity=a&PolicyName=" + name64 + "a"),
      kOne +
          "Value at 'policyName' failed to satisfy constraint: Member must have length less than or equal "
          "to 64");
  EXPECT_EQ(v1<ses::DeleteIdentityPolicyRequest>("Identity=a&PolicyName="),
            kOne +
                "Value at 'policyName' failed to satisfy constraint: Member must have length greater than or "
                "equal to 1");
}

TEST(Validate, ValuesAndPageMembers) {
  EXPECT_EQ(
      v2<sesv2::PutConfigurationSetDeliveryOptionsRequest>(R"({"MaxDeliverySeconds":50401})"),
      "2 validation errors detected: Value at 'configurationSetName' failed to satisfy constraint: Member "
      "must not be null; Value at 'maxDeliverySeconds' failed to satisfy constraint: Member must have value "
      "less than or equal to 50400");
  EXPECT_EQ(
      v2<sesv2::ListTenantsRequest>(R"({"PageSize":0,"NextToken":""})"),
      "2 validation errors detected: Value '' at 'nextToken' failed to satisfy constraint: Member must have "
      "length greater than or equal to 1; Value '0' at 'pageSize' failed to satisfy constraint: Member must "
      "have value greater than or equal to 1");
  EXPECT_EQ(v2<sesv2::ListTenantsRequest>(R"({"PageSize":101})"),
            kOne +
                "Value '101' at 'pageSize' failed to satisfy constraint: Member must have value less than or "
                "equal to 100");
}

TEST(Validate, PatternsAndCombinedElementConstraints) {
  EXPECT_EQ(v1<ses::CreateReceiptRuleSetRequest>("RuleSetName=a+b"),
            kOne +
                "Value at 'ruleSetName' failed to satisfy constraint: Member must satisfy regular expression "
                "pattern: ^[a-zA-Z0-9_.-]+$");
  EXPECT_EQ(
      v1<ses::ReorderReceiptRuleSetRequest>("RuleSetName=a&RuleNames.member.1=ok&RuleNames.member.2=a+b"),
      kOne +
          "Value at 'ruleNames' failed to satisfy constraint: Member must satisfy constraint: [Member "
          "must have length less than or equal to 100, Member must have length greater than or equal to "
          "1, Member must satisfy regular expression pattern: ^[a-zA-Z0-9_.-]+$]");
}

TEST(Validate, OddlyCasedPathsAndOrderOfActions) {
  EXPECT_EQ(
      v1<ses::CreateReceiptRuleRequest>("RuleSetName=s&Rule.Name=r&Rule.Actions.member.1.SNSAction.Encoding=x"
                                        "&Rule.Actions.member.2.BounceAction.StatusCode=5.1.1"),
      "5 validation errors detected: Value at 'rule.actions.1.member.sNSAction.encoding' failed to satisfy "
      "constraint: Member must satisfy enum value set: [Base64, UTF-8]; Value at "
      "'rule.actions.1.member.sNSAction.topicArn' failed to satisfy constraint: Member must not be null; "
      "Value at "
      "'rule.actions.2.member.bounceAction.smtpReplyCode' failed to satisfy constraint: Member must not be "
      "null; "
      "Value at 'rule.actions.2.member.bounceAction.sender' failed to satisfy constraint: Member must not be "
      "null; "
      "Value at 'rule.actions.2.member.bounceAction.message' failed to satisfy constraint: Member must not "
      "be "
      "null");
}

TEST(Validate, WhatTheServiceSaysInOtherWordsIsExempt) {
  EXPECT_EQ(v2<sesv2::GetTenantRequest>("{}"), "");
  EXPECT_EQ(v2<sesv2::PutConfigurationSetSuppressionOptionsRequest>(R"({"SuppressedReasons":["X"]})"),
            kOne + "Value at 'configurationSetName' failed to satisfy constraint: Member must not be null");
  EXPECT_EQ(v1<ses::ListCustomVerificationEmailTemplatesRequest>("MaxResults=5000"), "");
  EXPECT_NE(v2<sesv2::CreateTenantRequest>("{}"), "");
}

TEST(Validate, MapKeys) {
  EXPECT_EQ(
      v2<sesv2::ListTenantResourcesRequest>(R"({"TenantName":"t","Filter":{"X":"y"}})"),
      kOne +
          "Value at 'filter' failed to satisfy constraint: Map keys must satisfy constraint: [Member must "
          "satisfy enum value set: [RESOURCE_TYPE]]");
}

TEST(Validate, ManyFaultsStayBounded) {
  std::string body = R"({"Content":{},"EmailTags":[{})";
  for (int i = 0; i < 5000; ++i) body += ",{}";
  EXPECT_LT(v2<sesv2::SendEmailRequest>(body + "]}").size(), 20000u);
}

TEST(Validate, PropertyClassesOfIam) {
  auto tag = [](std::string key) {
    iam::TagUserRequest request;
    request.user_name = "u";
    request.tags.emplace(1).front().key = std::move(key);
    request.tags->front().value = "v";
    return text_of(request);
  };
  EXPECT_EQ(tag("caf\xc3\xa9 \xe6\x97\xa5-1"), "");
  EXPECT_NE(tag("a*b"), "");
  EXPECT_NE(tag("\xff"), "");
}

TEST(Validate, HelpersForHandlers) {
  EXPECT_EQ(constraint_text("a.b", enum_constraint({"X", "Y"})),
            "Value at 'a.b' failed to satisfy constraint: Member must satisfy enum value set: [X, Y]");
  EXPECT_NO_THROW(throw_broken({}));
}

}  // namespace
}  // namespace aws

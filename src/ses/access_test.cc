#include "ses/access.h"

#include <gtest/gtest.h>

namespace ses {
namespace {

Caller caller() {
  Caller c;
  c.scope = {AccountId("123456789012"), Region("eu-west-1")};
  c.source_ip = "192.0.2.7";
  c.tls_version = "TLSv1.3";
  c.user_agent = "aws-cli/2";
  return c;
}

Subject bob() {
  Subject s;
  s.account = AccountId("123456789012");
  s.kind = SubjectKind::user;
  s.name = "bob";
  s.userid = "AIDABOB";
  s.arn = s.requester.arn = "arn:aws:iam::123456789012:user/bob";
  s.tags = {{"team", "news"}};
  return s;
}

Subject session() {
  Subject s = bob();
  s.kind = SubjectKind::role_session;
  s.name = "mailer";
  s.userid = "AROAMAILER:night";
  s.arn = "arn:aws:iam::123456789012:role/mailer";
  s.requester.arn = "arn:aws:sts::123456789012:assumed-role/mailer/night";
  s.issued = base::from_millis(1700000000000);
  s.source_identity = "ann";
  return s;
}

std::string value(const aws::ConditionContext& context, std::string_view key) {
  const auto* values = context.find(key);
  if (!values) return "-";
  std::string out;
  for (const auto& v : *values) out += (out.empty() ? "" : ",") + v;
  return out;
}

TEST(Access, KeysOfARequest) {
  const auto now = base::from_millis(1700000060000);
  struct Case {
    const char* key;
    const char* of_user;
    const char* of_session;
  };
  const Case cases[] = {
      {"aws:SourceIp", "192.0.2.7", "192.0.2.7"},
      {"aws:SecureTransport", "true", "true"},
      {"aws:CurrentTime", "2023-11-14T22:14:20Z", "2023-11-14T22:14:20Z"},
      {"aws:EpochTime", "1700000060", "1700000060"},
      {"aws:UserAgent", "aws-cli/2", "aws-cli/2"},
      {"aws:RequestedRegion", "eu-west-1", "eu-west-1"},
      {"aws:username", "bob", "-"},
      {"aws:userid", "AIDABOB", "AROAMAILER:night"},
      {"aws:PrincipalArn", "arn:aws:iam::123456789012:user/bob", "arn:aws:iam::123456789012:role/mailer"},
      {"aws:PrincipalAccount", "123456789012", "123456789012"},
      {"aws:PrincipalType", "User", "AssumedRole"},
      {"aws:PrincipalTag/team", "news", "news"},
      {"aws:PrincipalTag/other", "-", "-"},
      {"aws:SourceIdentity", "-", "ann"},
      {"aws:TokenIssueTime", "-", "2023-11-14T22:13:20Z"},
      {"aws:MultiFactorAuthPresent", "-", "false"},
      {"ses:ApiVersion", "2", "2"},
      {"ses:FromAddress", "-", "-"},
  };
  auto user = request_context(caller(), bob(), now, "2");
  auto of_role = request_context(caller(), session(), now, "2");
  for (const auto& c : cases) {
    EXPECT_EQ(value(user, c.key), c.of_user) << c.key;
    EXPECT_EQ(value(of_role, c.key), c.of_session) << c.key;
  }
  Caller bare;
  auto plain = request_context(bare, bob(), now, "");
  EXPECT_EQ(value(plain, "aws:SecureTransport"), "false");
  for (const char* key : {"aws:SourceIp", "aws:UserAgent", "ses:ApiVersion"})
    EXPECT_EQ(value(plain, key), "-") << key;
  auto tagged = with_resource_tags(user, {{"stage", "test"}});
  EXPECT_EQ(value(tagged, "aws:ResourceTag/stage"), "test");
}

TEST(Access, Words) {
  const std::string who =
      "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: ses:GetAccount";
  struct Case {
    aws::AccessEffect effect;
    aws::PolicyLayer layer;
    const char* end;
  };
  using Effect = aws::AccessEffect;
  using Layer = aws::PolicyLayer;
  const Case cases[] = {
      {Effect::implicit_deny, Layer::identity,
       " because no identity-based policy allows the ses:GetAccount action"},
      {Effect::implicit_deny, Layer::none,
       " because no identity-based policy allows the ses:GetAccount action"},
      {Effect::implicit_deny, Layer::boundary,
       " because no permissions boundary allows the ses:GetAccount action"},
      {Effect::implicit_deny, Layer::session, " because no session policy allows the ses:GetAccount action"},
      {Effect::implicit_deny, Layer::resource,
       " because no resource-based policy allows the ses:GetAccount action"},
      {Effect::explicit_deny, Layer::identity, " with an explicit deny in an identity-based policy"},
      {Effect::explicit_deny, Layer::boundary, " with an explicit deny in a permissions boundary"},
      {Effect::explicit_deny, Layer::session, " with an explicit deny in a session policy"},
      {Effect::explicit_deny, Layer::resource, " with an explicit deny in a resource-based policy"},
  };
  for (const auto& c : cases) {
    aws::Decision decision;
    decision.effect = c.effect;
    decision.layer = c.layer;
    EXPECT_EQ(call_denial(bob(), "ses:GetAccount", "*", decision), who + " on resource: *" + c.end);
    EXPECT_EQ(call_denial(bob(), "ses:GetAccount", "", decision), who + c.end);
  }
  EXPECT_EQ(send_denial(session(), "ses:SendEmail", "arn:aws:ses:eu-west-1:123456789012:identity/a.example"),
            "User `arn:aws:sts::123456789012:assumed-role/mailer/night' is not authorized to perform "
            "`ses:SendEmail' on resource `arn:aws:ses:eu-west-1:123456789012:identity/a.example'");
}

TEST(Access, WhoIsNotAsked) {
  Subject root;
  root.policies.root = true;
  EXPECT_TRUE(unbounded(root));
  root.policies.in_session = true;
  EXPECT_FALSE(unbounded(root));
  EXPECT_FALSE(unbounded(bob()));
}

}  // namespace
}  // namespace ses

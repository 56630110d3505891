// Log-in, guard and session decisions of the SMTP door, without a network or a store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/sigv4.h"
#include "base/encoding.h"
#include "base/fault.h"
#include "base/run_task.h"
#include "submission/session.h"

namespace submission {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

ses::AccessKeyPtr make_key(bool active = true) {
  ses::AccessKey key;
  key.id = "AKIAIOSFODNN7EXAMPLE";
  key.account = ses::AccountId("123456789012");
  key.user = "bob";
  key.arn = "arn:aws:iam::123456789012:user/bob";
  key.secret = kSecret;
  key.active = active;
  return std::make_shared<const ses::AccessKey>(key);
}

FindKey finds(ses::AccessKeyPtr key) {
  return [key](std::string_view id) { return key && id == key->id ? key : nullptr; };
}

TEST(Login, ThePasswordTellsTheRegion) {  // check values of SES §11.2
  Login login({}, finds(make_key()));
  auto west = login.check("AKIAIOSFODNN7EXAMPLE", "BF2PynzbSCAjX08zhZZnP/kW+T9P5zs/1Er0pi5vTEmd");
  ASSERT_EQ(west.verdict, Verdict::accepted);
  EXPECT_EQ(west.caller.scope.region.str(), "us-west-2");
  EXPECT_EQ(west.caller.scope.account.str(), "123456789012");
  EXPECT_EQ(west.caller.principal_name, "bob");
  EXPECT_EQ(west.caller.access_key_id, "AKIAIOSFODNN7EXAMPLE");
  auto east = login.check("AKIAIOSFODNN7EXAMPLE", "BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9");
  ASSERT_EQ(east.verdict, Verdict::accepted);
  EXPECT_EQ(east.caller.scope.region.str(), "us-east-1");
}

TEST(Login, OnlyConfiguredRegionsAreTaken) {
  LoginRules rules;
  rules.regions = {"eu-west-1"};
  Login login(rules, finds(make_key()));
  EXPECT_EQ(login.check("AKIAIOSFODNN7EXAMPLE", aws::smtp_password(kSecret, "us-east-1")).verdict,
            Verdict::invalid);
  EXPECT_EQ(login.check("AKIAIOSFODNN7EXAMPLE", aws::smtp_password(kSecret, "eu-west-1")).verdict,
            Verdict::accepted);
}

TEST(Login, RefusesWhatDoesNotFit) {
  const auto password = aws::smtp_password(kSecret, "us-east-1");
  Login login({}, finds(make_key()));
  EXPECT_EQ(login.check("AKIANOBODY", password).verdict, Verdict::invalid);
  EXPECT_EQ(login.check("AKIAIOSFODNN7EXAMPLE", kSecret).verdict, Verdict::invalid);
  EXPECT_EQ(login.check("AKIAIOSFODNN7EXAMPLE", "").verdict, Verdict::invalid);
  Login inactive({}, finds(make_key(false)));
  EXPECT_EQ(inactive.check("AKIAIOSFODNN7EXAMPLE", password).verdict, Verdict::invalid);
}

TEST(Login, KnowsTheDeprecatedPassword) {
  EXPECT_EQ(deprecated_password(kSecret), "An60U4ZD3sd4fg+FvXUjayOipTt8LO4rUUmhpdX6ctDy");
  Login login({}, finds(make_key()));
  EXPECT_EQ(login.check("AKIAIOSFODNN7EXAMPLE", deprecated_password(kSecret)).verdict,
            Verdict::deprecated_password);
}

TEST(Login, LenientLetsStrangersInButNotBehindAKnownKey) {
  LoginRules rules;
  rules.lenient = true;
  Login login(rules, finds(make_key()));
  auto anyone = login.check("anyone", "anything");
  ASSERT_EQ(anyone.verdict, Verdict::accepted);
  EXPECT_EQ(anyone.caller.principal_arn, "arn:aws:iam::000000000000:root");
  EXPECT_EQ(anyone.caller.scope.region.str(), "us-east-1");
  EXPECT_EQ(login.check("210987654321", "x").caller.scope.account.str(), "210987654321");
  EXPECT_EQ(login.check("AKIAIOSFODNN7EXAMPLE", "wrong").verdict, Verdict::invalid);
}

TEST(Login, TemporaryKeysCannotSubmit) {  // SES §11.2
  LoginRules rules;
  rules.lenient = true;
  Login login(rules, finds(make_key()));
  EXPECT_EQ(login.check("ASIAIOSFODNN7EXAMPLE", "anything").verdict, Verdict::invalid);
}

TEST(Login, StillHolds) {
  auto key = make_key();
  Login login({}, [&](std::string_view) { return key; });
  const auto caller = login.check("AKIAIOSFODNN7EXAMPLE", aws::smtp_password(kSecret, "us-east-1")).caller;
  EXPECT_TRUE(login.still_holds(caller));
  EXPECT_FALSE(login.still_holds(login.anonymous()));
  LoginRules rules;
  rules.lenient = true;
  EXPECT_TRUE(Login(rules, finds(nullptr)).still_holds(Login(rules, finds(nullptr)).anonymous()));
  key = make_key(false);
  EXPECT_FALSE(login.still_holds(caller));
  key = nullptr;
  EXPECT_FALSE(login.still_holds(caller));
  EXPECT_FALSE(login.still_holds(ses::Caller{}));
}

TEST(Guard, CountsIpv6BySixtyFour) {
  EXPECT_EQ(guard_key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
  EXPECT_EQ(guard_key("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(guard_key("192.0.2.1"), "192.0.2.1");
}

TEST(Guard, LimitsConnections) {
  GuardLimits limits;
  limits.connections = 3;
  limits.connections_per_address = 2;
  Guard guard(limits);
  auto a = guard.connect("192.0.2.1"), b = guard.connect("192.0.2.1");
  EXPECT_TRUE(a && b);
  EXPECT_FALSE(guard.connect("192.0.2.1"));
  auto c = guard.connect("192.0.2.2");
  EXPECT_TRUE(c);
  EXPECT_FALSE(guard.connect("192.0.2.3"));
  a = Guard::Place();
  EXPECT_EQ(guard.connections(), 2u);
  EXPECT_TRUE(guard.connect("192.0.2.3"));
}

TEST(Guard, FailuresSlowDownAndAreForgotten) {
  Guard guard({});
  Guard::Time now{};
  for (int i = 0; i < 3; ++i) guard.failed("192.0.2.1", now);
  EXPECT_EQ(guard.delay("192.0.2.1", now), milliseconds(0));
  guard.failed("192.0.2.1", now);
  EXPECT_EQ(guard.delay("192.0.2.1", now), milliseconds(250));
  guard.failed("192.0.2.1", now);
  EXPECT_EQ(guard.delay("192.0.2.1", now), milliseconds(500));
  for (int i = 0; i < 100; ++i) guard.failed("192.0.2.1", now);
  EXPECT_EQ(guard.delay("192.0.2.1", now), milliseconds(10000));
  EXPECT_EQ(guard.delay("192.0.2.2", now), milliseconds(0));
  EXPECT_EQ(guard.delay("192.0.2.1", now + std::chrono::hours(1)), milliseconds(0));
  guard.succeeded("192.0.2.1");
  EXPECT_EQ(guard.delay("192.0.2.1", now), milliseconds(0));
}

TEST(Guard, RemembersBoundedlyMany) {
  GuardLimits limits;
  limits.remembered = 10;
  Guard guard(limits);
  for (int i = 0; i < 100; ++i) guard.failed("192.0.2." + std::to_string(i), {});
  EXPECT_EQ(guard.remembered(), 10u);
  guard.failed("192.0.2.99", {});
  EXPECT_EQ(guard.remembered(), 10u);
}

class SessionTest : public testing::Test {
 protected:
  smtp::Reply run(base::Task<smtp::Reply> task) { return base::run_task(std::move(task)); }
  smtp::Reply mail(const std::string& from) { return run(session.mail_from(from, {})); }
  int log_in() {
    return run(session.authenticate("AKIAIOSFODNN7EXAMPLE", aws::smtp_password(kSecret, "us-east-1"))).code;
  }
  smtp::Reply rcpt(const std::string& to) { return run(session.rcpt_to(to)); }

  base::Task<ses::MessageId> take(send::Submission submission) {
    taken.push_back(std::move(submission));
    if (failure) std::rethrow_exception(failure);
    co_return ses::MessageId("0100-id-000000");
  }
  base::Task<void> note_sleep(milliseconds time) {
    slept += time;
    co_return;
  }

  std::vector<send::Submission> taken;
  std::exception_ptr failure;
  milliseconds slept{0};
  LoginRules rules;
  ses::AccessKeyPtr key = make_key();
  Login login{rules, [this](std::string_view id) { return key && id == key->id ? key : nullptr; }};
  Guard guard{{}};
  base::SeededRandom random{7};
  Shared shared{"ses.example.net",
                false,
                login,
                guard,
                random,
                [this](send::Submission s) { return take(std::move(s)); },
                [this](milliseconds t) { return note_sleep(t); }};
  std::shared_ptr<SessionState> state = std::make_shared<SessionState>();
  Session session{shared, state, "192.0.2.7", ""};
};

TEST_F(SessionTest, GreetsAsSesDoes) {
  EXPECT_THAT(
      session.greeting(),
      testing::MatchesRegex("email-smtp.ses.example.net ESMTP SimpleEmailService-d-[A-Z0-9]+ [A-Za-z0-9]+"));
  EXPECT_EQ(session.host_name(), "email-smtp.ses.example.net");
}

TEST_F(SessionTest, TakesAMessage) {
  net::TlsInfo tls;
  tls.version = "TLSv1.3";
  session.tls_started(tls);
  session.hello("client.example", true);
  EXPECT_EQ(
      run(session.authenticate("AKIAIOSFODNN7EXAMPLE", aws::smtp_password(kSecret, "eu-west-1"))).text(),
      "235 Authentication successful.");
  EXPECT_EQ(mail("a@example.com").text(), "250 Ok");
  EXPECT_FALSE(state->idle());
  EXPECT_EQ(rcpt("b@example.com").text(), "250 Ok");
  EXPECT_EQ(rcpt("c@example.com").text(), "250 Ok");
  EXPECT_EQ(run(session.message("Subject: x\r\n\r\nbody\r\n")).text(), "250 Ok 0100-id-000000");
  ASSERT_EQ(taken.size(), 1u);
  const auto& s = taken[0];
  EXPECT_EQ(s.door, send::Door::smtp);
  EXPECT_EQ(s.operation, "SendSmtpEmail");
  EXPECT_EQ(s.from, "a@example.com");
  EXPECT_THAT(s.destination->to, ElementsAre("b@example.com", "c@example.com"));
  EXPECT_EQ(std::get<send::RawContent>(s.content).data, "Subject: x\r\n\r\nbody\r\n");
  EXPECT_EQ(s.caller.scope.region.str(), "eu-west-1");
  EXPECT_EQ(s.caller.source_ip, "192.0.2.7");
  EXPECT_EQ(s.caller.tls_version, "TLSv1.3");
  EXPECT_EQ(s.caller.user_agent, "client.example");
  EXPECT_EQ(s.caller.request_id.size(), 36u);
}

TEST_F(SessionTest, RefusesBadAddresses) {
  EXPECT_EQ(log_in(), 235);
  EXPECT_EQ(mail("").text(), "553 <> Invalid email address.");
  EXPECT_EQ(mail("nobody").text(), "553 <nobody> Invalid email address.");
  EXPECT_EQ(mail("Bob <a@example.com>").text(), "553 <Bob <a@example.com>> Invalid email address.");
  EXPECT_EQ(mail("a@example.com").code, 250);
  EXPECT_EQ(rcpt("a@").text(), "553 <a@> address unknown.");
  EXPECT_EQ(rcpt("").text(), "553 <> address unknown.");
}

TEST_F(SessionTest, SpellsFaults) {
  EXPECT_EQ(log_in(), 235);
  failure = std::make_exception_ptr(
      base::Fault(base::FaultKind::message_rejected, "Email address is not verified."));
  EXPECT_EQ(run(session.message("x")).text(), "554 Message rejected: Email address is not verified.");
  failure = std::make_exception_ptr(store::DiskFull("no space"));
  EXPECT_THAT(run(session.message("x")).text(), StartsWith("452 "));
  failure = std::make_exception_ptr(store::Overloaded("queue is full"));
  EXPECT_THAT(run(session.message("x")).text(), StartsWith("452 "));
  failure = std::make_exception_ptr(std::runtime_error("secret detail"));
  EXPECT_EQ(run(session.message("x")).text(), "451 Temporary service failure");
  EXPECT_EQ(session.too_large().text(), "552 Message is too long.");
}

TEST_F(SessionTest, FailedLoginsWaitLongerAndLonger) {
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(run(session.authenticate("nobody", "x")).text(), "535 Authentication Credentials Invalid");
  EXPECT_EQ(slept, milliseconds(0));
  run(session.authenticate("nobody", "x"));
  EXPECT_EQ(slept, milliseconds(250));
  // The right password waits too, or the time would tell that it is right.
  EXPECT_EQ(run(session.authenticate("AKIAIOSFODNN7EXAMPLE", aws::smtp_password(kSecret, "us-east-1"))).code,
            235);
  EXPECT_EQ(slept, milliseconds(750));
}

TEST_F(SessionTest, TheDeprecatedPasswordIsToldApart) {
  auto reply = run(session.authenticate("AKIAIOSFODNN7EXAMPLE", deprecated_password(kSecret)));
  EXPECT_EQ(reply.code, 535);
  EXPECT_GT(reply.lines.size(), 1u);
  EXPECT_THAT(reply.lines[0], HasSubstr("Signature Version 2 is deprecated"));
}

TEST_F(SessionTest, NothingFromBeforeTlsCounts) {
  EXPECT_EQ(log_in(), 235);
  session.tls_started({});
  EXPECT_EQ(mail("a@example.com").code, 535);
  EXPECT_EQ(run(session.message("x")).code, 535);
  EXPECT_TRUE(taken.empty());
}

// SES §11.3; what happens to the key of an open connection holds from its next message on.
TEST_F(SessionTest, AKeyThatIsMadeInactiveEndsTheOpenConnectionsRight) {
  EXPECT_EQ(log_in(), 235);
  EXPECT_EQ(mail("a@example.com").code, 250);
  EXPECT_EQ(rcpt("b@example.com").code, 250);
  key = make_key(false);
  EXPECT_EQ(run(session.message("x")).text(), "535 Authentication Credentials Invalid");
  EXPECT_TRUE(taken.empty());
  EXPECT_EQ(mail("a@example.com").text(), "535 Authentication Credentials Invalid");
  key = nullptr;  // deleted
  EXPECT_EQ(mail("a@example.com").code, 535);
  key = make_key();
  EXPECT_EQ(mail("a@example.com").code, 250);
  EXPECT_EQ(run(session.message("x")).code, 250);
}

TEST_F(SessionTest, ADrainTakesNoNewTransactions) {
  shared.draining = true;
  EXPECT_EQ(mail("a@example.com").code, 421);
}

}  // namespace
}  // namespace submission

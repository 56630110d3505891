// Log-in and session decisions of the SMTP door, without a network or a store.
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

  base::Task<void> note_denial(ses::AccessRecord record) {
    denied.push_back(std::move(record));
    co_return;
  }
  smtp::Reply log_in(const std::string& user, const std::string& password) {
    return run(session.authenticate(user, password));
  }
  static ses::ThrottleLimits limits() {
    ses::ThrottleLimits limits;
    limits.free_failures = 3;
    limits.free_failures_of_key = 3;
    limits.waiting_per_source = 1;
    return limits;
  }

  std::vector<send::Submission> taken;
  std::vector<ses::AccessRecord> denied;
  std::exception_ptr failure;
  milliseconds slept{0};
  LoginRules rules;
  ses::AccessKeyPtr key = make_key();
  Login login{rules, [this](std::string_view id) { return key && id == key->id ? key : nullptr; }};
  base::SeededRandom random{7};
  ses::LoginThrottle throttle{limits(), random};
  Shared shared{"ses.example.net",
                false,
                login,
                throttle,
                random,
                [this](send::Submission s) { return take(std::move(s)); },
                [this](milliseconds t) { return note_sleep(t); },
                [this](ses::AccessRecord r) { return note_denial(std::move(r)); }};
  std::shared_ptr<smtp::SessionState> state = std::make_shared<smtp::SessionState>();
  Session session{std::shared_ptr<Shared>(std::shared_ptr<void>(), &shared), state, "192.0.2.7", ""};
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
    EXPECT_EQ(log_in("nobody", "x").text(), "535 Authentication Credentials Invalid");
  EXPECT_EQ(slept, milliseconds(0));
  log_in("nobody", "x");
  EXPECT_EQ(slept, milliseconds(250));
  // The right password waits too, or the time would tell that it is right.
  const auto password = aws::smtp_password(kSecret, "us-east-1");
  EXPECT_EQ(log_in("AKIAIOSFODNN7EXAMPLE", password).code, 235);
  EXPECT_EQ(slept, milliseconds(750));
  // From then on that key is known here, and not slowed by what others guess; these go on to wait.
  EXPECT_EQ(log_in("AKIAIOSFODNN7EXAMPLE", password).code, 235);
  EXPECT_EQ(slept, milliseconds(750));
  log_in("somebody", "x");
  EXPECT_EQ(slept, milliseconds(1250));
}

TEST_F(SessionTest, WhereTooManyWaitNothingIsChecked) {
  for (int i = 0; i < 4; ++i) log_in("nobody", "x");
  const auto waiting = throttle.wait("192.0.2.7");
  EXPECT_EQ(log_in("AKIAIOSFODNN7EXAMPLE", aws::smtp_password(kSecret, "us-east-1")).text(),
            "454 Temporary authentication failure");
  EXPECT_EQ(slept, milliseconds(0));
  ASSERT_EQ(denied.size(), 5u);
  EXPECT_EQ(denied[4].access_key_id, "");
}

TEST_F(SessionTest, FailedLoginsAreRecorded) {
  session.hello("client.example", true);
  log_in("nobody\r\n", "x");
  log_in("AKIAIOSFODNN7EXAMPLE", "wrong");
  log_in("AKIAIOSFODNN7EXAMPLE", deprecated_password(kSecret));
  log_in("AKIAIOSFODNN7EXAMPLE", aws::smtp_password(kSecret, "us-east-1"));
  ASSERT_EQ(denied.size(), 3u);
  EXPECT_EQ(denied[0].access_key_id, "nobody");
  EXPECT_EQ(denied[0].account, "");
  EXPECT_EQ(denied[1].account, "123456789012");
  EXPECT_EQ(denied[1].principal_arn, "arn:aws:iam::123456789012:user/bob");
  for (const auto& record : denied) {
    EXPECT_EQ(record.effect, ses::Effect::bad_credentials);
    EXPECT_EQ(record.api + " " + record.action, "smtp smtp:Login");
    EXPECT_EQ(record.source_ip + " " + record.user_agent, "192.0.2.7 client.example");
  }
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

#include "ses/account_details.h"

#include <gtest/gtest.h>

#include "ses/test_world.h"

namespace ses {
namespace {

using base::run_task;
using testing::fault_of;
using testing::TestWorld;

AccountDetails details(const std::string& url = "https://example.com") {
  AccountDetails d;
  d.mail_type = "MARKETING";
  d.website_url = url;
  d.contacts = {"a@example.com", "b&=@example.com"};
  return d;
}

std::string put(TestWorld& w, AccountDetails d, bool production) {
  return fault_of(
      [&] { run_task(put_account_details(*w.accounts, w.random, w.scope(), std::move(d), production)); });
}

std::string decide(TestWorld& w, bool granted) {
  try {
    run_task(w.accounts->change(w.scope(), [granted](AccountSettings& s) { decide_review(s, granted); }));
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "";
}

TEST(AccountDetails, WebsiteUrls) {
  TestWorld w;
  for (const auto* good : {"https://example.com", "http://EXAMPLE.com:8080/a?b#c", "HTTPS://example.com/"})
    EXPECT_EQ(put(w, details(good), false), "") << good;
  for (const auto* bad : {"example.com", "ftp://example.com", "https://", "https:///x", "http://a b.example"})
    EXPECT_EQ(put(w, details(bad), false), "BadRequestException: Url contains invalid format") << bad;
}

TEST(AccountDetails, AReviewLeadsOutOfTheSandbox) {
  Settings sandbox;
  sandbox.sandbox = true;
  TestWorld w(sandbox);
  EXPECT_EQ(put(w, details(), false), "");
  EXPECT_EQ(w.accounts->settings(w.scope()).details->review_status, "");
  EXPECT_EQ(decide(w, true), "No review of this account is open.");
  EXPECT_EQ(put(w, details(), true), "");
  auto held = w.accounts->settings(w.scope()).details;
  EXPECT_EQ(held->review_status, "PENDING");
  EXPECT_EQ(held->case_id.size(), 15u);
  EXPECT_EQ(put(w, details(), true), "ConflictException: There is an ongoing review for your account.");
  EXPECT_EQ(decide(w, false), "");
  EXPECT_TRUE(w.accounts->settings(w.scope()).sandbox);
  EXPECT_EQ(w.accounts->settings(w.scope()).details->review_status, "DENIED");
  EXPECT_EQ(put(w, details(), true), "");
  EXPECT_EQ(decide(w, true), "");
  w.reopen();
  auto settings = w.accounts->settings(w.scope());
  EXPECT_FALSE(settings.sandbox);
  EXPECT_EQ(settings.max_24h, 50000);
  ASSERT_TRUE(settings.details);
  EXPECT_EQ(settings.details->review_status, "GRANTED");
  EXPECT_EQ(settings.details->contacts, details().contacts);
}

TEST(AccountDetails, TheSwitchesSurviveARestart) {
  TestWorld w;
  EXPECT_EQ(w.accounts->settings(w.scope()).suppressed, (SuppressionReasons{true, true}));
  run_task(w.accounts->change(w.scope(), [](AccountSettings& s) {
    s.suppressed = {false, true};
    s.enforcement = Enforcement::probation;
    s.threshold = "ENABLED";
    s.threshold_verdict = "HIGH";
  }));
  w.reopen();
  auto s = w.accounts->settings(w.scope());
  EXPECT_EQ(s.suppressed, (SuppressionReasons{false, true}));
  EXPECT_EQ(s.enforcement, Enforcement::probation);
  EXPECT_FALSE(s.paused());
  EXPECT_EQ(s.threshold + s.threshold_verdict, "ENABLEDHIGH");
  s.paused_reason = "x";
  EXPECT_EQ(enforcement_name(s.shown_enforcement()), "SHUTDOWN");
  EXPECT_EQ(parse_enforcement("SHUTDOWN"), Enforcement::shutdown);
  EXPECT_EQ(parse_enforcement("healthy"), std::nullopt);
}

}  // namespace
}  // namespace ses

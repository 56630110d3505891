#include "ses/account.h"

#include <gmock/gmock.h>

#include "ses/test_world.h"

namespace ses {
namespace {

using base::run_task;
using testing::fault_of;
using testing::TestWorld;

constexpr const char* kRate = "TooManyRequestsException: Maximum sending rate exceeded.";
constexpr const char* kDaily = "TooManyRequestsException: Daily message quota exceeded.";

Settings with(double day, double rate) {
  Settings s;
  s.max_24h = day;
  s.max_rate = rate;
  return s;
}

std::string reserve(TestWorld& w, std::size_t n) {
  return fault_of([&] { w.accounts->reserve(w.scope(), n); });
}

void accept(TestWorld& w, std::size_t n) {
  w.accounts->reserve(w.scope(), n);
  auto now = w.clock.now();
  w.store->write_now([&](store::Db& db) { w.accounts->record_accepted(db, w.scope(), now, n); });
}

TEST(Accounts, DayRolls) {
  TestWorld w(with(10, -1));
  EXPECT_EQ(reserve(w, 6), "");
  w.clock.freeze(w.clock.now() + std::chrono::hours(12));
  EXPECT_EQ(reserve(w, 4), "");
  EXPECT_EQ(reserve(w, 1), kDaily);
  EXPECT_EQ(w.accounts->sent_last_24h(w.scope()), 10);
  w.accounts->release(w.scope(), 1);
  EXPECT_EQ(reserve(w, 1), "");
  EXPECT_EQ(fault_of([&] { w.accounts->reserve(w.caller("eu-west-1").scope, 10); }), "");
  w.clock.freeze(w.clock.now() + std::chrono::hours(12) + std::chrono::minutes(1));
  EXPECT_EQ(w.accounts->sent_last_24h(w.scope()), 4);
  EXPECT_EQ(reserve(w, 6), "");
  EXPECT_EQ(reserve(w, 1), kDaily);
}

TEST(Accounts, RateTakesBurstsAndRefills) {
  TestWorld w(with(-1, 10));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(reserve(w, 1), "") << i;
  EXPECT_EQ(reserve(w, 1), kRate);
  w.clock.freeze(w.clock.now() + std::chrono::milliseconds(500));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(reserve(w, 1), "") << i;
  EXPECT_EQ(reserve(w, 1), kRate);
  // A refused call took nothing; one message may hold more recipients than a second's worth.
  w.clock.freeze(w.clock.now() + std::chrono::seconds(1));
  EXPECT_EQ(reserve(w, 50), "");
  EXPECT_EQ(reserve(w, 1), kRate);
  w.clock.freeze(w.clock.now() + std::chrono::seconds(5));
  EXPECT_EQ(reserve(w, 1), "");
}

TEST(Accounts, SimulatedRecipientsCountInTheRateAlone) {
  TestWorld w(with(1, 10));
  w.accounts->reserve(w.scope(), 3, 2);
  EXPECT_EQ(w.accounts->sent_last_24h(w.scope()), 1);
  EXPECT_EQ(fault_of([&] { w.accounts->reserve(w.scope(), 17, 17); }), "");
  EXPECT_EQ(fault_of([&] { w.accounts->reserve(w.scope(), 1, 1); }), kRate);
  EXPECT_EQ(reserve(w, 1), kDaily);
  w.accounts->release(w.scope(), 3, 2);
  EXPECT_EQ(w.accounts->sent_last_24h(w.scope()), 0);
  EXPECT_EQ(fault_of([&] { w.accounts->reserve(w.scope(), 3, 2); }), "");
}

TEST(Accounts, MinusOneIsUnlimited) {
  TestWorld w(with(-1, -1));
  for (int i = 0; i < 10000; ++i) w.accounts->reserve(w.scope(), 50);
  EXPECT_EQ(w.accounts->sent_last_24h(w.scope()), 500000);
}

TEST(Accounts, SandboxHasSmallQuotasUnlessChosen) {
  Settings sandbox;
  sandbox.sandbox = true;
  TestWorld w(sandbox);
  EXPECT_EQ(w.accounts->settings(w.scope()).max_24h, 200);
  EXPECT_EQ(w.accounts->settings(w.scope()).max_rate, 1);
  auto chosen = with(77, 3);
  chosen.sandbox = true;
  EXPECT_EQ(TestWorld(chosen).accounts->settings(w.scope()).max_24h, 77);

  TestWorld p;
  EXPECT_EQ(p.accounts->settings(p.scope()).max_24h, 50000);
  run_task(p.accounts->change(p.scope(), [](AccountSettings& s) { s.sandbox = true; }));
  EXPECT_EQ(p.accounts->settings(p.scope()).max_24h, 200);
  run_task(p.accounts->change(p.scope(), [](AccountSettings& s) { s.max_24h = 300; }));
  run_task(p.accounts->change(p.scope(), [](AccountSettings& s) { s.sandbox = false; }));
  EXPECT_EQ(p.accounts->settings(p.scope()).max_24h, 300);
  EXPECT_EQ(p.accounts->settings(p.scope()).max_rate, 14);
}

TEST(Accounts, SurviveARestart) {
  TestWorld w(with(10, -1));
  run_task(w.accounts->change(w.scope(), [](AccountSettings& s) {
    s.sending_enabled = false;
    s.paused_reason = "review";
  }));
  accept(w, 7);
  w.clock.freeze(w.clock.now() + std::chrono::minutes(20));
  accept(w, 2);
  w.reopen();
  EXPECT_EQ(w.accounts->sent_last_24h(w.scope()), 9);
  EXPECT_EQ(reserve(w, 2), kDaily);
  EXPECT_FALSE(w.accounts->settings(w.scope()).sending_enabled);
  EXPECT_EQ(w.accounts->settings(w.scope()).paused_reason, "review");
}

TEST(Accounts, StatisticsInQuartersOfAnHour) {
  TestWorld w(with(-1, -1));
  auto start = w.clock.now();
  accept(w, 3);
  accept(w, 2);
  w.store->write_now([&](store::Db& db) { w.accounts->record_outcome(db, w.scope(), start, 2, 1, 0); });
  w.clock.freeze(start + std::chrono::minutes(15));
  accept(w, 1);
  auto points = run_task(w.accounts->statistics(w.scope()));
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].attempts, 5);
  EXPECT_EQ(points[0].bounces, 2);
  EXPECT_EQ(points[0].complaints, 1);
  EXPECT_EQ(points[1].attempts, 1);
  EXPECT_EQ(base::to_millis(points[1].start) % (15 * 60 * 1000), 0);
  // Of the last two weeks only, and what is older goes.
  w.clock.freeze(start + std::chrono::hours(24 * 15));
  accept(w, 1);
  EXPECT_EQ(run_task(w.accounts->statistics(w.scope())).size(), 1u);
  std::int64_t rows = 0;
  w.store->read_now([&](store::Db& db) {
    auto q = db.query("SELECT (SELECT COUNT(*) FROM sent_minute) + (SELECT COUNT(*) FROM send_point)");
    q.next();
    rows = q.get_integer(0);
  });
  EXPECT_EQ(rows, 2);
}

}  // namespace
}  // namespace ses

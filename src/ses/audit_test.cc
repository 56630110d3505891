// The record of decisions: what folds, what is counted, what is never dropped, and what is found again.
#include "ses/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "ses/audit_buffer.h"
#include "ses/test_world.h"

namespace ses {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

AccessRecord record_of(Effect effect, std::string action, std::string source = "192.0.2.1") {
  AccessRecord r;
  r.effect = effect;
  r.action = std::move(action);
  r.account = "123456789012";
  r.region = "us-east-1";
  r.principal_arn = "arn:aws:iam::123456789012:user/bob";
  r.access_key_id = "AKIAIOSFODNN7EXAMPLE";
  r.source_ip = std::move(source);
  r.request_id = "r";
  return r;
}

AuditEntry entry_of(Effect effect, std::string action, std::string source = "192.0.2.1",
                    std::int64_t at = 60000) {
  AuditEntry entry;
  entry.record = record_of(effect, std::move(action), std::move(source));
  entry.record.when = entry.last = base::from_millis(at);
  return entry;
}

std::int64_t count_of(const std::vector<AuditEntry>& entries) {
  std::int64_t count = 0;
  for (const auto& entry : entries) count += entry.count;
  return count;
}

TEST(AuditBuffer, EqualDenialsAreOneWithACount) {
  AuditBuffer buffer{AuditOptions{}};
  for (int i = 0; i < 1000; ++i) {
    auto entry = entry_of(Effect::implicit_deny, "ses:SendEmail", "192.0.2.1", 60000 + i);
    entry.record.request_id = std::to_string(i);
    buffer.add(std::move(entry));
  }
  buffer.add(entry_of(Effect::explicit_deny, "ses:SendEmail"));
  auto other = entry_of(Effect::implicit_deny, "ses:SendEmail");
  other.record.resources = {"arn:aws:ses:us-east-1:123456789012:identity/example.com"};
  buffer.add(std::move(other));
  const auto taken = buffer.take(base::from_millis(70000), false);
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_EQ(count_of(taken), 1002);
  const auto many = std::ranges::find(taken, 1000, &AuditEntry::count);
  ASSERT_NE(many, taken.end());
  EXPECT_EQ(many->record.when, base::from_millis(60000));
  EXPECT_EQ(many->last, base::from_millis(60999));
  EXPECT_TRUE(buffer.empty());
}

TEST(AuditBuffer, AFloodOfDifferentDenialsStaysBoundedAndCounted) {
  AuditOptions options;
  options.most_denials = 100;
  AuditBuffer buffer{options};
  for (int i = 0; i < 10000; ++i) {
    auto entry = entry_of(Effect::bad_credentials, "ses:GetAccount", "192.0.2." + std::to_string(i % 10));
    entry.record.access_key_id = "AKIA" + std::to_string(i);
    buffer.add(std::move(entry));
  }
  for (int i = 0; i < 10000; ++i)
    buffer.add(entry_of(Effect::implicit_deny, "ses:GetAccount", "2001:db8::" + std::to_string(i)));
  const auto taken = buffer.take(base::from_millis(60000), false);
  EXPECT_LE(taken.size(), 100u + 1024u + 4u);
  EXPECT_EQ(count_of(taken), 20000);
  std::int64_t of_one_source = 0;
  for (const auto& entry : taken)
    if (entry.record.source_ip == "192.0.2.3") of_one_source += entry.count;
  EXPECT_EQ(of_one_source, 1000);
}

TEST(AuditBuffer, AllowedSendsAreCountedByMinute) {
  AuditBuffer buffer{AuditOptions{}};
  for (int i = 0; i < 500; ++i)
    buffer.add(entry_of(Effect::allowed, "ses:SendRawEmail", "192.0.2.1", 60000 + i));
  buffer.add(entry_of(Effect::allowed, "ses:GetAccount"));
  buffer.add(entry_of(Effect::allowed, "ses:GetAccount"));
  EXPECT_EQ(buffer.take(base::from_millis(119999), false).size(), 2u);  // the minute is not over
  EXPECT_FALSE(buffer.empty());
  buffer.add(entry_of(Effect::allowed, "ses:SendRawEmail", "192.0.2.1", 120000));
  const auto over = buffer.take(base::from_millis(120000), false);
  ASSERT_EQ(over.size(), 1u);
  EXPECT_EQ(over[0].count, 500);
  EXPECT_EQ(over[0].last, base::from_millis(60499));
  EXPECT_EQ(count_of(buffer.take(base::from_millis(120000), true)), 1);
}

TEST(AuditBuffer, AllowsBeyondTheRoomAreCounted) {
  AuditOptions options;
  options.allows = AuditAllows::all;
  options.most_allows = 10;
  AuditBuffer buffer{options};
  for (int i = 0; i < 25; ++i) buffer.add(entry_of(Effect::allowed, "ses:SendEmail", "192.0.2.1", 60000 + i));
  EXPECT_EQ(buffer.dropped(), 15u);
  auto taken = buffer.take(base::from_millis(60100), false);
  ASSERT_EQ(taken.size(), 11u);
  EXPECT_EQ(taken.back().record.action, "audit:Dropped");
  EXPECT_EQ(taken.back().count, 15);
  EXPECT_EQ(taken.back().record.when, base::from_millis(60010));
  buffer.put_back(std::move(taken));
  EXPECT_EQ(buffer.dropped(), 15u);
  EXPECT_EQ(count_of(buffer.take(base::from_millis(60100), false)), 25);
}

TEST(AuditRecord, IsCutAndCleaned) {
  AccessRecord record;
  record.user_agent = std::string(5000, 'x');
  record.action = "ses:\x1b[2J\r\n";
  record.principal_arn = "\xff\xfe";
  record.sid = "gr\xc3\xbc\xc3\x9f";
  record.resources.assign(100, "a\nb");
  normalise(record);
  EXPECT_EQ(record.user_agent.size(), 256u);
  EXPECT_EQ(record.action, "ses:?[2J??");
  EXPECT_EQ(record.principal_arn, "??");
  EXPECT_EQ(record.sid, "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(record.resources.size(), 11u);
  EXPECT_EQ(record.resources[0], "a?b");
  EXPECT_EQ(record.resources[10], "...");
}

struct AuditTest : ::testing::Test {
  AuditPage list(AuditQuery query) { return base::run_task(audit.list(std::move(query))); }
  std::vector<std::string> actions(AuditQuery query) {
    std::vector<std::string> out;
    for (const auto& entry : list(std::move(query)).entries) out.push_back(entry.record.action);
    return out;
  }
  void record_some() {
    audit.record(record_of(Effect::allowed, "ses:SendEmail"));
    world.clock.freeze(world.clock.now() + std::chrono::minutes(1));
    audit.record(record_of(Effect::explicit_deny, "ses:SendRawEmail"));
    world.clock.freeze(world.clock.now() + std::chrono::minutes(1));
    auto login = record_of(Effect::bad_credentials, "smtp:Login", "198.51.100.7");
    login.account = login.principal_arn = "";
    login.access_key_id = "AKIANOBODY";
    audit.record(std::move(login));
    world.clock.freeze(world.clock.now() + std::chrono::minutes(1));
    audit.record(record_of(Effect::implicit_deny, "ses:GetAccount"));
    base::run_task(audit.flush());
  }

  testing::TestWorld world;
  Audit audit{*world.store, world.clock};
  const base::WallTime start = world.clock.now();
};

TEST_F(AuditTest, WhatIsRecordedIsFound) {
  auto record = record_of(Effect::explicit_deny, "ses:SendRawEmail");
  record.user_agent = "aws-cli";
  record.api = "v1";
  record.resources = {"arn:aws:ses:us-east-1:123456789012:identity/a.example", "arn:b"};
  record.policy = "guests";
  record.statement = 2;
  record.sid = "NoGuests";
  audit.record(record);
  const auto page = list({});
  ASSERT_EQ(page.entries.size(), 1u);
  const auto& found = page.entries[0];
  EXPECT_EQ(found.count, 1);
  EXPECT_EQ(found.record.when, start);
  EXPECT_EQ(found.last, start);
  const auto& r = found.record;
  EXPECT_EQ(r.effect, Effect::explicit_deny);
  EXPECT_EQ(r.resources, record.resources);
  EXPECT_EQ(std::tie(r.request_id, r.account, r.region, r.principal_arn, r.access_key_id, r.source_ip),
            std::tie(record.request_id, record.account, record.region, record.principal_arn,
                     record.access_key_id, record.source_ip));
  EXPECT_EQ(
      std::tie(r.user_agent, r.api, r.action, r.policy, r.statement, r.sid),
      std::tie(record.user_agent, record.api, record.action, record.policy, record.statement, record.sid));
}

TEST_F(AuditTest, Queries) {
  record_some();
  const auto with = [](auto set) {
    AuditQuery query;
    set(query);
    return query;
  };
  using Q = AuditQuery&;
  EXPECT_THAT(actions({}), ElementsAre("ses:GetAccount", "smtp:Login", "ses:SendRawEmail", "ses:SendEmail"));
  EXPECT_THAT(actions(with([](Q q) { q.denied = true; })),
              ElementsAre("ses:GetAccount", "smtp:Login", "ses:SendRawEmail"));
  EXPECT_THAT(actions(with([](Q q) { q.action = "ses:Send*"; })),
              ElementsAre("ses:SendRawEmail", "ses:SendEmail"));
  EXPECT_THAT(actions(with([](Q q) { q.action = "smtp:Login"; })), ElementsAre("smtp:Login"));
  EXPECT_THAT(actions(with([](Q q) { q.action = "ses:_etAccount"; })), IsEmpty());
  EXPECT_THAT(actions(with([](Q q) { q.action = "*_etAccount"; })), IsEmpty());
  EXPECT_THAT(actions(with([](Q q) { q.principal = "AKIANOBODY"; })), ElementsAre("smtp:Login"));
  EXPECT_THAT(actions(with([](Q q) { q.principal = "ob"; })), IsEmpty());
  EXPECT_EQ(actions(with([](Q q) { q.principal = "bob"; })).size(), 3u);
  EXPECT_EQ(actions(with([](Q q) { q.principal = "arn:aws:iam::123456789012:user/bob"; })).size(), 3u);
  EXPECT_THAT(actions(with([](Q q) { q.source = "198.51.100.7"; })), ElementsAre("smtp:Login"));
  EXPECT_EQ(actions(with([](Q q) { q.account = "123456789012"; })).size(), 3u);
  EXPECT_THAT(actions(with([this](Q q) {
                q.from = start + std::chrono::minutes(1);
                q.to = start + std::chrono::minutes(2);
              })),
              ElementsAre("ses:SendRawEmail"));
  EXPECT_THAT(actions(with([](Q q) {
                q.denied = true;
                q.principal = "bob";
                q.action = "ses:Get*";
              })),
              ElementsAre("ses:GetAccount"));
}

TEST_F(AuditTest, Pages) {
  record_some();
  AuditQuery query;
  query.at_most = 3;
  auto first = list(query);
  ASSERT_EQ(first.entries.size(), 3u);
  ASSERT_TRUE(first.next);
  query.before = first.next;
  auto second = list(query);
  ASSERT_EQ(second.entries.size(), 1u);
  EXPECT_EQ(second.entries[0].record.action, "ses:SendEmail");
  EXPECT_FALSE(second.next);
}

TEST_F(AuditTest, AllowsMayBeLeftOut) {
  AuditOptions options;
  options.allows = AuditAllows::none;
  Audit strict(*world.store, world.clock, options);
  EXPECT_FALSE(strict.wants_allows());
  strict.record(record_of(Effect::allowed, "ses:SendEmail"));
  strict.record(record_of(Effect::implicit_deny, "ses:SendEmail"));
  base::run_task(strict.flush());
  EXPECT_EQ(list({}).entries.size(), 1u);
}

TEST_F(AuditTest, OldRowsGoAndThoseOverTheNumber) {
  AuditOptions options;
  options.keep = std::chrono::hours(1);
  options.most_rows = 10;
  Audit small(*world.store, world.clock, options);
  for (int i = 0; i < 30; ++i) small.record(record_of(Effect::allowed, "ses:Get" + std::to_string(i)));
  base::run_task(small.flush());
  EXPECT_EQ(base::run_task(small.sweep()), 20u);
  EXPECT_EQ(base::run_task(small.sweep()), 0u);
  const auto left = list({});
  ASSERT_EQ(left.entries.size(), 10u);
  EXPECT_EQ(left.entries.back().record.action, "ses:Get20");
  world.clock.freeze(world.clock.now() + std::chrono::hours(2));
  small.record(record_of(Effect::allowed, "ses:GetNew"));
  base::run_task(small.flush());
  EXPECT_EQ(base::run_task(small.sweep()), 10u);
  EXPECT_THAT(actions({}), ElementsAre("ses:GetNew"));
}

TEST_F(AuditTest, ManyDenialsSettleByBeingWritten) {
  AuditOptions options;
  options.most_denials = 100;
  Audit small(*world.store, world.clock, options);
  for (int i = 0; i < 1000; ++i) {
    small.record(record_of(Effect::implicit_deny, "ses:Get" + std::to_string(i)));
    base::run_task(small.settle());
  }
  EXPECT_GE(small.counters().rows, 900u);
  base::run_task(small.flush());
  AuditQuery all;
  all.at_most = 2000;
  const auto page = list(all);
  EXPECT_EQ(page.entries.size(), 1000u);  // each with its detail
}

TEST_F(AuditTest, ManyThreadsLoseNothing) {
  constexpr int kThreads = 4, kEach = 3000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kEach; ++i) {
        const auto action = "ses:Get" + std::to_string(i % 50);
        audit.record(record_of(t % 2 ? Effect::allowed : Effect::implicit_deny, action));
      }
    });
  }
  for (int i = 0; i < 20; ++i) base::run_task(audit.flush());
  for (auto& thread : threads) thread.join();
  base::run_task(audit.flush());
  std::int64_t counted = 0;
  world.store->read_now([&](store::Db& db) {
    auto q = db.query("SELECT COALESCE(SUM(count), 0) FROM access_record");
    q.next();
    counted = q.get_integer(0);
  });
  EXPECT_EQ(counted, kThreads * kEach);
}

TEST_F(AuditTest, WhatCannotBeWrittenIsKept) {
  audit.record(record_of(Effect::explicit_deny, "ses:SendEmail"));
  world.store->write_now([](store::Db& db) { db.execute("ALTER TABLE access_record RENAME TO elsewhere"); });
  EXPECT_THROW(base::run_task(audit.flush()), std::exception);
  EXPECT_EQ(audit.counters().failed_batches, 1u);
  world.store->write_now([](store::Db& db) { db.execute("ALTER TABLE elsewhere RENAME TO access_record"); });
  EXPECT_THAT(actions({}), ElementsAre("ses:SendEmail"));
}

TEST_F(AuditTest, AResetForgetsWhatIsNotWritten) {
  audit.record(record_of(Effect::explicit_deny, "ses:SendEmail"));
  audit.forget();
  EXPECT_THAT(actions({}), IsEmpty());
}

}  // namespace
}  // namespace ses

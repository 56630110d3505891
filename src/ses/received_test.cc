#include "ses/received.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "ses/test_world.h"

namespace ses {
namespace {

using testing::TestWorld;

ReceivedMail mail_with(std::string content) {
  ReceivedMail mail;
  mail.id = "a0";
  mail.scope = {AccountId("123456789012"), Region("us-east-1")};
  mail.received = base::from_millis(1700000000000);
  mail.sender = "a=b&c@example.net";
  mail.recipients = {"x@example.com", "y=&%@example.com"};
  mail.source_ip = "192.0.2.1";
  mail.helo = "mx.example.net";
  mail.size = content.size();
  mail.head = head_of(content);
  mail.content = std::make_shared<const std::string>(std::move(content));
  ReceiptRule rule;
  rule.name = "r";
  rule.enabled = rule.scan = true;
  rule.recipients = {"x@example.com"};
  rule.actions = {AddHeaderAction{"X-A", "1 & 2 = 3"}, S3Action{"arn:t", "bucket", "p/", {}, {}},
                  StopAction{}};
  mail.plan = {rule};
  return mail;
}

struct Case {
  const char* name;
  std::size_t body;
};

class ReceivedRows : public ::testing::TestWithParam<Case> {};

TEST_P(ReceivedRows, AreReadAsTheyWereWrittenAndLetTheirContentGo) {
  TestWorld world;
  Received received(*world.store, false);
  const auto mail = mail_with("Subject: hi\r\n\r\n" + std::string(GetParam().body, 'x'));
  std::int64_t seq = 0;
  const auto file = received.put_large_body(mail);
  world.store->write_now([&](store::Db& db) { seq = received.insert(db, mail, file); });
  received.load();  // sweeps nothing that is named

  std::optional<ReceivedMail> read;
  world.store->read_now([&](store::Db& db) {
    const auto due = received.due(db, mail.received, 10, {});
    ASSERT_EQ(due.size(), 1u);
    EXPECT_EQ(due[0].seq, seq);
    EXPECT_EQ(due[0].size, mail.size);
    EXPECT_EQ(due[0].scope, mail.scope);
    EXPECT_TRUE(received.due(db, mail.received, 10, {seq}).empty());
    EXPECT_TRUE(received.due(db, mail.received, 10, {}, {mail.scope}).empty());
    EXPECT_EQ(received.due(db, mail.received, 10, {}, {{mail.scope.account, Region("r")}}).size(), 1u);
    EXPECT_TRUE(received.due(db, mail.received - base::Millis(1), 10, {}).empty());
    EXPECT_TRUE(received.due(db, mail.received - kFarOff, 10, {}).empty());
    EXPECT_EQ(received.due(db, mail.received - kFarOff - base::Millis(1), 10, {}).size(), 1u);  // set back
    read = received.load(db, seq);
  });
  ASSERT_TRUE(read && read->content);
  EXPECT_EQ(*read->content, *mail.content);
  EXPECT_EQ(read->head, "Subject: hi\r\n");
  EXPECT_EQ(read->recipients, mail.recipients);
  EXPECT_EQ(read->sender, mail.sender);
  EXPECT_EQ(read->plan, mail.plan);

  auto progress = read->progress;
  progress.step = 3;
  progress.results = R"({"result":"done"})";
  progress.state = ReceivedState::done;
  world.store->write_now([&](store::Db& db) { received.save(db, *read, progress); });
  world.store->read_now([&](store::Db& db) {
    read = received.load(db, seq);
    EXPECT_TRUE(received.due(db, mail.received, 10, {}).empty());
  });
  ASSERT_TRUE(read);
  auto another = *read;
  another.id = "b1";
  progress.step = 9;
  world.store->write_now([&](store::Db& db) { received.save(db, another, progress); });
  progress.step = 3;
  world.store->read_now([&](store::Db& db) { read = received.load(db, seq); });
  EXPECT_EQ(read->content, nullptr);
  EXPECT_EQ(read->progress.step, 3);
  EXPECT_EQ(read->progress.results, progress.results);
}

INSTANTIATE_TEST_SUITE_P(Bodies, ReceivedRows,
                         ::testing::Values(Case{"inline", 10}, Case{"file", store::kInlineBody + 1}),
                         [](const auto& test) { return test.param.name; });

TEST(Received, AHeadIsKeptInWholeFields) {
  constexpr std::size_t kMost = 64 << 10;
  EXPECT_EQ(head_of("A: 1\r\n\r\nbody\r\n"), "A: 1\r\n");
  EXPECT_EQ(head_of("A: 1\r\n"), "A: 1\r\n");
  EXPECT_EQ(head_of("\r\nbody\r\n\r\nmore\r\n"), "");
  std::string one = "A: " + std::string(kMost - 5, 'x') + "\r\n";
  EXPECT_EQ(head_of(one + "\r\n"), one);
  EXPECT_EQ(head_of(one + "B: 2\r\n\r\n"), one);
  EXPECT_EQ(head_of("Z: 0\r\n" + one + "\r\n"), "Z: 0\r\n");
  std::string folded = "B: 1\r\n";
  while (folded.size() < kMost) folded += "\tmore\r\n";
  EXPECT_EQ(head_of("Z: 0\r\n" + folded + "\r\n"), "Z: 0\r\n");
  EXPECT_EQ(head_of(folded + "\r\n"), "");
  EXPECT_EQ(head_of(std::string(2 * kMost, 'x')), "");
}

// As on a disk that is full at the commit.
TEST(Received, ContentStaysWhereItsEndCouldNotBeWritten) {
  TestWorld world;
  Received received(*world.store, false);
  auto mail = mail_with("Subject: hi\r\n\r\n" + std::string(store::kInlineBody, 'x'));
  const auto file = received.put_large_body(mail);
  world.store->write_now([&](store::Db& db) { mail.seq = received.insert(db, mail, file); });
  const auto content = [&] {
    bool there = false;
    world.store->read_now([&](store::Db& db) { there = received.load(db, mail.seq)->content != nullptr; });
    return there;
  };
  ReceivedProgress done;
  done.state = ReceivedState::done;
  const auto end = [&](bool fails) {
    base::run_task(received.put_down(mail, [&, fails](store::Db& db) {
      if (fails) db.execute("INSERT INTO received_body (seq) VALUES (1), (1)");
      return done;
    }));
  };
  EXPECT_THROW(world.store->write_now([&](store::Db& db) {
    received.save(db, mail, done);
    throw std::runtime_error("no room");
  }),
               std::runtime_error);
  EXPECT_TRUE(content());
  EXPECT_ANY_THROW(end(true));
  EXPECT_TRUE(content());
  end(false);
  EXPECT_FALSE(content());
  EXPECT_TRUE(std::filesystem::is_empty(world.store->folder() + "/received/bodies"));
}

TEST(Received, HeadsGoAfterADayAndRowsAfterTheirTime) {
  TestWorld world;
  Received received(*world.store, false);
  const auto mail = mail_with("Subject: hi\r\n\r\n");
  world.store->write_now([&](store::Db& db) {
    received.insert(db, mail, "");
    ReceivedProgress done;
    done.state = ReceivedState::done;
    received.save(db, *received.find(db, mail.id), done);
  });
  const auto swept = [&](base::Millis age, base::Millis kept) {
    std::size_t gone = 0;
    const auto now = mail.received + age;
    world.store->write_now([&](store::Db& db) { gone = received.sweep(db, now, now - kept, 10); });
    return gone;
  };
  const auto head = [&] {
    std::string out;
    world.store->read_now([&](store::Db& db) { out = received.find(db, mail.id)->head; });
    return out;
  };
  EXPECT_EQ(swept(kBounceable, std::chrono::hours(48)), 0u);
  EXPECT_EQ(head(), "Subject: hi\r\n");
  EXPECT_EQ(swept(kBounceable + base::Millis(1), std::chrono::hours(48)), 1u);
  EXPECT_EQ(head(), "");
  EXPECT_EQ(swept(std::chrono::hours(49), std::chrono::hours(48)), 1u);
}

TEST(Received, IdsAndMembers) {
  base::SystemRandom random;
  const auto id = make_received_id(random);
  EXPECT_EQ(id.size(), 40u);
  EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuv0123456789"), std::string::npos);
  EXPECT_EQ(json_text_member(R"({"disposition":"STOP_RULE"})", "disposition"), "STOP_RULE");
  for (const char* bad : {"", "null", "[]", "{", R"({"disposition":1})", R"({"other":"x"})"})
    EXPECT_EQ(json_text_member(bad, "disposition"), "") << bad;
}

}  // namespace
}  // namespace ses

#include "ses/message.h"

#include <gtest/gtest.h>

#include "ses/test_world.h"

namespace ses {
namespace {

using testing::TestWorld;

struct MessageTest : ::testing::Test {
  Mail mail(std::int64_t seq) {
    Mail m;
    m.seq = seq;
    m.id = MessageId("id-" + std::to_string(seq));
    m.scope = w.scope();
    m.accepted = m.expires = w.clock.now();
    m.content = std::make_shared<const std::string>("Subject: x\r\n\r\ny\r\n");
    m.size = m.content->size();
    m.flags = kEightBit;
    return m;
  }

  static Recipient to(int n, RecipientState state) {
    return {n, "b" + std::to_string(n) + "@d.example", "d.example", 0, state};
  }

  void insert(Messages& messages, const Mail& m, const std::vector<Recipient>& recipients,
              const std::vector<EventRecord>& events = {}) {
    w.store->write_now([&](store::Db& db) { messages.insert(db, m, {}, recipients, "", {}, events); });
  }

  bool has_content(Messages& messages, std::int64_t seq) {
    bool there = false;
    w.store->read_now([&](store::Db& db) { there = messages.load_content(db, seq) != nullptr; });
    return there;
  }

  TestWorld w;
};

TEST_F(MessageTest, ContentOfAMailForNobodyStaysOnlyForTheInbox) {
  Messages production(*w.store, false), dev(*w.store, false, true);
  insert(production, mail(1), {to(0, RecipientState::held)});
  insert(production, mail(2), {to(0, RecipientState::held), to(1, RecipientState::pending)});
  insert(dev, mail(3), {to(0, RecipientState::held)});
  EXPECT_FALSE(has_content(production, 1));
  EXPECT_TRUE(has_content(production, 2));
  EXPECT_TRUE(has_content(dev, 3));
  w.store->write_now([&](store::Db& db) {
    EXPECT_TRUE(dev.remove(db, "id-1"));
    EXPECT_TRUE(dev.remove(db, "id-3"));
    auto q = db.query("SELECT COUNT(*) FROM body");
    q.next();
    EXPECT_EQ(q.get_integer(0), 1);
  });
}

TEST_F(MessageTest, EventsComeBackInTheOrderOfTheirWriting) {
  Messages messages(*w.store, false);
  auto m = mail(1), other = mail(2);
  auto now = w.clock.now();
  insert(messages, m, {to(0, RecipientState::held), to(1, RecipientState::pending)},
         {{now, "Bounce", "{\"a\":1}"}});
  insert(messages, other, {to(0, RecipientState::held)}, {{now, "Reject", "{}"}});
  w.store->write_now([&](store::Db& db) {
    messages.record(db, m, {{1, RecipientState::delivered, now}}, {},
                    {{now, "Delivery", "{}", "192.0.2.1"}, {now, "Complaint", "{}"}}, "", false);
  });
  w.store->read_now([&](store::Db& db) {
    auto events = messages.events(db, 1);
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].type, "Bounce");
    EXPECT_EQ(events[0].json, "{\"a\":1}");
    EXPECT_EQ(events[1].type, "Delivery");
    EXPECT_EQ(events[1].outgoing_ip, "192.0.2.1");
    EXPECT_EQ(events[2].type, "Complaint");
    auto summary = messages.find(db, "id-1");
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->flags, kEightBit);
    EXPECT_EQ(summary->states[1], RecipientState::delivered);
  });
  EXPECT_FALSE(has_content(messages, 1));
}

}  // namespace
}  // namespace ses

#include <gtest/gtest.h>

#include "ses/message.h"
#include "ses/test_world.h"

namespace ses {
namespace {

TEST(Messages, EventsOfLater) {
  testing::TestWorld w;
  Messages messages(*w.store, false);
  messages.load();
  Mail mail;
  mail.seq = messages.next_seq();
  mail.id = MessageId("one");
  mail.scope = w.scope();
  mail.content = std::make_shared<const std::string>("x");
  auto at = w.clock.now();
  w.store->write_now([&](store::Db& db) {
    messages.insert(db, mail, {}, {{0, "a@b.c", "b.c"}}, "", {}, {{at, "Bounce", "{}"}});
    EXPECT_TRUE(messages.append_event(db, mail.id, {at, "Subscription", "{\"a\":1}"}));
    EXPECT_FALSE(messages.append_event(db, MessageId("other"), {at, "Subscription", "{}"}));
    auto events = messages.events(db, mail.seq);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[1].type, "Subscription");
    EXPECT_EQ(events[1].json, "{\"a\":1}");
  });
}

}  // namespace
}  // namespace ses

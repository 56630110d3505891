#include <gtest/gtest.h>

#include "ses/message.h"
#include "ses/test_world.h"

namespace ses {
namespace {

struct Sent {
  Sent() : messages(*w.store, false) {
    messages.load();
    mail.seq = messages.next_seq();
    mail.id = MessageId("one");
    mail.scope = w.scope();
    mail.accepted = w.clock.now();
    mail.flags = kSuppressBounce;
    mail.content = std::make_shared<const std::string>("x");
    w.store->write_now([&](store::Db& db) {
      messages.insert(
          db, mail, {},
          {{0, "a@b.c", "b.c"}, {1, "d@e.f", "e.f"}, {2, "g@h.i", "h.i", 0, RecipientState::held}}, "", {},
          {});
      messages.record(db, mail, {{0, RecipientState::captured, mail.accepted}}, {},
                      {{mail.accepted, "Delivery", "{}", "192.0.2.1"}}, "", true);
    });
  }
  void record(std::vector<SentRecipient> recipients, std::vector<TraceEntry> trace = {},
              std::vector<EventRecord> events = {}) {
    w.store->write_now(
        [&](store::Db& db) { messages.record_feedback(db, mail.seq, recipients, trace, events); });
  }
  SentMail found() {
    std::optional<SentMail> out;
    w.store->read_now([&](store::Db& db) { out = messages.find_sent(db, "one"); });
    return out.value();
  }

  testing::TestWorld w;
  Messages messages;
  Mail mail;
};

TEST(MessageFeedback, IsAboutRecipientsAsTheyAre) {
  Sent s;
  auto sent = s.found();
  EXPECT_EQ(sent.seq, s.mail.seq);
  EXPECT_EQ(sent.scope, s.w.scope());
  EXPECT_EQ(sent.accepted, s.mail.accepted);
  EXPECT_EQ(sent.flags, kSuppressBounce);
  ASSERT_EQ(sent.recipients.size(), 3u);
  EXPECT_EQ(sent.recipients[0].state, RecipientState::captured);
  EXPECT_EQ(sent.recipients[1].state, RecipientState::pending);
  EXPECT_EQ(sent.recipients[2].state, RecipientState::held);
  s.w.store->read_now([&](store::Db& db) { EXPECT_FALSE(s.messages.find_sent(db, "two")); });
}

TEST(MessageFeedback, ChangesStatesButOfWhatIsPendingAndKeepsTheContent) {
  Sent s;
  s.record({{0, "", RecipientState::bounced, kComplained}, {1, "", RecipientState::bounced, kAutoReplied}},
           {{s.mail.accepted, "returned", "{}"}}, {{s.mail.accepted, "Bounce", "{}"}});
  auto sent = s.found();
  EXPECT_EQ(sent.recipients[0].state, RecipientState::bounced);
  EXPECT_EQ(sent.recipients[0].feedback, kComplained);
  EXPECT_EQ(sent.recipients[1].state, RecipientState::pending);
  EXPECT_EQ(sent.recipients[1].feedback, kAutoReplied);
  s.w.store->read_now([&](store::Db& db) {
    auto events = s.messages.events(db, s.mail.seq);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[1].outgoing_ip, "192.0.2.1");
    EXPECT_EQ(s.messages.trace(db, s.mail.seq).size(), 1u);
    EXPECT_TRUE(s.messages.load_content(db, s.mail.seq));
  });
}

TEST(MessageFeedback, TheTraceIsBounded) {
  Sent s;
  for (int i = 0; i < 40; ++i) s.record({}, std::vector<TraceEntry>(10, {s.mail.accepted, "returned", "{}"}));
  s.record({}, {{s.mail.accepted, "another", "{}"}});
  s.w.store->read_now([&](store::Db& db) { EXPECT_EQ(s.messages.trace(db, s.mail.seq).size(), 101u); });
}

}  // namespace
}  // namespace ses

#include <gtest/gtest.h>

#include "events/event.h"

namespace events {
namespace {

TEST(SubscriptionEvent, Shape) {  // SES §18.2
  Subscription s;
  s.contact_list = "list";
  s.at = base::from_millis(1700000000123);
  s.source = "UnsubscribeHeader";
  s.now = {true, {{"news", false}}};
  s.before = {false, {{"news", true}, {"ads", false}}};
  auto made = subscription(s);
  EXPECT_EQ(made.type, "Subscription");
  EXPECT_EQ(made.at, s.at);
  EXPECT_EQ(
      made.json,
      R"({"contactList":"list","timestamp":"2023-11-14T22:13:20.123Z","source":"UnsubscribeHeader",)"
      R"("newTopicPreferences":{"unsubscribeAll":true,"topicSubscriptionStatus":[)"
      R"({"topicName":"news","subscriptionStatus":"OptOut"}]},)"
      R"("oldTopicPreferences":{"unsubscribeAll":false,"topicSubscriptionStatus":[)"
      R"({"topicName":"news","subscriptionStatus":"OptIn"},{"topicName":"ads","subscriptionStatus":"OptOut"}]}})");
}

}  // namespace
}  // namespace events

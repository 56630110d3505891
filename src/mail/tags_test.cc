#include "mail/tags.h"

#include <gtest/gtest.h>

#include <set>
#include "base/encoding.h"

#include "mail/message_id.h"

namespace mail {
namespace {

TEST(Tags, FaultsInTheOrderOfSes) {
  std::string longest(255, 'a'), over(256, 'a');
  const std::tuple<std::string, std::string, std::string> table[] = {
      {"", "", "The tag name must be specified."},
      {"a b", "", "The tag value must be specified."},
      {over, "v", "Tag name cannot exceed 255 characters."},
      {"a b", over, "Invalid tag name <a b>: only alphanumeric ASCII characters, '_',  '-' are allowed."},
      {"n", over, "Tag value cannot exceed 255 characters."},
      {"n", "a b",
       "Invalid tag value <a b>: only alphanumeric ASCII characters, '_',  '-' , '.', '@' are allowed."},
      {"ses:x", "v", "Invalid tag name <ses:x>: only alphanumeric ASCII characters, '_',  '-' are allowed."},
  };
  for (const auto& [name, value, fault] : table) EXPECT_EQ(check_tag(name, value), fault);
  EXPECT_FALSE(check_tag(longest, longest));
  EXPECT_FALSE(check_tag("a_B-9", "x.y@z"));
  EXPECT_FALSE(check_tag(kFeedbackTagA, "v"));
  Tag tags[] = {{"a", "b"}, {"c", ""}};
  EXPECT_EQ(check_tags(tags), "The tag value must be specified.");
}

TEST(Tags, ReadsTheHeader) {
  auto tags = parse_tags_header("campaign=book, n2 = v2,, ");
  ASSERT_TRUE(tags);
  EXPECT_EQ(*tags, (std::vector<Tag>{{"campaign", "book"}, {"n2", "v2"}}));
  EXPECT_EQ(parse_tags_header("x").error(), "The tag value must be specified.");
  EXPECT_TRUE(parse_tags_header("")->empty());
}

TEST(MessageId, HasTheFormOfSes) {
  base::SeededRandom random(1);
  auto id = make_message_id("us-east-1", base::from_millis(0x019d1d463523), random);
  EXPECT_TRUE(id.starts_with("0100019d1d463523-")) << id;
  EXPECT_TRUE(is_message_id(id)) << id;
  EXPECT_EQ(id.size(), 60u);
  EXPECT_EQ(message_id_header(id, "us-east-1", "ses.example"), "<" + id + "@email.ses.example>");
  EXPECT_EQ(message_id_header(id, "eu-west-1", "ses.example"), "<" + id + "@eu-west-1.ses.example>");
  EXPECT_EQ(message_id_of(envelope_sender(id, "bounce.example.com")), id);
  EXPECT_EQ(message_id_of("someone@example.com"), "");
  EXPECT_FALSE(is_message_id("0100019D1d463523-617e8165-a084-4d91-aa5e-13778264d5d4-000000"));
  EXPECT_EQ(default_mail_from_domain("us-east-1", "s.example"), "s.example");
  EXPECT_EQ(default_mail_from_domain("eu-west-1", "s.example"), "eu-west-1.s.example");
}

TEST(MessageId, ReturnPathsOfOursAreKnown) {
  base::SeededRandom random(1);
  auto id = make_message_id("us-east-1", base::from_millis(0x019d1d463523), random, "secret");
  EXPECT_TRUE(is_message_id(id)) << id;
  EXPECT_EQ(id[31], '4') << id;
  EXPECT_NE(id, make_message_id("us-east-1", base::from_millis(0x019d1d463523), random, "secret"));
  EXPECT_TRUE(is_own_message_id(id, "secret"));
  EXPECT_TRUE(is_own_message_id(base::ascii_upper(id), "secret"));
  EXPECT_FALSE(is_own_message_id(id, "other"));
  EXPECT_FALSE(is_own_message_id(make_message_id("us-east-1", base::from_millis(1), random), "secret"));
  EXPECT_FALSE(is_own_message_id("", "secret"));
  EXPECT_FALSE(is_own_message_id(id + "0", "secret"));
  // Every digit counts.
  for (std::size_t i = 0; i < id.size() - 7; ++i) {
    auto changed = id;
    if (changed[i] == '-') continue;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_FALSE(is_own_message_id(changed, "secret")) << i;
  }
  EXPECT_EQ(own_message_id_of(base::ascii_upper(envelope_sender(id, "bounce.example.com")), "secret"), id);
  EXPECT_EQ(own_message_id_of(envelope_sender(id, "bounce.example.com"), "other"), "");
  EXPECT_EQ(own_message_id_of("someone@example.com", "secret"), "");
}

TEST(MessageId, RegionCodes) {
  EXPECT_EQ(region_code("eu-west-2"), "010b");
  auto other = region_code("sa-east-1");
  EXPECT_EQ(other.size(), 4u);
  EXPECT_EQ(other, region_code("sa-east-1"));
  EXPECT_GE(other, "0200");
}

TEST(MessageId, FeedbackId) {
  auto hash = account_hash("111122223333");
  EXPECT_EQ(hash.size(), 44u);
  EXPECT_NE(hash, account_hash("111122223333", "secret"));
  EXPECT_EQ(feedback_id("", "", "us-east-1", "HASH="), "::1.us-east-1.HASH=:AmazonSES");
  EXPECT_EQ(feedback_id("a", "b", "us-east-1", "HASH=", "X"), "a:b:1.us-east-1.HASH=:X");
}

}  // namespace
}  // namespace mail

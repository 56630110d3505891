#include "mail/fixup.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace mail {
namespace {

Fixup usual() {
  Fixup f;
  f.message_id_header = "<id@email.ses.example>";
  f.date = "Wed, 12 Apr 2023 09:58:45 +0000";
  f.feedback_id = "::1.us-east-1.H=:AmazonSES";
  return f;
}

TEST(Fixup, ReplacesRemovesAndAppends) {
  std::string raw =
      "Received: from x\n"
      "From: A <a@b>\nTo: c@d\nBcc: secret@x\nReturn-Path: <r@s>\nMessage-ID: <old>\ndate: then\n"
      "X-SES-CONFIGURATION-SET: cs\nx-ses-message-tags: a=b,\n\tc=d\nX-SES-MESSAGE-TAGS: e=f\nX-SES-Other: "
      "kept\n"
      "X-SES-SOURCE-ARN: one\nX-SES-SOURCE-ARN: two\nSubject: one\n two\n\nline one\nline two";
  auto fixed = fix_up(raw, usual());
  ASSERT_TRUE(fixed) << fixed.error();
  EXPECT_EQ(fixed->message,
            "Received: from x\r\nFrom: A <a@b>\r\nTo: c@d\r\nX-SES-Other: kept\r\nSubject: one\r\n two\r\n"
            "Date: Wed, 12 Apr 2023 09:58:45 +0000\r\nMessage-ID: <id@email.ses.example>\r\n"
            "Feedback-ID: ::1.us-east-1.H=:AmazonSES\r\n\r\nline one\r\nline two\r\n");
  EXPECT_EQ(fixed->message.substr(fixed->body_offset), "line one\r\nline two\r\n");
  const auto& f = fixed->facts;
  EXPECT_EQ(f.from, "A <a@b>");
  EXPECT_EQ(f.bcc, "secret@x");
  EXPECT_EQ(f.return_path, "<r@s>");
  EXPECT_EQ(f.subject, "one two");
  EXPECT_EQ(f.message_id, "<old>");
  EXPECT_EQ(f.date, "then");
  EXPECT_EQ(f.control.configuration_set, "cs");
  EXPECT_EQ(f.control.message_tags, "a=b, c=d, e=f");
  EXPECT_EQ(f.control.source_arn, "one");
  EXPECT_FALSE(f.control.tenant);
  EXPECT_FALSE(f.eight_bit);
  EXPECT_EQ(f.headers.size(), f.header_count);
  EXPECT_EQ(f.headers[7].first, "X-SES-CONFIGURATION-SET");
}

TEST(Fixup, NormalisesLineEnds) {
  auto fixed = fix_up("From: a@b\r\n\r\na\rb\nc\r\nd\r\r\n\n", usual());
  ASSERT_TRUE(fixed);
  EXPECT_EQ(fixed->message.substr(fixed->body_offset), "a\r\nb\r\nc\r\nd\r\n\r\n\r\n");
}

TEST(Fixup, NoBareCrGetsOutOfAHeader) {
  auto fixed = fix_up("From: a@b\r\nSubject: x\rBcc: y\r\nX: z\r\r\n \r\n w\r\n\r\nb", Fixup{});
  ASSERT_TRUE(fixed);
  EXPECT_EQ(fixed->message, "From: a@b\r\nSubject: x Bcc: y\r\nX: z\r\n w\r\n\r\nb\r\n");
}

TEST(Fixup, BreaksLongLines) {
  std::string body(2500, 'x');
  auto fixed = fix_up("From: a@b\r\n\r\n" + body, Fixup{});
  EXPECT_EQ(fixed->message.substr(fixed->body_offset),
            body.substr(0, 998) + "\r\n" + body.substr(0, 998) + "\r\n" + body.substr(0, 504) + "\r\n");
  EXPECT_EQ(fixed->facts.longest_line, 2502u);
  Fixup keep;
  keep.break_long_lines = false;
  EXPECT_EQ(fix_up("From: a@b\r\n\r\n" + body, keep)->message.size(), 13 + body.size() + 2);
  std::string accents;
  for (int i = 0; i < 600; ++i) accents += "\xe2\x82\xac";
  auto utf8 = fix_up("From: a@b\r\n\r\n" + accents, Fixup{});
  EXPECT_EQ(utf8->message.find("\r\n", utf8->body_offset) - utf8->body_offset, 996u);
  EXPECT_TRUE(utf8->facts.eight_bit);
  EXPECT_FALSE(utf8->facts.eight_bit_header);
  std::string words;
  for (int i = 0; i < 300; ++i) words += " word" + std::to_string(i);
  auto header = fix_up("From: a@b\r\nX:" + words + "\r\n\r\n", Fixup{});
  auto view = split_message(header->message);
  EXPECT_EQ(unfold(view->find("X")->raw_value), words.substr(1));
  EXPECT_LE(header->message.find("\r\n", 11) - 11, 998u);
}

TEST(Fixup, KeepsTheMemoryOfACleanBody) {
  std::string raw = "From: a@b\r\nBcc: x@y\r\n\r\n.dot\r\n\r\n" + std::string(998, 'x') + "\r\n";
  auto usual_way = fix_up(raw, usual());
  raw.reserve(4096);
  const auto* place = raw.data();
  auto fixed = fix_up_in_place(std::move(raw), usual());
  EXPECT_EQ(static_cast<const void*>(fixed->message.data()), place);
  EXPECT_EQ(fixed->message, usual_way->message);
  EXPECT_EQ(fixed->facts.longest_line, 1000u);
  EXPECT_EQ(fix_up_in_place("Subject: a\nSubject: b\n\n", usual()).error(), "Duplicate header 'Subject'.");
}

TEST(Fixup, AddsBeforeDateAndRemovesOnRequest) {
  auto f = usual();
  f.remove = {"list-unsubscribe"};
  f.add = {{"List-Unsubscribe", "<https://u>"}};
  f.from = "x@y";
  auto fixed = fix_up("List-Unsubscribe: <mailto:a@b>\r\nTo: c@d\r\n\r\n", f);
  EXPECT_TRUE(fixed->message.starts_with("From: x@y\r\nTo: c@d\r\nList-Unsubscribe: <https://u>\r\nDate: "));
}

TEST(Fixup, FaultsAndHeaderlessText) {
  EXPECT_EQ(fix_up("Subject: a\nSubject: b\n\n", usual()).error(), "Duplicate header 'Subject'.");
  EXPECT_EQ(inspect("X Y: b\n\n").error(), "Illegal header 'X Y'.");
  auto bare = fix_up("just text", usual());
  ASSERT_TRUE(bare);
  EXPECT_TRUE(bare->facts.headers.empty());
  EXPECT_TRUE(bare->message.ends_with(":AmazonSES\r\n\r\njust text\r\n"));
}

TEST(Fixup, EventHeadersStopAtTenKilobytes) {
  std::string raw = "From: a@b\r\n";
  for (int i = 0; i < 30; ++i) raw += "X-Long: " + std::string(500, 'x') + "\r\n";
  auto facts = inspect(raw + "\r\nbody");
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->headers_truncated);
  EXPECT_EQ(facts->header_count, 31u);
  EXPECT_EQ(facts->headers.size(), 21u);
}

TEST(Fixup, ListOptions) {
  auto o = parse_list_management_options("Weekly; topic=Sports");
  ASSERT_TRUE(o);
  EXPECT_EQ(o->contact_list, "Weekly");
  EXPECT_EQ(o->topic, "Sports");
  EXPECT_EQ(parse_list_management_options("Weekly")->topic, "");
  EXPECT_EQ(parse_list_management_options("contactListName=W; topicName=T")->topic, "T");
  for (std::string_view bad : {"", ";topic=x", "a; b", "x=y"})
    EXPECT_FALSE(parse_list_management_options(bad)) << bad;
}

TEST(Fixup, WhatLeavesIsCleanWhateverCameIn) {
  base::SeededRandom random(7);
  constexpr std::string_view kAlphabet = "\r\r\n\n\n: \tabAX-";
  std::size_t passed = 0;
  for (int round = 0; round < 20000; ++round) {
    auto raw = "From: a@b\r\n" + random.text(random.u64() % 24, kAlphabet) + "\n\n" +
               random.text(random.u64() % 24, kAlphabet);
    auto fixed = fix_up(raw, usual());
    if (!fixed) continue;
    ++passed;
    auto in_place = fix_up_in_place(raw, usual());
    ASSERT_EQ(in_place->message, fixed->message) << raw;
    ASSERT_EQ(in_place->body_offset, fixed->body_offset) << raw;
    ASSERT_EQ(in_place->facts.longest_line, fixed->facts.longest_line) << raw;
    const auto& m = fixed->message;
    for (std::size_t i = 0; i < m.size(); ++i) {
      ASSERT_TRUE(m[i] != '\r' || (i + 1 < m.size() && m[i + 1] == '\n')) << raw;
      ASSERT_TRUE(m[i] != '\n' || (i > 0 && m[i - 1] == '\r')) << raw;
    }
    auto again = split_message(m);
    ASSERT_TRUE(again) << raw;
    ASSERT_EQ(again->body_offset, fixed->body_offset) << raw;
  }
  EXPECT_GT(passed, 1000u);
}

}  // namespace
}  // namespace mail

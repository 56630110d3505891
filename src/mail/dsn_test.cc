#include "mail/dsn.h"

#include <gtest/gtest.h>

#include "mail/header.h"
#include "mail/mime_reader.h"

namespace mail {
namespace {

const base::WallTime kTime = base::from_millis(1681293525000);
constexpr std::string_view kOriginal =
    "Return-Path: <joe@example.org>\r\nMessage-ID: <m1@example.org>\r\nSubject: x\r\n\r\nnot returned\r\n";

DsnMail example() {
  DsnMail dsn;
  dsn.from = "Bouncer <bounce@example.com>";
  dsn.to = "joe@example.org";
  dsn.reporting_mta = "dns; inbound-smtp.us-east-1.ses.example.net";
  dsn.arrival = kTime;
  dsn.original = kOriginal;
  auto& recipient = dsn.recipients.emplace_back();
  recipient.final_recipient = "user@example.com";
  recipient.status = "5.1.1";
  recipient.diagnostic = "550 no such user";
  recipient.remote_mta = "mx.example.com";
  recipient.last_attempt = kTime;
  recipient.extensions = {{"X-Why", "because"}};
  return dsn;
}

TEST(Dsn, IsWrittenAsTheStandardSays) {
  base::SeededRandom random(1);
  auto text = build_dsn(example(), random);
  auto message = read_parts(text);
  EXPECT_EQ(message.type.subtype, "report");
  ASSERT_TRUE(message.type.parameter("report-type"));
  EXPECT_EQ(*message.type.parameter("report-type"), "delivery-status");
  EXPECT_EQ(message.header_text("From"), "Bouncer <bounce@example.com>");
  EXPECT_EQ(message.header_text("Subject"), "Delivery Status Notification (Failure)");
  EXPECT_EQ(message.header_text("Auto-Submitted"), "auto-replied");
  ASSERT_EQ(message.parts.size(), 3u);
  EXPECT_EQ(
      message.parts[0].text(1000),
      "Your message could not be delivered to these recipients:\n\n<user@example.com>: 550 no such user\n");
  EXPECT_EQ(message.parts[1].bytes(1000),
            "Reporting-MTA: dns; inbound-smtp.us-east-1.ses.example.net\r\n"
            "Arrival-Date: Wed, 12 Apr 2023 09:58:45 +0000\r\n"
            "\r\n"
            "Final-Recipient: rfc822; user@example.com\r\n"
            "Action: failed\r\n"
            "Status: 5.1.1\r\n"
            "Remote-MTA: dns; mx.example.com\r\n"
            "Diagnostic-Code: smtp; 550 no such user\r\n"
            "Last-Attempt-Date: Wed, 12 Apr 2023 09:58:45 +0000\r\n"
            "X-Why: because\r\n");
  EXPECT_EQ(message.parts[2].type.subtype, "rfc822-headers");
  EXPECT_EQ(message.parts[2].bytes(1000),
            "Return-Path: <joe@example.org>\r\nMessage-ID: <m1@example.org>\r\nSubject: x\r\n");
}

TEST(Dsn, IsReadBack) {
  base::SeededRandom random(1);
  auto dsn = example();
  dsn.recipients.push_back(dsn.recipients[0]);
  dsn.recipients[1].final_recipient = "rfc822;second@example.com";
  dsn.recipients[1].action = DsnAction::delayed;
  dsn.recipients[1].status = "4.0.0";
  auto mail = read_returned_mail(build_dsn(dsn, random));
  EXPECT_EQ(mail.kind, ReturnedKind::bounce);
  EXPECT_TRUE(mail.standard);
  ASSERT_EQ(mail.recipients.size(), 2u);
  EXPECT_EQ(mail.recipients[0].address, "user@example.com");
  EXPECT_EQ(mail.recipients[0].diagnostic, "550 no such user");
  EXPECT_EQ(mail.recipients[0].remote_mta, "mx.example.com");
  EXPECT_EQ(mail.recipients[1].address, "second@example.com");
  EXPECT_EQ(mail.recipients[1].action, DsnAction::delayed);
  EXPECT_EQ(mail.original_message_id, "m1@example.org");
  EXPECT_EQ(mail.original_return_path, "joe@example.org");
}

TEST(Dsn, ValuesAddNothing) {
  const std::string evil = "x\r\nX-Evil: yes\r\n\r\nAction: delivered";
  base::SeededRandom random(1);
  auto dsn = example();
  dsn.subject = dsn.from = dsn.to = dsn.reporting_mta = dsn.envelope_id = dsn.in_reply_to = evil;
  dsn.extensions = {{"X-A\r\nX-Evil", "b"}, {"X-Fine", evil}};
  auto& r = dsn.recipients[0];
  r.final_recipient = r.original_recipient = r.status = r.diagnostic = r.remote_mta = evil;
  auto text = build_dsn(dsn, random);
  auto message = read_parts(text);
  EXPECT_FALSE(message.header.find("X-Evil"));
  ASSERT_EQ(message.parts.size(), 3u);
  auto status = message.parts[1].bytes(100000);
  auto groups = field_groups(status, 10);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_FALSE(groups[0].find("X-Evil"));
  EXPECT_TRUE(groups[0].find("X-Fine"));
  EXPECT_FALSE(groups[1].find("X-Evil"));
  EXPECT_EQ(field_text(groups[1], "Action"), "failed");
}

TEST(Dsn, TextsAndBounds) {
  base::SeededRandom random(1);
  auto dsn = example();
  dsn.explanation = "D\xc3\xa9sol\xc3\xa9.\n.\nFrom here";
  dsn.recipients[0].diagnostic = "smtp; 550 d\xc3\xa9sol\xc3\xa9";
  std::string headers = "Subject: caf\xc3\xa9\n";
  for (int i = 0; i < 3000; ++i) headers += "X-Pad: " + std::string(60, 'x') + "\n";
  dsn.original = headers;
  auto text = build_dsn(dsn, random);
  auto message = read_parts(text);
  ASSERT_EQ(message.parts.size(), 3u);
  EXPECT_EQ(message.parts[0].text(1000), "D\xc3\xa9sol\xc3\xa9.\n.\nFrom here\n");
  EXPECT_NE(message.parts[1].bytes(1000).find("550 d??sol??"), std::string::npos);
  EXPECT_TRUE(message.parts[2].bytes(200000).starts_with("Subject: caf\xc3\xa9\r\n"));
  EXPECT_LT(text.size(), 100000u);
  for (char c : text) EXPECT_LT(static_cast<unsigned char>(c), 128);
  dsn.original = {};
  dsn.recipients[0].action = DsnAction::delayed;
  message = read_parts(text = build_dsn(dsn, random));
  EXPECT_EQ(message.parts.size(), 2u);
  EXPECT_EQ(message.header_text("Subject"), "Delivery Status Notification (Delay)");
}

}  // namespace
}  // namespace mail

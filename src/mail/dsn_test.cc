#include "mail/dsn.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "mail/header.h"
#include "mail/mime_reader.h"
#include "mail/utf8_address.h"

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

TEST(Dsn, SaysWhatBecameOfEach) {
  struct Case {
    std::vector<DsnAction> actions;
    std::string_view title, text;
  };
  constexpr auto kFailed = "Your message could not be delivered to these recipients:\n";
  constexpr auto kDelayed = "Your message has not been delivered yet to these recipients:\n";
  constexpr auto kDone = "Your message was delivered to these recipients, or handed on for them:\n";
  using enum DsnAction;
  const Case cases[] = {
      {{failed}, "Failure", kFailed},           {{delayed}, "Delay", kDelayed},
      {{delivered}, "Success", kDone},          {{relayed}, "Success", kDone},
      {{expanded}, "Success", kDone},           {{delivered, failed}, "Failure", kDone},
      {{delayed, failed}, "Failure", kDelayed}, {{relayed, delayed}, "Delay", kDone},
  };
  base::SeededRandom random(1);
  for (const auto& c : cases) {
    auto dsn = example();
    auto one = dsn.recipients.front();
    dsn.recipients.clear();
    for (auto action : c.actions) {
      one.action = action;
      dsn.recipients.push_back(one);
    }
    auto text = build_dsn(dsn, random);
    auto message = read_parts(text);
    EXPECT_EQ(message.header_text("Subject"), fmt::format("Delivery Status Notification ({})", c.title));
    EXPECT_NE(message.parts[0].text(1000).find(c.text), std::string::npos) << c.text;
  }
}

// RFC 6533 §3: the report stays ASCII, and is read back.
TEST(Dsn, AddressesThatAreNotAscii) {
  struct Case {
    std::string address, field, back;
  };
  const Case cases[] = {
      {"a@example.com", "rfc822; a@example.com", "a@example.com"},
      {"rfc822;a@example.com", "rfc822;a@example.com", "a@example.com"},
      {"\"a;b\"@example.com", "rfc822; \"a;b\"@example.com", "\"a;b\"@example.com"},
      {"a@b\xc3\xbc"
       "cher.example",
       "rfc822; a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
      {"j\xc3\xb6+\xf0\x9f\x98\x80@example.com", "utf-8; j\\x{F6}\\x{2B}\\x{1F600}@example.com",
       "j\xc3\xb6+\xf0\x9f\x98\x80@example.com"},
  };
  base::SeededRandom random(1);
  for (const auto& c : cases) {
    auto dsn = example();
    dsn.recipients[0].final_recipient = c.address;
    auto text = build_dsn(dsn, random);
    EXPECT_NE(text.find("\r\nFinal-Recipient: " + c.field + "\r\n"), std::string::npos) << text;
    auto mail = read_returned_mail(text);
    ASSERT_EQ(mail.recipients.size(), 1u);
    EXPECT_EQ(mail.recipients[0].address, c.back);
  }
  // What others may write.
  EXPECT_EQ(address_of_typed("UTF-8; <j\\x{f6}@x>"), "j\xc3\xb6@x");
  EXPECT_EQ(address_of_typed("utf-8;\\x{}\\x{110000}\\x{d}\\x{7f}\\x{41"),
            "\\x{}\\x{110000}\\x{d}\\x{7f}\\x{41");
  EXPECT_EQ(address_of_typed("rfc822; \"Ann\" <a@x> (home)"), "a@x");
  EXPECT_EQ(address_of_typed("a@x (Ann)"), "a@x");
  EXPECT_EQ(without_xtext("a+2Bb+3D+00+zz+@x+2"), "a+b=+00+zz+@x+2");
  EXPECT_EQ(address_of_typed("rfc822; j\\x{f6}@x"), "j\\x{f6}@x");
}

// Else the report would be encoded, which RFC 3464 §2.1 forbids.
TEST(Dsn, LongWordsAreBroken) {
  base::SeededRandom random(1);
  auto dsn = example();
  dsn.recipients[0].extensions = {{"X-Long", std::string(2048, 'x')}};
  dsn.recipients[0].diagnostic = "smtp; 550 " + std::string(2000, 'y');
  auto text = build_dsn(dsn, random);
  auto message = read_parts(text);
  auto status = message.parts[1].bytes(100000);
  EXPECT_NE(status.find(std::string(900, 'x')), std::string::npos);
  for (auto line : base::split(text, '\n')) EXPECT_LE(line.size(), 999u);
  EXPECT_EQ(message.parts[1].header_text("Content-Transfer-Encoding"), "7bit");
}

TEST(Dsn, ValuesAddNothing) {
  const std::string evil = "x\r\nX-Evil: yes\r\n\r\nAction: delivered";
  base::SeededRandom random(1);
  auto dsn = example();
  dsn.subject = dsn.from = dsn.to = dsn.reporting_mta = dsn.envelope_id = dsn.in_reply_to = evil;
  dsn.extensions = {{"X-A\r\nX-Evil", "b"}, {"X-Fine", evil}};
  auto& r = dsn.recipients[0];
  r.final_recipient = r.original_recipient = r.status = r.diagnostic = r.remote_mta = evil;
  r.extensions = {{"X-Control",
                   "a\x1b[1m\x01\x7f"
                   "b\tc"}};
  auto text = build_dsn(dsn, random);
  EXPECT_NE(text.find("\r\nX-Control: a [1m ?b c\r\n"), std::string::npos) << text;
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

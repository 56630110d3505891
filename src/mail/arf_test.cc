#include "mail/arf.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace mail {
namespace {

std::string report(std::string_view fields, std::string_view original) {
  return "From: <fbl@example.org>\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/report; report-type=feedback-report;\r\n boundary=\"b\"\r\n\r\n"
         "--b\r\nContent-Type: text/plain\r\n\r\nThis is a report.\r\n"
         "--b\r\nContent-Type: message/feedback-report\r\n\r\n" +
         std::string(fields) + "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + std::string(original) +
         "\r\n--b--\r\n";
}

constexpr std::string_view kMail =
    "Return-Path: <id@bounce.example.com>\r\nFrom: a@example.com\r\nTo: User <user@example.org>\r\n"
    "Cc: second@example.org\r\nMessage-ID: <m1@example.com>\r\n\r\nbuy\r\n";

TEST(Arf, AllFields) {
  auto out =
      read_feedback_report(report("Feedback-Type: Abuse\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\n"
                                  "Original-Mail-From: <id@bounce.example.com>\r\n"
                                  "Original-Rcpt-To: <third@example.org>\r\n"
                                  "Original-Rcpt-To: fourth@example.org\r\n"
                                  "Arrival-Date: Wed, 12 Apr 2023 09:58:45 GMT\r\n"
                                  "Reporting-MTA: dns; mail.example.org\r\nSource-IP: 192.0.2.1\r\n"
                                  "Reported-Domain: example.com\r\nRemoval-Recipient: x@y.z\r\n",
                                  kMail));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->feedback_type, "abuse");
  EXPECT_EQ(out->user_agent, "SomeGenerator/1.0");
  EXPECT_EQ(out->original_mail_from, "id@bounce.example.com");
  EXPECT_EQ(out->recipients, (std::vector<std::string>{"third@example.org", "fourth@example.org"}));
  EXPECT_EQ(out->arrival_date, "Wed, 12 Apr 2023 09:58:45 GMT");
  EXPECT_EQ(out->reporting_mta, "mail.example.org");
  EXPECT_EQ(out->source_ip, "192.0.2.1");
  EXPECT_EQ(out->reported_domain, "example.com");
  EXPECT_EQ(out->original_message_id, "m1@example.com");
  EXPECT_EQ(out->original_return_path, "id@bounce.example.com");
}

TEST(Arf, WhatProvidersLeaveOut) {
  auto out =
      read_feedback_report(report("Feedback-Type: fraud\r\n\r\nSource-IP: not one\r\n"
                                  "Received-Date: yesterday\r\n",
                                  kMail));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->recipients, (std::vector<std::string>{"user@example.org", "second@example.org"}));
  EXPECT_EQ(out->source_ip, "");
  EXPECT_EQ(out->arrival_date, "yesterday");
  out = read_feedback_report(report("", ""));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->feedback_type, "");
  EXPECT_TRUE(out->recipients.empty());
}

TEST(Arf, NothingElseIsOne) {
  EXPECT_FALSE(read_feedback_report(""));
  EXPECT_FALSE(read_feedback_report(kMail));
  EXPECT_FALSE(read_feedback_report("Content-Type: message/rfc822\r\n\r\n" +
                                    report("Feedback-Type: abuse\r\n", kMail)));
}

TEST(Arf, IsBounded) {
  std::string fields = "Feedback-Type: abuse\r\nUser-Agent: " + std::string(50000, 'x') + "\r\n";
  for (int i = 0; i < 500; ++i) fields += "Original-Rcpt-To: u" + std::to_string(i) + "@example.org\r\n";
  auto out = read_feedback_report(report(fields, kMail));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->user_agent.size(), 500u);
  EXPECT_LE(out->recipients.size(), 100u);
}

}  // namespace
}  // namespace mail

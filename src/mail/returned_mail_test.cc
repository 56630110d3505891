#include "mail/returned_mail.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace mail {
namespace {

std::string kind_name(ReturnedKind kind) {
  constexpr std::string_view kNames[] = {"other",       "bounce",     "feedback",
                                         "disposition", "auto_reply", "challenge"};
  return std::string(kNames[static_cast<std::size_t>(kind)]);
}

// "bounce: a@b failed 5.1.1 [diagnostic] @mta"
std::string shown(const ReturnedMail& mail) {
  auto out = kind_name(mail.kind);
  for (const auto& r : mail.recipients) {
    out += ": " + r.address + " " + std::string(name_of(r.action)) + " " + r.status;
    if (!r.diagnostic.empty()) out += " [" + r.diagnostic + "]";
    if (!r.remote_mta.empty()) out += " @" + r.remote_mta;
  }
  return out;
}

std::string report(std::string_view status, std::string_view original = {}) {
  std::string out =
      "From: MAILER-DAEMON@mx.example.org (Mail Delivery System)\r\n"
      "Subject: Undelivered Mail Returned to Sender\r\n"
      "Auto-Submitted: auto-replied\r\n"
      "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n"
      "--b\r\n\r\nThis is the mail system at host mx.example.org.\r\n"
      "--b\r\nContent-Type: message/delivery-status\r\n\r\n";
  out += status;
  if (!original.empty())
    out += "\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n" + std::string(original);
  return out + "\r\n--b--\r\n";
}

TEST(ReturnedMail, StandardReports) {
  auto mail = read_returned_mail(
      report("Reporting-MTA: dns; mx.example.org\r\nX-Postfix-Queue-ID: 4711\r\nArrival-Date: Wed, 12 Apr "
             "2023 09:58:45 "
             "+0000\r\nOriginal-Envelope-Id: env+1\r\n\r\n"
             "Final-Recipient: rfc822; user@example.org\r\nOriginal-Recipient: rfc822;User@example.org\r\n"
             "Action: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; inner.example.org\r\n"
             "Diagnostic-Code: smtp; 550 5.1.1 <user@example.org>:\r\n    no such user; sorry\r\n\r\n"
             "Final-Recipient: rfc822;<second@example.org>\r\nAction: Delayed (queued)\r\nStatus: 4.4.1 (no "
             "answer)\r\n",
             "Return-Path: <id@bounce.example.com>\r\nMessage-ID: <m1@example.com>\r\nSubject: x\r\n"));
  EXPECT_EQ(shown(mail),
            "bounce: user@example.org failed 5.1.1 [550 5.1.1 <user@example.org>: no such user; sorry] "
            "@inner.example.org: second@example.org delayed 4.4.1");
  EXPECT_TRUE(mail.standard);
  EXPECT_EQ(mail.recipients[0].original, "User@example.org");
  EXPECT_EQ(mail.reporting_mta, "mx.example.org");
  EXPECT_EQ(mail.arrival_date, "Wed, 12 Apr 2023 09:58:45 +0000");
  EXPECT_EQ(mail.envelope_id, "env+1");
  EXPECT_EQ(mail.original_message_id, "m1@example.com");
  EXPECT_EQ(mail.original_return_path, "id@bounce.example.com");
}

TEST(ReturnedMail, ReportsThatAreNotQuiteRight) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@b.c\r\nAction: failed\r\n",
       "bounce: a@b.c failed 5.0.0"},
      {"Final-Recipient: a@b.c\r\nStatus: 4.2.2\r\n", "bounce: a@b.c delayed 4.2.2"},
      {"\r\n\r\n\r\nFinal-Recipient: rfc822; a@b.c\r\nAction: relayed\r\nStatus: 2.0.0\r\n",
       "bounce: a@b.c relayed 2.0.0"},
      {"Original-Recipient: rfc822; a@b.c\r\nAction: failed\r\nStatus: 550\r\n",
       "bounce: a@b.c failed 5.0.0"},
      {"Final-Recipient: rfc822; a@b.c\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: x\x01y\xff\r\n",
       "bounce: a@b.c failed 5.1.1 [x y\xef\xbf\xbd]"},
      {"Final-Recipient: rfc822; a@b.c\r\nStatus: 5.0.0\r\nDiagnostic-Code: 550 no such user; sorry\r\n",
       "bounce: a@b.c failed 5.0.0 [550 no such user; sorry]"},
      {"no fields at all", "bounce"},
      {"", "bounce"},
  };
  for (auto [status, text] : table) EXPECT_EQ(shown(read_returned_mail(report(status))), text) << status;
  std::string many = "Reporting-MTA: dns; x\r\n\r\n";
  for (int i = 0; i < 1000; ++i) many += "Final-Recipient: rfc822; a@b.c\r\n\r\n";
  EXPECT_LE(read_returned_mail(report(many)).recipients.size(), 100u);
  EXPECT_LE(read_returned_mail(report(many.substr(many.find("Final")))).recipients.size(), 100u);
}

// Each line is looked at once, however many are no fields.
TEST(ReturnedMail, RubbishCostsWhatItsSizeAllows) {
  std::string rubbish;
  for (int i = 0; i < 100000; ++i) rubbish += "a b:c\r\n";
  rubbish += "x\r\nFinal-Recipient: rfc822; a@b.c\r\nAction: failed\r\nStatus: 5.1.1\r\n";
  EXPECT_EQ(shown(read_returned_mail(report(rubbish))), "bounce: a@b.c failed 5.1.1");
}

TEST(ReturnedMail, TextsHaveNoControlCharacters) {
  const auto mail =
      read_returned_mail("From: MAILER-DAEMON@x\nSubject: failure notice\n\n<a@b.c>:\nno \x1b[31mred\x7f\n");
  EXPECT_EQ(shown(mail), "bounce: a@b.c failed 5.0.0 [no  [31mred ]");
}

TEST(ReturnedMail, ForwardedBounceIsNotOurs) {
  auto forwarded = "From: a@example.org\r\nContent-Type: message/rfc822\r\n\r\n" +
                   report("Final-Recipient: rfc822; a@b.c\r\nAction: failed\r\nStatus: 5.1.1\r\n");
  EXPECT_EQ(shown(read_returned_mail(forwarded)), "other");
}

struct Guess {
  std::string_view name, mail, shown, message_id;
};
void PrintTo(const Guess& g, std::ostream* out) { *out << g.name; }
class Guessed : public testing::TestWithParam<Guess> {};

TEST_P(Guessed, ByItsText) {
  auto mail = read_returned_mail(GetParam().mail);
  EXPECT_EQ(shown(mail), GetParam().shown);
  EXPECT_EQ(mail.original_message_id, GetParam().message_id);
  EXPECT_FALSE(mail.standard);
}

INSTANTIATE_TEST_SUITE_P(
    Bounces, Guessed,
    testing::Values(
        Guess{
            "qmail",
            "From: MAILER-DAEMON@mx.example.org\nSubject: failure notice\n\n"
            "Hi. This is the qmail-send program at mx.example.org.\n"
            "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
            "<user@example.org>:\n192.0.2.1 does not like recipient.\n"
            "Remote host said: 550 5.7.1 <user@example.org>: Refused\nGiving up on 192.0.2.1.\n\n"
            "<other@example.org>:\nThis address no longer accepts mail.\n\n"
            "--- Below this line is a copy of the message.\n\n"
            "Return-Path: <id@bounce.example.com>\nMessage-ID: <m1@example.com>\n\nHello "
            "<third@example.org>:\n",
            "bounce: user@example.org failed 5.7.1 [192.0.2.1 does not like recipient. Remote host said: 550 "
            "5.7.1 <user@example.org>: Refused Giving up on 192.0.2.1.]: other@example.org failed 5.0.0 "
            "[This "
            "address no longer accepts mail.]",
            "m1@example.com"},
        Guess{"exim",
              "From: Mail Delivery System <Mailer-Daemon@mx.example.org>\n"
              "X-Failed-Recipients: user@example.org\nSubject: Mail delivery failed: returning message to "
              "sender\n\n"
              "This message was created automatically by mail delivery software.\n\n"
              "A message that you sent could not be delivered to one or more of its\n"
              "recipients. This is a permanent error. The following address(es) failed:\n\n"
              "  user@example.org\n    host inner.example.org [192.0.2.1]\n"
              "    SMTP error from remote mail server after RCPT TO:<user@example.org>:\n"
              "    550 5.1.1 User unknown\n\n"
              "------ This is a copy of the message, including all the headers. ------\n\n"
              "Message-ID: <m2@example.com>\nSubject: x\n\nbody\n",
              "bounce: user@example.org failed 5.1.1 [host inner.example.org [192.0.2.1] SMTP error from "
              "remote "
              "mail server after RCPT TO:<user@example.org>: 550 5.1.1 User unknown]",
              "m2@example.com"},
        Guess{"exim's delay",
              "From: Mail Delivery System <Mailer-Daemon@mx.example.org>\n"
              "Subject: Warning: message delayed 24 hours\n\n"
              "This message was created automatically by mail delivery software.\n"
              "A message that you sent has not yet been delivered to one or more of its\nrecipients after 24 "
              "hours.\n\n"
              "The address to which the message has not yet been delivered is:\n\n  user@example.org\n\n"
              "No action is required on your part.\n",
              "bounce: user@example.org delayed 4.0.0", ""},
        Guess{"exchange",
              "From: System Administrator <postmaster@example.org>\nSubject: Undeliverable: x\n\n"
              "Your message did not reach some or all of the intended recipients.\n\n"
              "      Subject:  x\n      Sent:     1/2/2023 10:00 AM\n\n"
              "The following recipient(s) could not be reached:\n\n"
              "      user@example.org on 1/2/2023 10:00 AM\n"
              "            The e-mail account does not exist at the organization.\n"
              "            <mail.example.org #5.1.1>\n",
              "bounce: user@example.org failed 5.1.1 [The e-mail account does not exist at the organization. "
              "<mail.example.org #5.1.1>]",
              ""},
        Guess{
            "sendmail",
            "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.org>\n"
            "Subject: Returned mail: see transcript for details\n\n"
            "The original message was received at Wed, 12 Apr 2023 09:58:45 GMT\n\n"
            "   ----- The following addresses had permanent fatal errors -----\n<user@example.org>\n"
            "    (reason: 550 5.1.1 <user@example.org>... User unknown)\n\n"
            "   ----- Transcript of session follows -----\n... while talking to inner.example.org.:\n",
            "bounce: user@example.org failed 5.1.1 [(reason: 550 5.1.1 <user@example.org>... User unknown)]",
            ""},
        Guess{"postfix without its parts",
              "From: MAILER-DAEMON@mx.example.org\nSubject: Undelivered Mail Returned to Sender\n\n"
              "This is the mail system at host mx.example.org.\n\n"
              "<user@example.org>: host inner.example.org[192.0.2.1] said: 452 Mailbox full\n"
              "    (in reply to RCPT TO command)\n",
              "bounce: user@example.org failed 4.0.0 [host inner.example.org[192.0.2.1] said: 452 Mailbox "
              "full (in "
              "reply to RCPT TO command)]",
              ""},
        Guess{"no recipient named",
              "From: postmaster@example.org\nSubject: Delivery failure\n\nYour mail was not delivered.\n",
              "bounce", ""}));

INSTANTIATE_TEST_SUITE_P(
    Others, Guessed,
    testing::Values(
        Guess{"vacation",
              "From: a@b.c\nAuto-Submitted: auto-replied\nIn-Reply-To: <m3@example.com>\n\nAway\n",
              "auto_reply", "m3@example.com"},
        Guess{"declared generated", "Auto-Submitted: auto-generated; x=y\n\n", "auto_reply", ""},
        Guess{"declared human", "Auto-Submitted: no\n\nHi\n", "other", ""},
        Guess{"X-Autoreply", "X-Autoreply: yes\n\n", "auto_reply", ""},
        Guess{"precedence", "Precedence: auto_reply\n\n", "auto_reply", ""},
        Guess{"a list", "Precedence: bulk\n\n", "other", ""},
        Guess{"exchange's out of office", "Subject: Automatic reply: x\n\n", "auto_reply", ""},
        Guess{"german", "Subject: =?utf-8?q?Automatische_Antwort:?= x\n\n", "auto_reply", ""},
        Guess{"challenge", "X-Boxtrapper: abc\nAuto-Submitted: auto-replied\n\n", "challenge", ""},
        Guess{"challenge by subject", "Subject: Please confirm your message\n\n", "challenge", ""},
        Guess{"complaint",
              "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: "
              "message/feedback-report\n\nFeedback-Type: abuse\n--b--\n",
              "feedback", ""},
        Guess{"receipt",
              "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: "
              "message/disposition-notification\n\nDisposition: x\n--b--\n",
              "disposition", ""},
        Guess{
            "receipt of RFC 6533",
            "Auto-Submitted: auto-replied\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: "
            "message/global-disposition-notification\n\nDisposition: x\n--b--\n",
            "disposition", ""},
        Guess{"a person on bounces", "From: a@b.c\nSubject: Delivery failure of my parcel\n\n<x@y.z>: 550\n",
              "other", ""},
        Guess{"nothing", "", "other", ""}));

}  // namespace
}  // namespace mail

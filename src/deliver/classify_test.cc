#include "deliver/classify.h"

#include <gtest/gtest.h>

namespace deliver {
namespace {

struct Case {
  const char* line;
  smtp::Phase phase;
  Verdict verdict;
  const char* status;
};

TEST(Classify, Replies) {
  using smtp::Phase;
  const Case cases[] = {
      {"250 2.0.0 ok", Phase::dot, Verdict::delivered, "2.0.0"},
      {"250 ok", Phase::dot, Verdict::delivered, "2.0.0"},
      {"550 5.1.1 no such user", Phase::rcpt, Verdict::bounce, "5.1.1"},
      {"550 no such user", Phase::rcpt, Verdict::bounce, "5.1.1"},
      {"552 too many recipients", Phase::rcpt, Verdict::retry, "5.1.1"},
      {"552 too big", Phase::dot, Verdict::bounce, "5.0.0"},
      {"452 4.5.3 too many recipients", Phase::rcpt, Verdict::retry, "4.5.3"},
      {"421 busy", Phase::mail, Verdict::retry, "4.0.0"},
      {"554 no mail from you", Phase::greeting, Verdict::retry, "5.3.2"},
      {"535 5.7.8 bad password", Phase::auth, Verdict::retry, "5.7.8"},
  };
  for (const auto& c : cases) {
    auto got = classify_reply(smtp::Reply::from_line(c.line), c.phase);
    EXPECT_EQ(got.verdict, c.verdict) << c.line;
    EXPECT_EQ(got.status, c.status) << c.line;
    EXPECT_EQ(got.diagnostic, c.line);
  }
}

TEST(Classify, OneRecipientRefusedTheOtherDelivered) {
  smtp::TransactionResult result;
  result.recipients = {smtp::Reply(550, "5.1.1 unknown"), smtp::Reply(250, "ok")};
  result.final_reply = smtp::Reply(250, "2.0.0 queued");
  EXPECT_EQ(classify_recipient(result, 0).verdict, Verdict::bounce);
  EXPECT_EQ(classify_recipient(result, 1).verdict, Verdict::delivered);
}

TEST(Classify, AHangUpIsTriedAgain) {
  smtp::TransactionResult result;
  result.recipients = {smtp::Reply(250, "ok")};
  result.failure = smtp::Failure{smtp::Phase::dot, std::nullopt, "connection reset"};
  auto got = classify_recipient(result, 0);
  EXPECT_EQ(got.verdict, Verdict::retry);
  EXPECT_EQ(got.status, "4.4.2");
  EXPECT_EQ(got.diagnostic, "connection reset");
}

struct NameCase {
  const char* line;
  const char *type, *sub_type;
  const char* delay;  // of the same reply with 4 in place of 5; null: not asked
};

TEST(Classify, NamesOfBouncesAndDelays) {
  const NameCase cases[] = {
      {"550 5.1.1 <x@y>: Recipient address rejected: User unknown", "Permanent", "NoEmail", "General"},
      {"550 no such user here", "Permanent", "NoEmail", nullptr},
      {"550 Requested action not taken: mailbox unavailable", "Permanent", "General", nullptr},
      {"550 5.4.1 Recipient address rejected: Access denied", "Permanent", "General", nullptr},
      {"554 5.7.1 <x@y>: Relay access denied", "Permanent", "General", nullptr},
      {"550 5.2.1 mailbox disabled", "Permanent", "General", "General"},
      {"550 5.1.2 the host does not exist", "Permanent", "General", nullptr},
      {"552 5.2.2 over quota", "Transient", "MailboxFull", "MailboxFull"},
      {"552 mailbox full", "Transient", "MailboxFull", "MailboxFull"},
      {"552 5.3.4 Message size exceeds fixed limit", "Transient", "MessageTooLarge", "General"},
      {"552 too big", "Transient", "MessageTooLarge", nullptr},
      {"554 5.6.0 bad content", "Transient", "ContentRejected", "General"},
      {"552 5.7.0 This attachment presents a potential security issue", "Transient", "AttachmentRejected",
       nullptr},
      {"550 5.7.1 Our system has detected that this message is likely spam", "Transient", "ContentRejected",
       "SpamDetected"},
      {"554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org", "Transient", "General",
       "IPFailure"},
      {"550 5.7.26 policy", "Transient", "General", "General"},
      {"550 5.1.0 <me@ses.example>: Sender address rejected: unknown user", "Transient", "General", nullptr},
      {"550 Sender verify failed", "Transient", "General", nullptr},
      {"550 5.7.1 sender rejected, it sends spam", "Transient", "ContentRejected", nullptr},
      {"550 Administrative prohibition", "Transient", "General", nullptr},
      {"550 Rejected because 192.0.2.1 is in a black list at x", "Transient", "General", nullptr},
      {"550 The user is over the quota", "Transient", "MailboxFull", "MailboxFull"},
      {"552 Mailbox limit exceeded", "Transient", "MailboxFull", "MailboxFull"},
      {"550 5.5.3 Too many recipients", "Transient", "General", nullptr},
      {"550 5.5.0 Requested action not taken: mailbox unavailable", "Permanent", "General", nullptr},
      {"550 5.3.0 local trouble", "Permanent", "General", "RecipientServerError"},
  };
  for (const auto& c : cases) {
    auto got = classify_reply(smtp::Reply::from_line(c.line), smtp::Phase::rcpt);
    auto name = name_bounce(got, false);
    EXPECT_EQ(name.type, c.type) << c.line;
    EXPECT_EQ(name.sub_type, c.sub_type) << c.line;
    EXPECT_EQ(event_diagnostic(got, "y"), std::string("smtp; ") + c.line);
    if (!c.delay) continue;
    std::string later = c.line;
    later[0] = '4';
    if (later[4] == '5') later[4] = '4';
    auto deferral = classify_reply(smtp::Reply::from_line(later), smtp::Phase::rcpt);
    EXPECT_EQ(delay_type(deferral), c.delay) << later;
    EXPECT_EQ(name_bounce(deferral, true).type, "Transient") << later;
  }
}

TEST(Classify, WhatIsAboutTheSenderIsNoHardBounce) {
  auto at_mail = classify_reply(smtp::Reply::from_line("550 no"), smtp::Phase::mail);
  EXPECT_EQ(name_bounce(at_mail, false), (BounceName{"Transient", "General"}));
  auto bad_sender = classify_reply(smtp::Reply::from_line("550 5.1.8 bad sender domain"), smtp::Phase::rcpt);
  EXPECT_EQ(name_bounce(bad_sender, false), (BounceName{"Transient", "General"}));
}

TEST(Classify, FailuresWithoutAReply) {
  auto refused = classify_failure({smtp::Phase::connect, std::nullopt, "connection refused"});
  EXPECT_EQ(delay_type(refused), "TransientCommunicationFailure");
  EXPECT_EQ(event_diagnostic(refused, "y"), "smtp; 421 4.4.1 Unable to connect to remote host");
  auto lost = classify_failure({smtp::Phase::dot, std::nullopt, "connection reset"});
  EXPECT_EQ(event_diagnostic(lost, "y"), "smtp; 421 4.4.2 connection reset");
  Classified dns{Verdict::retry, "4.4.3", "DNS look-up of MX for y failed: timeout"};
  EXPECT_EQ(event_diagnostic(dns, "y"), "smtp; 421 4.4.3 Unable to lookup DNS for y");
  Classified gone{Verdict::bounce, "5.1.2", "the domain y does not exist"};
  EXPECT_EQ(event_diagnostic(gone, "y"), "smtp; 550 5.1.2 the domain y does not exist");
  EXPECT_EQ(name_bounce(gone, false), (BounceName{"Permanent", "General"}));
  Classified no_tls{Verdict::bounce, "5.7.10", "the server does not offer STARTTLS"};
  EXPECT_EQ(name_bounce(no_tls, false), (BounceName{"Transient", "General"}));
  Classified compose{Verdict::retry, "4.3.0", "composing failed"};
  EXPECT_EQ(delay_type(compose), "InternalFailure");
}

}  // namespace
}  // namespace deliver

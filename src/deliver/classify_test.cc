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

}  // namespace
}  // namespace deliver

#include "console/received_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "receive/verdicts.h"

namespace console {
namespace {

using testing::HasSubstr;
using testing::Not;

ses::ReceivedMail sample() {
  ses::ReceivedMail mail;
  mail.id = "a0";
  mail.scope = {ses::AccountId("123456789012"), ses::Region("us-east-1")};
  mail.received = base::from_millis(0);
  mail.recipients = {"x@example.com"};
  mail.source_ip = "192.0.2.1";
  mail.helo = "mx.example.net";
  mail.head = "Subject: Hi\r\n";
  mail.plan.resize(1);
  return mail;
}

TEST(ReceivedJson, VerdictsAreShownOnceThereAre) {
  auto mail = sample();
  EXPECT_THAT(received_json(mail), Not(HasSubstr("verdicts")));
  receive::Verdicts verdicts;
  verdicts.spf = "PASS";
  verdicts.scan = {{"GRAY", "greylist"}, {"FAIL", "Eicar"}};
  mail.progress.verdicts = receive::pack(verdicts);
  EXPECT_THAT(received_json(mail), HasSubstr(R"("spam":"DISABLED","virus":"DISABLED")"));
  mail.plan[0].scan = true;
  EXPECT_THAT(
      received_json(mail),
      HasSubstr(R"("verdicts":{"spf":"PASS","dkim":"GRAY","dmarc":"GRAY","spam":"GRAY","virus":"FAIL",)"
                R"("spamDetail":"greylist","virusDetail":"Eicar"})"));
}

TEST(ReceivedText, TellsWhatTheRulesDid) {
  auto mail = sample();
  EXPECT_EQ(received_text(mail),
            "a0  received, waiting\n1970-01-01T00:00:00.000Z  0 bytes  account 123456789012  us-east-1\n"
            "from <>  at 192.0.2.1 (mx.example.net) \nto   x@example.com\n     \"Hi\"\n"
            "1970-01-01T00:00:00.000Z  due\n");
  mail.progress.state = ses::ReceivedState::done;
  mail.progress.results =
      R"({"at":"T1","rule":"r","action":"S3","notification":false,"result":"done","detail":"b/k"},)"
      R"({"at":"T2","rule":"r","action":"S3","notification":true,"result":"failed"})";
  EXPECT_THAT(received_text(mail),
              HasSubstr("\"Hi\"\nT1  done     r: S3 b/k\nT2  failed   r: S3 (notification) \n"));
  mail.progress.results = R"({"at":"T3","result":"ignored","detail":"why","message":"id-1"})";
  EXPECT_THAT(received_text(mail), HasSubstr("\"Hi\"\nT3  ignored  id-1 why\n"));
  mail.progress.results = "broken";
  EXPECT_THAT(received_text(mail), HasSubstr("\"Hi\"\n"));
}

}  // namespace
}  // namespace console

#include "events/document.h"

#include <gtest/gtest.h>

#include "events/event.h"

namespace events {
namespace {

// The sample of SES §18.1, and more.
ses::MessageSummary sample() {
  ses::MessageSummary m;
  m.id = ses::MessageId("0100-m-000000");
  m.scope = {ses::AccountId("111111111111"), ses::Region("us-east-1")};
  m.accepted = *base::parse_time("2025-11-19T00:12:33.545Z");
  m.recipients = {"c@d.com"};
  m.meta.source = "Ann <a@b.com>";
  m.meta.source_arn = "arn:aws:ses:us-east-1:111111111111:identity/b.com";
  m.meta.operation = "SendEmail";
  m.meta.configuration_set = "cs";
  m.meta.source_ip = "1.2.3.4";
  m.meta.caller_name = "user";
  m.meta.tls_version = "TLSv1.3";
  m.meta.tags = {{"custom", "v"}, {"other", "w"}, {"custom", "v2"}};
  m.meta.headers = {{"From", "a@b.com"}, {"To", "c@d.com"}, {"Subject", "x"}, {"MIME-Version", "1.0"}};
  return m;
}

const std::string kMail =
    R"("mail":{"timestamp":"2025-11-19T00:12:33.545Z","source":"Ann <a@b.com>",)"
    R"("sourceArn":"arn:aws:ses:us-east-1:111111111111:identity/b.com","sendingAccountId":"111111111111",)"
    R"("messageId":"0100-m-000000","destination":["c@d.com"],"headersTruncated":false,)";
const std::string kHeaders =
    R"("headers":[{"name":"From","value":"a@b.com"},{"name":"To","value":"c@d.com"},)"
    R"({"name":"Subject","value":"x"},{"name":"MIME-Version","value":"1.0"}],)"
    R"("commonHeaders":{"from":["a@b.com"],"to":["c@d.com"],"messageId":"0100-m-000000","subject":"x"},)";
const std::string kAutomatic =
    R"("tags":{"ses:source-tls-version":["TLSv1.3"],"ses:operation":["SendEmail"],)"
    R"("ses:configuration-set":["cs"],"ses:source-ip":["1.2.3.4"],"ses:from-domain":["b.com"],)"
    R"("ses:caller-identity":["user"],)";
const std::string kTags = R"("custom":["v","v2"],"other":["w"]}})";

const base::WallTime kAt = base::from_millis(1763511154000);

TEST(EventDocument, Send) {
  EXPECT_EQ(document(sample(), send_event(sample())),
            R"({"eventType":"Send",)" + kMail + kHeaders + kAutomatic + kTags + R"(,"send":{}})");
}

TEST(EventDocument, DeliveryWithTheAddressItLeftFrom) {
  auto event =
      delivery({kAt, std::chrono::milliseconds{455}, {"c@d.com"}, "250 2.0.0 OK", "9.8.7.6", "mta.x"});
  event.outgoing_ip = "5.6.7.8";
  EXPECT_EQ(document(sample(), event),
            R"({"eventType":"Delivery",)" + kMail + kHeaders + kAutomatic +
                R"("ses:outgoing-ip":["5.6.7.8"],)" + kTags +
                R"(,"delivery":{"timestamp":"2025-11-19T00:12:34.000Z","processingTimeMillis":455,)"
                R"("recipients":["c@d.com"],"smtpResponse":"250 2.0.0 OK","remoteMtaIp":"9.8.7.6",)"
                R"("reportingMTA":"mta.x"}})");
}

TEST(EventDocument, TheObjectOfBounceAndComplaintStandsFirst) {
  Bounce b{"Permanent", "General", {{"c@d.com", "failed", "5.1.1", "smtp; 550 5.1.1 user unknown"}},
           kAt,         "f-id",    "9.8.7.6",
           "dns; mta.x"};
  EXPECT_EQ(
      document(sample(), bounce(b)),
      R"({"eventType":"Bounce","bounce":{"feedbackId":"f-id","bounceType":"Permanent",)"
      R"("bounceSubType":"General","bouncedRecipients":[{"emailAddress":"c@d.com","action":"failed",)"
      R"("status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],)"
      R"("timestamp":"2025-11-19T00:12:34.000Z","remoteMtaIp":"9.8.7.6","reportingMTA":"dns; mta.x"},)" +
          kMail + kHeaders + kAutomatic + kTags + "}");
  Complaint c;
  c.recipients = {"c@d.com"};
  c.at = kAt;
  c.feedback_id = "f-id";
  c.user_agent = "agent";
  c.feedback_type = "abuse";
  c.arrival = kAt;
  EXPECT_EQ(
      document(sample(), complaint(c)),
      R"({"eventType":"Complaint","complaint":{"feedbackId":"f-id","complaintSubType":null,)"
      R"("complainedRecipients":[{"emailAddress":"c@d.com"}],"timestamp":"2025-11-19T00:12:34.000Z",)"
      R"("userAgent":"agent","complaintFeedbackType":"abuse","arrivalDate":"2025-11-19T00:12:34.000Z"},)" +
          kMail + kHeaders + kAutomatic + kTags + "}");
}

TEST(EventDocument, WithoutHeaders) {
  EXPECT_EQ(
      document(sample(), rendering_failure(kAt, "Attribute 'x' is not present in the rendering data.", "T")),
      R"({"eventType":"Rendering Failure",)" + kMail + kAutomatic + kTags +
          R"(,"failure":{"errorMessage":"Attribute 'x' is not present in the rendering data.",)"
          R"("templateName":"T"}})");
  Delay d{kAt,
          "General",
          kAt,
          {{"c@d.com", "", "4.4.1", "smtp; 421 4.4.1 Unable to connect to remote host"}},
          ""};
  EXPECT_EQ(
      document(sample(), delivery_delay(d)),
      R"({"eventType":"DeliveryDelay",)" + kMail + kAutomatic + kTags +
          R"(,"deliveryDelay":{"timestamp":"2025-11-19T00:12:34.000Z","delayType":"General",)"
          R"("expirationTime":"2025-11-19T00:12:34.000Z","delayedRecipients":[{"emailAddress":"c@d.com",)"
          R"("status":"4.4.1","diagnosticCode":"smtp; 421 4.4.1 Unable to connect to remote host"}]}})");
}

TEST(EventDocument, RejectAndSubscription) {
  EXPECT_EQ(document(sample(), reject(kAt, "Bad content")), R"({"eventType":"Reject",)" + kMail + kHeaders +
                                                                kAutomatic + kTags +
                                                                R"(,"reject":{"reason":"Bad content"}})");
  Subscription s{"list", kAt, "UnsubscribeHeader", {true, {{"news", false}}}, {false, {{"news", true}}}};
  EXPECT_EQ(
      document(sample(), subscription(s)),
      R"({"eventType":"Subscription",)" + kMail + kHeaders + kAutomatic + kTags +
          R"(,"subscription":{"contactList":"list","timestamp":"2025-11-19T00:12:34.000Z",)"
          R"("source":"UnsubscribeHeader","newTopicPreferences":{"unsubscribeAll":true,)"
          R"("topicSubscriptionStatus":[{"topicName":"news","subscriptionStatus":"OptOut"}]},)"
          R"("oldTopicPreferences":{"unsubscribeAll":false,"topicSubscriptionStatus":[{"topicName":"news",)"
          R"("subscriptionStatus":"OptIn"}]}}})");
}

TEST(EventDocument, CommonHeadersOfARawMail) {
  auto m = sample();
  m.meta.headers = {{"Return-Path", "back@b.com"},
                    {"Message-ID", "<own@b.com>"},
                    {"Date", "Wed, 27 Jan 2016 14:05:45 +0000"},
                    {"From", "=?utf-8?Q?J=C3=BCrg?= <a@b.com>, b@b.com"},
                    {"Sender", "s@b.com"},
                    {"Reply-To", "\"Doe, J\" <r@b.com>"},
                    {"To", "c@d.com, e@f.com"},
                    {"Cc", "g@h.com"},
                    {"Bcc", "i@j.com"},
                    {"Subject", "=?utf-8?B?w7w=?="}};
  auto json = document(m, send_event(m));
  EXPECT_NE(
      json.find(R"("commonHeaders":{"returnPath":"back@b.com","from":["\"Jürg\" <a@b.com>","b@b.com"],)"
                R"("sender":"s@b.com","replyTo":["\"Doe, J\" <r@b.com>"],)"
                R"("date":"Wed, 27 Jan 2016 14:05:45 +0000","to":["c@d.com","e@f.com"],"cc":["g@h.com"],)"
                R"("bcc":["i@j.com"],"messageId":"0100-m-000000","subject":"ü"})"),
      std::string::npos)
      << json;
  EXPECT_NE(json.find(R"({"name":"Subject","value":"ü"})"), std::string::npos) << json;
}

TEST(EventDocument, NoHeadersNoFromDomain) {
  auto m = sample();
  m.meta.headers.clear();
  auto json = document(m, send_event(m));
  EXPECT_NE(json.find(R"("headers":[],"commonHeaders":{"messageId":"0100-m-000000"},"tags")"),
            std::string::npos);
  EXPECT_EQ(json.find("from-domain"), std::string::npos);
  m.meta.headers_truncated = true;  // From was beyond what is kept
  json = document(m, send_event(m));
  EXPECT_NE(json.find(R"("ses:from-domain":["b.com"])"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("headersTruncated":true)"), std::string::npos);
}

TEST(EventDocument, SendOfATemplatedMailComesBeforeItsRendering) {
  auto m = sample();
  m.meta.operation = "SendTemplatedEmail";
  auto json = document(m, send_event(m));
  EXPECT_EQ(json.find("sourceArn"), std::string::npos);
  EXPECT_EQ(json.find("ubject"), std::string::npos);
  json = document(m, reject(kAt, "Bad content"));
  EXPECT_NE(json.find("sourceArn"), std::string::npos);
  EXPECT_NE(json.find(R"("subject":"x")"), std::string::npos);
}

TEST(EventDocument, IdentityNotification) {
  auto m = sample();
  m.meta.headers.push_back({"Message-ID", "<own@b.com>"});
  auto event = delivery({kAt, std::chrono::milliseconds{1}, {"c@d.com"}, "250 ok", "", "mta.x"});
  const std::string mail =
      R"({"notificationType":"Delivery","mail":{"timestamp":"2025-11-19T00:12:33.545Z",)"
      R"("source":"Ann <a@b.com>","sourceArn":"arn:aws:ses:us-east-1:111111111111:identity/b.com",)"
      R"("sourceIp":"1.2.3.4","callerIdentity":"user","sendingAccountId":"111111111111",)"
      R"("messageId":"0100-m-000000","destination":["c@d.com"])";
  const std::string tail = R"(},"delivery":{"timestamp":"2025-11-19T00:12:34.000Z","processingTimeMillis":1,)"
                           R"("recipients":["c@d.com"],"smtpResponse":"250 ok","reportingMTA":"mta.x"}})";
  EXPECT_EQ(document(m, event, {true, false}), mail + tail);
  EXPECT_EQ(
      document(m, event, {true, true}),
      mail +
          R"(,"headersTruncated":false,"headers":[{"name":"From","value":"a@b.com"},)"
          R"({"name":"To","value":"c@d.com"},{"name":"Subject","value":"x"},)"
          R"({"name":"MIME-Version","value":"1.0"},{"name":"Message-ID","value":"<own@b.com>"}],)"
          R"("commonHeaders":{"from":["a@b.com"],"to":["c@d.com"],"messageId":"<own@b.com>","subject":"x"})" +
          tail);
}

TEST(EventDocument, AllEvents) {
  auto m = sample();
  auto all = all_events(m, {reject(kAt, "Bad content")});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].type, "Send");
  EXPECT_EQ(all[0].at, m.accepted);
  EXPECT_EQ(all[1].type, "Reject");
  m.flags = ses::kSystem;
  EXPECT_TRUE(all_events(m, {}).empty());
}

}  // namespace
}  // namespace events

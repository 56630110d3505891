#include "deliver/report_events.h"

#include <gtest/gtest.h>

#include "deliver/simulator.h"

namespace deliver {
namespace {

const base::WallTime kAccepted = base::from_millis(1763511153545);
const base::WallTime kNow = base::from_millis(1763511154000);

struct Given {
  explicit Given(std::vector<std::string> addresses, std::int64_t flags = 0, int attempts = 1) {
    ses::Mail mail;
    mail.scope = {ses::AccountId("111111111111"), ses::Region("us-east-1")};
    mail.accepted = kAccepted;
    mail.expires = kAccepted + std::chrono::hours{14};
    mail.flags = flags;
    mail.content = std::make_shared<const std::string>("x");
    auto ptr = std::make_shared<const ses::Mail>(mail);
    job.draft = std::make_shared<compose::Draft>(ptr, mail.content, gauge);
    for (auto& address : addresses) {
      auto domain = address.substr(address.find('@') + 1);
      job.recipients.push_back({static_cast<int>(job.recipients.size()), address, domain, attempts});
    }
    report.attempt.remote_ip = "9.8.7.6";
    report.attempt.local_ip = "5.6.7.8";
  }

  Outcome outcome(bool given_up = false) {
    base::SeededRandom random(1);
    return outcome_of({job, report, report.recipients, given_up, kNow, helo}, random);
  }

  compose::ContentGauge gauge{0};
  Job job;
  Report report;
  std::string helo = "mta.example";
};

Classified reply(const char* line, smtp::Phase phase = smtp::Phase::rcpt) {
  return classify_reply(smtp::Reply::from_line(line), phase);
}

// The feedback id is random.
std::string without_id(std::string json) {
  auto at = json.find(R"("feedbackId":")");
  if (at == json.npos) return json;
  auto from = at + 14;
  auto id = json.substr(from, json.find('"', from) - from);
  EXPECT_TRUE(id.starts_with("0100") && id.ends_with("-000000")) << id;
  return json.replace(from, id.size(), "ID");
}

TEST(ReportEvents, RecipientsDeliveredTogetherShareAnEvent) {
  Given g({"a@d.example", "b@d.example"});
  g.report.recipients.assign(2, reply("250 2.0.0 Ok: queued as 1", smtp::Phase::dot));
  auto out = g.outcome();
  ASSERT_EQ(out.events.size(), 1u);
  EXPECT_EQ(out.events[0].type, "Delivery");
  EXPECT_EQ(out.events[0].outgoing_ip, "5.6.7.8");
  EXPECT_EQ(out.events[0].json,
            R"({"timestamp":"2025-11-19T00:12:34.000Z","processingTimeMillis":455,)"
            R"("recipients":["a@d.example","b@d.example"],"smtpResponse":"250 2.0.0 Ok: queued as 1",)"
            R"("remoteMtaIp":"9.8.7.6","reportingMTA":"mta.example"})");
  EXPECT_TRUE(out.feedback.empty());
}

TEST(ReportEvents, OneFateOneEvent) {
  Given g({"a@d.example", "b@d.example", "c@d.example", "d@d.example"});
  g.report.recipients = {reply("550 5.1.1 no such user"), reply("250 ok", smtp::Phase::dot),
                         reply("552 5.2.2 mailbox full", smtp::Phase::dot), reply("550 5.1.1 no such user")};
  auto out = g.outcome();
  ASSERT_EQ(out.events.size(), 3u);
  EXPECT_EQ(out.events[0].type, "Delivery");
  EXPECT_EQ(without_id(out.events[1].json),
            R"({"feedbackId":"ID","bounceType":"Permanent","bounceSubType":"NoEmail","bouncedRecipients":[)"
            R"({"emailAddress":"a@d.example","action":"failed","status":"5.1.1",)"
            R"("diagnosticCode":"smtp; 550 5.1.1 no such user"},)"
            R"({"emailAddress":"d@d.example","action":"failed","status":"5.1.1",)"
            R"("diagnosticCode":"smtp; 550 5.1.1 no such user"}],"timestamp":"2025-11-19T00:12:34.000Z",)"
            R"("remoteMtaIp":"9.8.7.6","reportingMTA":"dns; mta.example"})");
  EXPECT_NE(out.events[2].json.find(R"("bounceType":"Transient","bounceSubType":"MailboxFull")"),
            std::string::npos);
  EXPECT_EQ(out.hard_bounces, 2u);
  ASSERT_EQ(out.feedback.size(), 2u);
  EXPECT_EQ(out.feedback[1].address, "d@d.example");
  EXPECT_NE(out.events[1].json.find(out.feedback[1].feedback_id), std::string::npos);
}

TEST(ReportEvents, ADelayIsToldOnce) {
  Given first({"a@d.example"}), second({"a@d.example"}, 0, 2);
  first.report.recipients = second.report.recipients = {reply("451 4.3.0 later")};
  auto out = first.outcome();
  ASSERT_EQ(out.events.size(), 1u);
  EXPECT_EQ(
      out.events[0].json,
      R"({"timestamp":"2025-11-19T00:12:34.000Z","delayType":"RecipientServerError",)"
      R"("expirationTime":"2025-11-19T14:12:33.545Z","delayedRecipients":[{"emailAddress":"a@d.example",)"
      R"("status":"4.3.0","diagnosticCode":"smtp; 451 4.3.0 later"}]})");
  EXPECT_TRUE(second.outcome().events.empty());
}

TEST(ReportEvents, GivenUp) {
  Given g({"a@d.example"}, 0, 20);
  g.report.recipients = {reply("452 4.2.2 over quota")};
  auto out = g.outcome(true);
  ASSERT_EQ(out.events.size(), 1u);
  EXPECT_NE(out.events[0].json.find(R"("bounceType":"Transient","bounceSubType":"MailboxFull")"),
            std::string::npos);
  EXPECT_NE(out.events[0].json.find(
                R"("status":"4.4.7","diagnosticCode":"smtp; 550 4.4.7 Message expired: unable to deliver in )"
                R"(840 minutes.<452 4.2.2 over quota>")"),
            std::string::npos)
      << out.events[0].json;
  EXPECT_EQ(out.hard_bounces, 0u);
  EXPECT_TRUE(out.feedback.empty());

  Given cut({"a@d.example"}, ses::kCutShort, 3);
  cut.report.recipients = g.report.recipients;
  EXPECT_NE(cut.outcome(true).events[0].json.find(R"("Transient","bounceSubType":"CustomTimeoutExceeded")"),
            std::string::npos);
}

TEST(ReportEvents, CapturedAndSystem) {
  Given g({"a@d.example"});
  g.report.captured = true;
  g.report.recipients.resize(1);
  auto out = g.outcome();
  ASSERT_EQ(out.events.size(), 1u);
  EXPECT_NE(out.events[0].json.find(R"("smtpResponse":"250 2.0.0 Ok: captured")"), std::string::npos);
  Given system({"a@d.example"}, ses::kSystem);
  system.report.recipients = {reply("550 5.1.1 no")};
  EXPECT_TRUE(system.outcome().events.empty());
  EXPECT_EQ(system.outcome().hard_bounces, 0u);
}

struct Simulated {
  std::vector<std::string> to;
  std::vector<std::string> types;
  const char* part;  // of the last event
};

TEST(Simulator, Outcomes) {
  const std::string at = "@simulator.amazonses.com";
  const Simulated rows[] = {
      {{"success" + at}, {"Delivery"}, R"("recipients":["success@simulator.amazonses.com"])"},
      {{"bounce" + at, "BOUNCE+x" + at},
       {"Bounce"},
       R"("bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[)"
       R"({"emailAddress":"bounce@simulator.amazonses.com","action":"failed","status":"5.1.1",)"
       R"("diagnosticCode":"smtp; 550 5.1.1 user unknown"},{"emailAddress":"BOUNCE+x@simulator.amazonses.com")"},
      {{"nobody" + at}, {"Bounce"}, R"("diagnosticCode":"smtp; 550 5.1.1 user unknown")"},
      {{"suppressionlist+a" + at},
       {"Bounce"},
       R"x("diagnosticCode":"smtp; 550 5.1.1 As requested: user unknown (suppressed address: )x"
       R"x(suppressionlist+a@simulator.amazonses.com)")x"},
      {{"ooto" + at},
       {"Delivery", "Bounce"},
       R"("bounceType":"Transient","bounceSubType":"General","bouncedRecipients":[)"
       R"({"emailAddress":"ooto@simulator.amazonses.com"}])"},
      {{"complaint" + at, "success" + at},
       {"Delivery", "Complaint"},
       R"("complaintSubType":null,"complainedRecipients":[{"emailAddress":"complaint@simulator.amazonses.com"}],)"
       R"("timestamp":"2025-11-19T00:12:34.000Z","userAgent":"Amazon SES Mailbox Simulator",)"
       R"("complaintFeedbackType":"abuse","arrivalDate":"2025-11-19T00:12:34.000Z"})"},
  };
  for (const auto& row : rows) {
    Given g(row.to);
    EXPECT_TRUE(is_for_simulator(g.job, "ses.example"));
    g.report = simulate(g.job, "ses.example");
    auto out = g.outcome();
    std::vector<std::string> types;
    for (const auto& event : out.events) types.push_back(event.type);
    EXPECT_EQ(types, row.types) << row.to[0];
    EXPECT_NE(out.events.back().json.find(row.part), std::string::npos) << out.events.back().json;
    EXPECT_EQ(out.hard_bounces + out.complaints, 0u);
    EXPECT_TRUE(out.feedback.empty());
  }
}

}  // namespace
}  // namespace deliver

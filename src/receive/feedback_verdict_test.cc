#include "receive/feedback_verdict.h"

#include <gtest/gtest.h>

#include "mail/message_id.h"

namespace receive {
namespace {

using mail::DsnAction;
using ses::RecipientState;

const base::WallTime kNow = base::from_millis(1763511154000);

struct Naming {
  std::string_view status, diagnostic, name;
  bool told = true;  // the status
};

TEST(FeedbackVerdict, NamesBouncesByStatusAndText) {
  const Naming table[] = {
      {"5.1.1", "550 5.1.1 no such user", "Permanent/NoEmail"},
      {"5.1.1", "", "Permanent/NoEmail"},
      {"5.0.0", "550 no such user here", "Permanent/NoEmail"},
      {"5.0.0", "", "Permanent/General"},
      {"5.0.0", "Unrouteable address", "Permanent/General"},
      {"5.1.2", "Host not found", "Permanent/General"},
      {"5.2.1", "550 5.2.1 account disabled", "Permanent/General"},
      {"5.2.2", "552 5.2.2 over quota", "Transient/MailboxFull"},
      {"5.3.4", "", "Transient/MessageTooLarge"},
      {"5.7.1", "", "Transient/General"},
      {"5.7.1", "550 5.7.1 looks like spam", "Transient/ContentRejected"},
      {"5.6.0", "554 5.6.0 attachment not allowed", "Transient/AttachmentRejected"},
      {"5.1.8", "550 5.1.8 sender domain not found", "Transient/General"},
      {"4.4.7", "delivery time expired", "Transient/General"},
      {"4.2.2", "452 4.2.2 mailbox full", "Transient/MailboxFull"},
      {"5.4.7", "", "Transient/General"},
      {"5.0.0", "all hosts have been failing for a long time", "Transient/General"},
      {"5.0.0", "452 mailbox full", "Transient/MailboxFull"},
      {"5.0.0", "host said: 450 come again", "Transient/General"},
      {"5.0.0", "I'm not going to try again; this message has been in the queue too long.",
       "Transient/General", false},
      {"5.1.1", "no mailbox here by that name. (#5.1.1)", "Permanent/NoEmail", false},
      {"5.0.0", "This address no longer accepts mail.", "Permanent/General", false},
      {"5.0.0", "Remote host said: 554 go away", "Permanent/General", false},
      {"5.0.0", "Something went wrong.", "Undetermined/Undetermined", false},
      {"5.0.0", "", "Undetermined/Undetermined", false},
  };
  for (const auto& row : table) {
    mail::ReturnedRecipient r;
    r.status = row.status;
    r.diagnostic = row.diagnostic;
    r.status_told = row.told;
    const auto name = name_returned(r);
    EXPECT_EQ(std::string(name.type) + "/" + std::string(name.sub_type), row.name)
        << row.status << " " << row.diagnostic;
  }
}

ses::SentMail sent(std::vector<std::string> addresses, RecipientState state = RecipientState::delivered) {
  ses::SentMail out;
  out.scope = {ses::AccountId("111111111111"), ses::Region("us-east-1")};
  for (auto& address : addresses)
    out.recipients.push_back({static_cast<int>(out.recipients.size()), address, state, 0});
  return out;
}

mail::ReturnedRecipient failed(std::string address, std::string original = "", std::string status = "5.1.1") {
  mail::ReturnedRecipient r;
  r.address = std::move(address);
  r.original = std::move(original);
  r.status = std::move(status);
  r.diagnostic = "550 " + r.status + " no";
  return r;
}

FeedbackMail bounce(std::vector<mail::ReturnedRecipient> recipients) {
  FeedbackMail out;
  out.returned.kind = mail::ReturnedKind::bounce;
  out.returned.standard = true;
  out.returned.reporting_mta = "mx.example.org";
  out.returned.recipients = std::move(recipients);
  return out;
}

FeedbackMail complaint(std::string type, std::vector<std::string> recipients, bool told = true) {
  FeedbackMail out;
  out.returned.kind = mail::ReturnedKind::feedback;
  out.report.emplace();
  out.report->feedback_type = std::move(type);
  out.report->recipients = std::move(recipients);
  out.report->recipients_told = told;
  return out;
}

FeedbackVerdict weighed(const FeedbackMail& mail, const ses::SentMail& about, bool wait = true) {
  base::SeededRandom random(1);
  return weigh(mail, about, kNow, wait, random);
}

// "recorded a@b.c:bounced 1 changed 1 hard"
std::string shown(const FeedbackVerdict& v) {
  std::string out(v.result());
  for (const auto& line : v.lines) out += " " + line.recipient + ":" + std::string(line.result);
  if (v.strangers) out += " " + std::to_string(v.strangers) + " strangers";
  if (!v.changed.empty()) out += " " + std::to_string(v.changed.size()) + " changed";
  if (v.outcome.hard_bounces) out += " " + std::to_string(v.outcome.hard_bounces) + " hard";
  if (v.outcome.complaints) out += " " + std::to_string(v.outcome.complaints) + " complaints";
  if (v.early) out += " early";
  return out;
}

struct Matching {
  const char* what;
  std::vector<std::string> sent;
  std::vector<mail::ReturnedRecipient> told;
  const char* shown;
};

TEST(FeedbackVerdict, OnlyRecipientsOfTheMessageBounce) {
  const Matching table[] = {
      {"as written", {"A@b.c"}, {failed("A@b.c")}, "recorded A@b.c:bounced 1 changed 1 hard"},
      {"letter case",
       {"Ann@B.example"},
       {failed("ann@b.EXAMPLE")},
       "recorded Ann@B.example:bounced 1 changed 1 hard"},
      {"the one that is meant",
       {"Ann@b.c", "ann@b.c"},
       {failed("ann@b.c")},
       "recorded ann@b.c:bounced 1 changed 1 hard"},
      {"forwarded",
       {"a@b.c", "d@e.f"},
       {failed("x@y.z", "d@e.f")},
       "recorded d@e.f:bounced 1 changed 1 hard"},
      {"a stranger", {"a@b.c"}, {failed("x@y.z")}, "ignored 1 strangers"},
      {"forwarded for a stranger", {"a@b.c"}, {failed("x@y.z", "y@y.z")}, "ignored 1 strangers"},
      {"some of both",
       {"a@b.c", "d@e.f"},
       {failed("x@y.z"), failed("a@b.c")},
       "recorded a@b.c:bounced 1 strangers 1 changed 1 hard"},
      {"named twice",
       {"a@b.c"},
       {failed("a@b.c"), failed("a@b.c")},
       "recorded a@b.c:bounced 1 changed 1 hard"},
      {"soft", {"a@b.c"}, {failed("a@b.c", "", "4.2.2")}, "recorded a@b.c:bounced 1 changed"},
      {"nobody named", {"a@b.c"}, {}, "noted"},
  };
  for (const auto& row : table)
    EXPECT_EQ(shown(weighed(bounce(row.told), sent(row.sent))), row.shown) << row.what;
}

TEST(FeedbackVerdict, WhatIsNoFailureIsNoted) {
  for (auto action : {DsnAction::delayed, DsnAction::delivered, DsnAction::relayed, DsnAction::expanded}) {
    auto told = failed("a@b.c");
    told.action = action;
    EXPECT_EQ(shown(weighed(bounce({told}), sent({"a@b.c"}))),
              "noted a@b.c:" + std::string(mail::name_of(action)));
  }
}

TEST(FeedbackVerdict, ARecipientBouncesOnceAndOnlyIfItWasSentTo) {
  const std::pair<RecipientState, const char*> table[] = {
      {RecipientState::captured, "recorded a@b.c:bounced 1 changed 1 hard"},
      {RecipientState::bounced, "noted a@b.c:bounced before"},
      {RecipientState::held, "noted a@b.c:not sent to"},
      {RecipientState::pending, "noted a@b.c:still tried early"},
  };
  for (const auto& [state, text] : table)
    EXPECT_EQ(shown(weighed(bounce({failed("a@b.c")}), sent({"a@b.c"}, state))), text);
  EXPECT_FALSE(weighed(bounce({failed("a@b.c")}), sent({"a@b.c"}, RecipientState::pending), false).early);
}

TEST(FeedbackVerdict, OneFateOneEvent) {
  auto out = weighed(bounce({failed("a@b.c"), failed("d@e.f", "", "5.2.2"), failed("g@h.i")}),
                     sent({"a@b.c", "d@e.f", "g@h.i"}));
  ASSERT_EQ(out.outcome.events.size(), 2u);
  const auto& json = out.outcome.events[0].json;
  EXPECT_NE(json.find(R"("bounceType":"Permanent","bounceSubType":"NoEmail","bouncedRecipients":[)"
                      R"({"emailAddress":"a@b.c","action":"failed","status":"5.1.1",)"
                      R"("diagnosticCode":"smtp; 550 5.1.1 no"},{"emailAddress":"g@h.i")"),
            json.npos)
      << json;
  EXPECT_TRUE(
      json.ends_with(R"("timestamp":"2025-11-19T00:12:34.000Z","reportingMTA":"dns; mx.example.org"})"))
      << json;
  EXPECT_EQ(out.outcome.feedback.size(), 2u);
}

struct Complaining {
  const char* what;
  std::vector<std::string> sent;
  FeedbackMail mail;
  const char* shown;
};

TEST(FeedbackVerdict, Complaints) {
  const Complaining table[] = {
      {"told",
       {"a@b.c", "d@e.f"},
       complaint("abuse", {"d@e.f"}),
       "recorded d@e.f:complained 1 changed 1 complaints"},
      {"a stranger told", {"a@b.c"}, complaint("abuse", {"x@y.z"}), "ignored 1 strangers"},
      {"taken out",
       {"a@b.c"},
       complaint("abuse", {}, false),
       "recorded a@b.c:complained 1 changed 1 complaints"},
      {"taken out of two", {"a@b.c", "d@e.f"}, complaint("abuse", {}, false), "ignored"},
      {"by its header",
       {"a@b.c", "d@e.f"},
       complaint("abuse", {"d@e.f", "l@i.st"}, false),
       "recorded d@e.f:complained 1 strangers 1 changed 1 complaints"},
      {"a header with both", {"a@b.c", "d@e.f"}, complaint("abuse", {"d@e.f", "a@b.c"}, false), "ignored"},
      {"another type",
       {"a@b.c"},
       complaint("fraud", {"a@b.c"}),
       "recorded a@b.c:complained 1 changed 1 complaints"},
      {"no complaint", {"a@b.c"}, complaint("not-spam", {"a@b.c"}), "recorded a@b.c:reported 1 changed"},
      {"no user", {"a@b.c"}, complaint("auth-failure", {"a@b.c"}), "recorded a@b.c:reported 1 changed"},
  };
  for (const auto& row : table) EXPECT_EQ(shown(weighed(row.mail, sent(row.sent))), row.shown) << row.what;

  auto mail = complaint("unheard-of", {"a@b.c"});
  mail.report->user_agent = "Agent/1";
  mail.report->arrival_date = "Wed, 12 Apr 2023 11:58:45 +0200 (CEST)";
  auto out = weighed(mail, sent({"a@b.c"}));
  const auto& json = out.outcome.events.at(0).json;
  EXPECT_NE(
      json.find(
          R"("complainedRecipients":[{"emailAddress":"a@b.c"}],"timestamp":"2025-11-19T00:12:34.000Z",)"
          R"("userAgent":"Agent/1","complaintFeedbackType":"other","arrivalDate":"2023-04-12T09:58:45.000Z"})"),
      json.npos)
      << json;

  auto again = sent({"a@b.c"});
  again.recipients[0].feedback = ses::kComplained;
  EXPECT_EQ(shown(weighed(complaint("abuse", {"a@b.c"}), again)), "noted a@b.c:complained before");
  EXPECT_EQ(shown(weighed(complaint("abuse", {"a@b.c"}), sent({"a@b.c"}, RecipientState::held))),
            "noted a@b.c:not sent to");
}

TEST(FeedbackVerdict, RepliesAreNoBounces) {
  FeedbackMail mail;
  mail.from = "d@e.f";
  for (auto kind :
       {mail::ReturnedKind::challenge, mail::ReturnedKind::disposition, mail::ReturnedKind::other}) {
    mail.returned.kind = kind;
    EXPECT_EQ(shown(weighed(mail, sent({"d@e.f"}))), "noted");
  }
  mail.returned.kind = mail::ReturnedKind::auto_reply;
  EXPECT_EQ(shown(weighed(mail, sent({"a@b.c", "d@e.f"}))), "recorded d@e.f:replied 1 changed");
  EXPECT_EQ(shown(weighed(mail, sent({"a@b.c"}))), "recorded a@b.c:replied 1 changed");
  EXPECT_EQ(shown(weighed(mail, sent({"a@b.c", "g@h.i"}))), "noted");
  auto again = sent({"d@e.f"});
  again.recipients[0].feedback = ses::kAutoReplied;
  EXPECT_EQ(shown(weighed(mail, again)), "noted d@e.f:replied before");
}

TEST(FeedbackVerdict, TheServicesOwnMailIsNobodysSend) {
  auto own = sent({"a@b.c"});
  own.flags = ses::kSystem;
  EXPECT_EQ(shown(weighed(bounce({failed("a@b.c")}), own)), "noted a@b.c:bounced 1 changed");
}

TEST(FeedbackMail, AComplaintNamesItsMessage) {
  base::SeededRandom random(1);
  const auto id = mail::make_message_id("us-east-1", kNow, random, "secret");
  auto mail = complaint("abuse", {});
  EXPECT_EQ(message_meant(mail, "secret"), "");
  mail.report->original_message_id = id + "@email.ses.example";
  EXPECT_EQ(message_meant(mail, "secret"), id);
  EXPECT_EQ(message_meant(mail, "another"), "");
  mail.report->original_message_id = "m1@example.com";
  mail.report->original_mail_from = id + "@bounce.example.com";
  EXPECT_EQ(message_meant(mail, "secret"), id);
}

}  // namespace
}  // namespace receive

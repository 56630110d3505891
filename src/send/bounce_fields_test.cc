#include "send/bounce_fields.h"

#include <gtest/gtest.h>

#include "mail/returned_mail.h"
#include "ses/test_world.h"

namespace send {
namespace {

const base::WallTime kTime = base::from_millis(1681293525000);
const ses::Scope kScope{ses::AccountId("123456789012"), ses::Region("us-east-1")};

ses::ReceivedMail original() {
  ses::ReceivedMail mail;
  mail.id = "id";
  mail.scope = kScope;
  mail.received = kTime;
  mail.sender = "joe@example.org";
  mail.recipients = {"box@example.com", "User+tag@Sub.Example.com",
                     "j\xc3\xb6@b\xc3\xbc"
                     "cher.example"};
  return mail;
}

BouncedRecipient of_type(std::string recipient, std::string type) {
  return {std::move(recipient), std::move(type), std::nullopt};
}

BouncedRecipient with_fields(std::string action, std::string status) {
  BouncedRecipient out{"box@example.com", "", RecipientFields{}};
  out.fields->action = std::move(action);
  out.fields->status = std::move(status);
  return out;
}

std::string refusal(const BounceFields& fields) {
  return ses::testing::fault_of([&] {
    mail::DsnMail dsn;
    put_fields(fields, original(), dsn);
  });
}

std::string refusal(BouncedRecipient recipient) {
  BounceFields fields;
  fields.recipients.push_back(std::move(recipient));
  return refusal(fields);
}

mail::DsnRecipient one(BouncedRecipient given) {
  BounceFields fields;
  fields.recipients.push_back(std::move(given));
  mail::DsnMail dsn;
  put_fields(fields, original(), dsn);
  return dsn.recipients.at(0);
}

TEST(BounceFields, WhatCanBeBounced) {
  struct Case {
    std::string what;
    std::function<void(std::optional<ses::ReceivedMail>&, ses::Scope&, base::WallTime&)> change;
    std::string want;
  };
  const std::string none = "MessageRejected: Original message does not exist or is older than 24 hours: id";
  using namespace std::chrono_literals;
  const Case cases[] = {
      {"at once", [](auto&, auto&, auto&) {}, ""},
      {"on the last moment", [](auto&, auto&, auto& now) { now += 24h; }, ""},
      {"after it", [](auto&, auto&, auto& now) { now += 24h + 1ms; }, none},
      {"before", [](auto&, auto&, auto& now) { now -= 1h; }, ""},  // the clock of dev mode went back
      {"unknown", [](auto& mail, auto&, auto&) { mail.reset(); }, none},
      {"of another region", [](auto&, auto& scope, auto&) { scope.region = ses::Region("eu-west-1"); }, none},
      {"of another account", [](auto&, auto& scope, auto&) { scope.account = ses::AccountId("1"); }, none},
      {"at an address of our own", [](auto& mail, auto&, auto&) { mail->kind = ses::ReceivedKind::feedback; },
       none},
      {"null sender", [](auto& mail, auto&, auto&) { mail->sender = ""; },
       "MessageRejected: Original message has no sender to return a bounce to: id"},
  };
  for (const auto& c : cases) {
    std::optional<ses::ReceivedMail> mail = original();
    auto scope = kScope;
    auto now = kTime;
    c.change(mail, scope, now);
    EXPECT_EQ(ses::testing::fault_of([&] { check_bounceable(mail, "id", scope, now); }), c.want) << c.what;
  }
}

TEST(BounceFields, WhoMayBounce) {
  const std::pair<std::string, bool> cases[] = {
      {"mailer@example.com", true},
      {"Mailer <m@EXAMPLE.com>", true},
      {"m@sub.example.com", true},
      {"m@xn--bcher-kva.example", true},
      {"m@other.example.com", false},
      {"m@example.org", false},
      {"m@notexample.com", false},
      {"m@x.b\xc3\xbc"
       "cher.example",
       false},
  };
  for (const auto& [sender, allowed] : cases) {
    auto box = mail::parse_mailbox(sender, true);
    ASSERT_TRUE(box) << sender;
    const auto fault = ses::testing::fault_of([&] { check_bounce_sender(*box, original()); });
    EXPECT_EQ(fault, allowed ? ""
                             : "MessageRejected: Bounce sender is not of the domain of a recipient of the "
                               "original message: " +
                                   box->addr());
  }
}

// SES §23
TEST(BounceFields, TypesOfBounces) {
  const std::vector<std::string> cases[] = {
      {"DoesNotExist", "failed", "5.1.1", "smtp; 550 5.1.1 Mailbox does not exist"},
      {"MessageTooLarge", "failed", "5.3.4", "smtp; 552 5.3.4 Message too large"},
      {"ExceededQuota", "failed", "5.2.2", "smtp; 552 5.2.2 Mailbox full"},
      {"ContentRejected", "failed", "5.6.1", "smtp; 500 5.6.1 Message content rejected"},
      {"Undefined", "failed", "5.0.0", "smtp; 554 5.0.0 Unknown failure"},
      {"TemporaryFailure", "delayed", "4.0.0", "smtp; 450 4.0.0 Temporary failure"},
  };
  for (const auto& c : cases) {
    const auto r = one(of_type("box@example.com", c[0]));
    EXPECT_EQ(mail::name_of(r.action), c[1]) << c[0];
    EXPECT_EQ(r.status, c[2]);
    EXPECT_EQ(r.diagnostic, c[3]);
    EXPECT_EQ(r.final_recipient, "box@example.com");
  }
}

TEST(BounceFields, FieldsCountBesideAType) {
  auto given = with_fields("failed", "5.1.1");
  given.type = "DoesNotExist";
  EXPECT_EQ(one(given).diagnostic, "smtp; 550 5.1.1 Mailbox does not exist");
  given.fields->status = "4.4.7";
  auto r = one(given);
  EXPECT_EQ(r.status, "4.4.7");
  EXPECT_EQ(r.diagnostic, "");
  given.fields->diagnostic = "smtp; 450 4.4.7 d\xc3\xa9sol\xc3\xa9";
  given.fields->remote_mta = "dns; mx.example.net";
  given.fields->last_attempt = kTime;
  given.fields->extensions = {{"X-Mine", "a b"}};
  given.fields->final_recipient = "elsewhere@example.net";  // the recipient is one of the original's
  r = one(given);
  EXPECT_EQ(r.diagnostic, "smtp; 450 4.4.7 d\xc3\xa9sol\xc3\xa9");
  EXPECT_EQ(r.remote_mta, "dns; mx.example.net");
  EXPECT_EQ(r.last_attempt, kTime);
  EXPECT_EQ(r.extensions.size(), 1u);
  EXPECT_EQ(r.final_recipient, "elsewhere@example.net");
}

TEST(BounceFields, StatusAndAction) {
  const std::string bad = "BadRequestException: Invalid status code: ";
  const std::pair<std::pair<std::string, std::string>, bool> cases[] = {
      {{"failed", "5.1.1"}, true},     {{"failed", "4.4.7"}, true},
      {{"failed", "2.0.0"}, false},    {{"delayed", "4.0.0"}, true},
      {{"delayed", "5.0.0"}, false},   {{"delivered", "2.1.5"}, true},
      {{"delivered", "5.1.1"}, false}, {{"relayed", "2.0.0"}, true},
      {{"expanded", "2.0.0"}, true},   {{"failed", "5.999.999"}, true},
      {{"failed", "5.1000.1"}, false}, {{"failed", "5.1"}, false},
      {{"failed", "5.1.1.1"}, false},  {{"failed", ""}, false},
      {{"failed", "5.1.x"}, false},    {{"failed", "5..1"}, false},
      {{"failed", " 5.1.1"}, false},   {{"failed", "3.1.1"}, false},
      {{"failed", "5.01.1"}, false},   {{"failed", "5.1.1\r\nX: y"}, false},
  };
  for (const auto& [given, fine] : cases)
    EXPECT_EQ(refusal(with_fields(given.first, given.second)), fine ? "" : bad + given.second);
}

TEST(BounceFields, Recipients) {
  const std::string other = "MessageRejected: Not a recipient of the original message: ";
  EXPECT_EQ(refusal(BounceFields{}), "BadRequestException: There are no bounced recipients specified");
  EXPECT_EQ(refusal(of_type("box@example.com", "")),
            "BadRequestException: Either BounceType or RecipientDsnFields must be specified for recipient: "
            "box@example.com");
  EXPECT_EQ(refusal(of_type("Box <box@EXAMPLE.com>", "Undefined")), "");
  EXPECT_EQ(refusal(of_type("User+tag@sub.example.com", "Undefined")), "");
  EXPECT_EQ(refusal(of_type("j\xc3\xb6@xn--bcher-kva.example", "Undefined")), "");
  EXPECT_EQ(refusal(of_type("Box@example.com", "Undefined")), other + "Box@example.com");
  EXPECT_EQ(refusal(of_type("joe@example.org", "Undefined")), other + "joe@example.org");
  EXPECT_EQ(refusal(of_type("box", "Undefined")), "BadRequestException: Missing final '@domain'");
  EXPECT_EQ(refusal(of_type("box@example.com\r\nX: y", "Undefined")),
            "BadRequestException: Domain contains control or whitespace");
  auto final = with_fields("failed", "5.1.1");
  final.fields->final_recipient = "box@example.com";
  final.recipient = "alias@example.net";
  EXPECT_EQ(refusal(final), "");
  final.fields->final_recipient = "x y";
  EXPECT_EQ(refusal(final).substr(0, 20), "BadRequestException:");

  BounceFields twice;
  twice.recipients = {of_type("box@example.com", "Undefined"), of_type("box@Example.com", "DoesNotExist")};
  EXPECT_EQ(refusal(twice), "BadRequestException: Duplicate bounced recipient: box@Example.com");
  twice.recipients.assign(101, of_type("box@example.com", "Undefined"));
  EXPECT_EQ(refusal(twice), "BadRequestException: Bounced recipient count exceeds 100.");
}

TEST(BounceFields, NothingBeginsAnotherField) {
  const std::string evil = "x\r\nX-Evil: yes";
  struct Case {
    std::function<void(RecipientFields&)> change;
    std::string want;
  };
  const Case cases[] = {
      {[&](auto& f) { f.diagnostic = "smtp; " + evil; }, "Invalid diagnostic code."},
      {[&](auto& f) { f.diagnostic = std::string("smtp; \0", 7); }, "Invalid diagnostic code."},
      {[&](auto& f) { f.diagnostic = std::string(2049, 'x'); }, "Invalid diagnostic code."},
      {[&](auto& f) { f.diagnostic = " "; }, "Invalid diagnostic code."},
      {[&](auto& f) { f.diagnostic = "smtp; "; }, "Invalid diagnostic code."},
      {[&](auto& f) { f.remote_mta = "dns; " + evil; }, "Invalid remote MTA."},
      {[&](auto& f) { f.remote_mta = "mx.example.net"; }, "Invalid remote MTA."},
      {[&](auto& f) { f.remote_mta = "dns; "; }, "Invalid remote MTA."},
      {[&](auto& f) { f.remote_mta = "dns; m\xc3\xbc"; }, "Invalid remote MTA."},
      {[&](auto& f) { f.remote_mta = "dns; " + std::string(300, 'x'); }, "Invalid remote MTA."},
      {[&](auto& f) {
         f.extensions = {{"X-A", evil}};
       },
       "Invalid value of extension field: X-A"},
      {[&](auto& f) {
         f.extensions = {{"X-A", " "}};
       },
       "Invalid value of extension field: X-A"},
      {[&](auto& f) {
         f.extensions = {{"X-A", "\xc3\xa9"}};
       },
       "Invalid value of extension field: X-A"},
      {[&](auto& f) {
         f.extensions = {{"X-A", std::string(2049, 'x')}};
       },
       "Invalid value of extension field: X-A"},
      {[&](auto& f) {
         f.extensions = {{"Action", "delivered"}};
       },
       "Invalid extension field name: Action"},
      {[&](auto& f) {
         f.extensions = {{"X-", "x"}};
       },
       "Invalid extension field name: X-"},
      {[&](auto& f) {
         f.extensions = {{"X-A:B", "x"}};
       },
       "Invalid extension field name: X-A:B"},
      {[&](auto& f) {
         f.extensions = {{"X-A\r\nB", "x"}};
       },
       "Invalid extension field name: X-A\r\nB"},
      {[&](auto& f) {
         f.extensions = {{"X-" + std::string(49, 'a'), "x"}};
       },
       "Invalid extension field name: X-" + std::string(49, 'a')},
      {[&](auto& f) {
         f.extensions.assign(51, {"X-A", "x"});
       },
       "Extension field count exceeds 50."},
  };
  for (const auto& c : cases) {
    auto given = with_fields("failed", "5.1.1");
    c.change(*given.fields);
    EXPECT_EQ(refusal(given), "BadRequestException: " + c.want);
  }
  auto fine = with_fields("failed", "5.1.1");
  fine.fields->extensions = {{"x-" + std::string(48, 'a'), std::string(2048, 'x')}};
  EXPECT_EQ(refusal(fine), "");
}

TEST(BounceFields, OfTheMessage) {
  BounceFields fields;
  fields.recipients.push_back(of_type("box@example.com", "Undefined"));
  fields.message = MessageFields{};
  EXPECT_EQ(refusal(fields), "BadRequestException: Invalid reporting MTA.");
  fields.message->reporting_mta = "dns; mx.example.com";
  EXPECT_EQ(refusal(fields), "");
  fields.message->extensions = {{"X-A", "a\nb"}};
  EXPECT_EQ(refusal(fields), "BadRequestException: Invalid value of extension field: X-A");
  fields.message.reset();
  fields.explanation = std::string((64 << 10) + 1, 'x');
  EXPECT_EQ(refusal(fields), "BadRequestException: Explanation is more than 65536 bytes long.");
}

TEST(BounceFields, WhatIsWrittenIsReadBack) {
  BounceFields fields;
  fields.explanation = "Sorry.\r\n--x\r\nContent-Type: text/html\r\n\r\nAction: delivered\r\n";
  fields.message = MessageFields{"dns; mx.example.com", kTime, {{"X-A", "a"}}};
  auto second = with_fields("delayed", "4.4.1");
  second.recipient =
      "j\xc3\xb6@b\xc3\xbc"
      "cher.example";
  second.fields->remote_mta = "dns; far.example.net";
  second.fields->diagnostic = "no answer";
  fields.recipients = {of_type("box@example.com", "ExceededQuota"), second};
  mail::DsnMail dsn;
  dsn.from = "mailer@example.com";
  dsn.to = "joe@example.org";
  const std::string head = "Message-ID: <m1@example.org>\r\nReturn-Path: <joe@example.org>\r\n";
  dsn.original = head;
  put_fields(fields, original(), dsn);
  base::SeededRandom random(1);
  const auto mail = mail::read_returned_mail(mail::build_dsn(dsn, random));
  EXPECT_EQ(mail.kind, mail::ReturnedKind::bounce);
  EXPECT_TRUE(mail.standard);
  EXPECT_EQ(mail.reporting_mta, "mx.example.com");
  EXPECT_EQ(mail.original_message_id, "m1@example.org");
  ASSERT_EQ(mail.recipients.size(), 2u);
  EXPECT_EQ(mail.recipients[0].address, "box@example.com");
  EXPECT_EQ(mail.recipients[0].status, "5.2.2");
  EXPECT_EQ(mail.recipients[0].diagnostic, "552 5.2.2 Mailbox full");
  EXPECT_EQ(mail.recipients[1].address, second.recipient);
  EXPECT_EQ(mail.recipients[1].action, mail::DsnAction::delayed);
  EXPECT_EQ(mail.recipients[1].diagnostic, "no answer");
  EXPECT_EQ(mail.recipients[1].remote_mta, "far.example.net");
}

}  // namespace
}  // namespace send

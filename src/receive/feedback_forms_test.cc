// Returned mails as the mail systems of the world write them, and what each is worth: who is taken to have
// bounced, how SES names it (SES §18.2), and whose address goes onto the suppression list.
#include <gtest/gtest.h>

#include <ostream>

#include "receive/feedback_verdict.h"

namespace receive {
namespace {

constexpr std::size_t npos = std::string_view::npos;

ses::SentMail sent_to(const std::vector<std::string>& addresses) {
  ses::SentMail out;
  out.scope = {ses::AccountId("111111111111"), ses::Region("us-east-1")};
  for (const auto& address : addresses)
    out.recipients.push_back(
        {static_cast<int>(out.recipients.size()), address, ses::RecipientState::delivered, 0});
  return out;
}

std::string member(std::string_view json, std::string_view name) {
  const auto key = "\"" + std::string(name) + "\":\"";
  auto at = json.find(key);
  if (at == npos) return "";
  at += key.size();
  return std::string(json.substr(at, json.find('"', at) - at));
}

// "delivery-status ann@b.c:bounced Permanent/NoEmail; suppressed ann@b.c"
std::string shown(std::string_view content, const std::vector<std::string>& sent) {
  base::SeededRandom random(1);
  const auto mail = read_feedback_mail(content);
  const auto verdict = weigh(mail, sent_to(sent), base::from_millis(1763511154000), true, random);
  std::string out(name_of(mail.returned.kind));
  for (const auto& line : verdict.lines) out += " " + line.recipient + ":" + std::string(line.result);
  for (const auto& event : verdict.outcome.events)
    if (auto type = member(event.json, "bounceType"); !type.empty())
      out += " " + type + "/" + member(event.json, "bounceSubType");
  if (verdict.strangers) out += " " + std::to_string(verdict.strangers) + " strangers";
  for (const auto& f : verdict.outcome.feedback) out += "; suppressed " + f.address;
  return out;
}

// The event says what the report says, and of which kind it is.
TEST(FeedbackForms, TheDiagnosticKeepsItsType) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"Diagnostic-Code: X-Postfix; no route\n", "X-Postfix; no route"},
      {"Diagnostic-Code: SMTP;550 no\n", "SMTP; 550 no"},
      {"Diagnostic-Code: 550 no; sorry\n", "smtp; 550 no; sorry"},
      {"", ""},
  };
  base::SeededRandom random(1);
  for (const auto& [field, code] : table) {
    const auto mail = read_feedback_mail(
        "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; ann@example.net\nAction: "
        "failed\n" +
        std::string(field));
    const auto verdict = weigh(mail, sent_to({"ann@example.net"}), base::from_millis(0), true, random);
    ASSERT_EQ(verdict.outcome.events.size(), 1u);
    EXPECT_EQ(member(verdict.outcome.events[0].json, "diagnosticCode"), code);
  }
}

struct Form {
  const char* name;
  std::string mail;
  const char* shown;
  std::vector<std::string> sent = {"ann@example.net", "bob@example.net"};
};
void PrintTo(const Form& form, std::ostream* out) { *out << form.name; }

class FeedbackFormsTold : public testing::TestWithParam<Form> {};
TEST_P(FeedbackFormsTold, AreWorth) { EXPECT_EQ(shown(GetParam().mail, GetParam().sent), GetParam().shown); }

// A multipart/report: the text for people, and the one for machines.
std::string report(std::string_view human, std::string_view machine, std::string_view head = {},
                   std::string_view kind = "delivery-status", std::string_view original = {}) {
  std::string out =
      "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\nSubject: Undelivered Mail Returned to "
      "Sender\n";
  out += head;
  out += "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=" + std::string(kind) +
         ";\n boundary=\"b/1\"\n\n--b/1\nContent-Type: text/plain\n\n" + std::string(human) +
         "\n--b/1\nContent-Type: message/" + std::string(kind) + "\n\n" + std::string(machine) + "\n";
  if (!original.empty()) out += "--b/1\nContent-Type: message/rfc822\n\n" + std::string(original) + "\n";
  return out + "--b/1--\n";
}

// Of one recipient: its fields.
std::string of_one(std::string_view fields, std::string_view human = "This is the mail system.") {
  return report(human, "Reporting-MTA: dns; mx.example.net\n\n" + std::string(fields));
}

std::string plain(std::string_view from, std::string_view subject, std::string_view text,
                  std::string_view head = {}) {
  return "From: " + std::string(from) + "\nSubject: " + std::string(subject) + "\n" + std::string(head) +
         "\n" + std::string(text);
}

const char* const kHard =
    "delivery-status ann@example.net:bounced Permanent/NoEmail; suppressed ann@example.net";
const char* const kGeneral =
    "delivery-status ann@example.net:bounced Permanent/General; suppressed ann@example.net";
const char* const kSoft = "delivery-status ann@example.net:bounced Transient/General";
const char* const kFull = "delivery-status ann@example.net:bounced Transient/MailboxFull";
const char* const kSpam = "delivery-status ann@example.net:bounced Transient/ContentRejected";
const char* const kUnclear = "delivery-status ann@example.net:bounced Undetermined/Undetermined";
const char* const kDelayed = "delivery-status ann@example.net:delayed";
const char* const kDelivered = "delivery-status ann@example.net:delivered";
const char* const kReplied = "auto-reply ann@example.net:replied Transient/General";

INSTANTIATE_TEST_SUITE_P(
    Reports, FeedbackFormsTold,
    testing::Values(
        Form{"Postfix",
             of_one("Final-Recipient: rfc822; ann@example.net\nOriginal-Recipient: rfc822;ann@example.net\n"
                    "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; in.example.net\n"
                    "Diagnostic-Code: smtp; 550 5.1.1 <ann@example.net>: Recipient address\n"
                    "    rejected: User unknown in local recipient table\n"),
             kHard},
        Form{"Postfix gave up",
             of_one(
                 "Final-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: 4.4.1\n"
                 "Diagnostic-Code: X-Postfix; connect to in.example.net[192.0.2.1]:25:\n    Connection timed "
                 "out\n"),
             kSoft},
        Form{"Postfix was refused its MAIL FROM",
             of_one("Final-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: 5.0.0\n"
                    "Diagnostic-Code: smtp; 550 Blocked\n",
                    "<ann@example.net>: host in.example.net[192.0.2.1] said: 550 Blocked (in\n"
                    "    reply to MAIL FROM command)\n"),
             kSoft},
        Form{"Postfix was refused the sender at RCPT",
             of_one("Final-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: 5.1.0\n"
                    "Diagnostic-Code: smtp; 550 5.1.0 <id@ses.example>: Sender address rejected: we do not "
                    "like it\n"),
             kSoft},
        Form{"Postfix, SMTPUTF8",
             report("",
                    "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: utf-8; \xc3\xa4nn@example.net\n"
                    "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n",
                    {}, "global-delivery-status"),
             "delivery-status \xc3\xa4nn@example.net:bounced Permanent/NoEmail; suppressed "
             "\xc3\xa4nn@example.net",
             {"\xc3\xa4nn@example.net"}},
        Form{"a domain in the other form",
             of_one("Final-Recipient: rfc822; ann@xn--bcher-kva.example\nAction: failed\nStatus: 5.1.1\n"),
             "delivery-status ann@b\xc3\xbc"
             "cher.example:bounced Permanent/NoEmail; suppressed ann@b\xc3\xbc"
             "cher.example",
             {"ann@b\xc3\xbc"
              "cher.example"}},
        Form{"a domain in the other form, back",
             report("",
                    "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: utf-8; ann@B\xc3\xbc"
                    "cher.example\nAction: failed\nStatus: 5.1.1\n",
                    {}, "global-delivery-status"),
             "delivery-status ann@xn--bcher-kva.example:bounced Permanent/NoEmail; suppressed "
             "ann@xn--bcher-kva.example",
             {"ann@xn--bcher-kva.example"}},
        Form{"an alias, both of whose ends got the mail",
             of_one("Final-Recipient: rfc822; bob@example.net\nOriginal-Recipient: rfc822; ann@example.net\n"
                    "Action: failed\nStatus: 5.1.1\n"),
             kHard},
        Form{"ORCPT still in xtext",
             of_one("Final-Recipient: rfc822; box@inner.example\nOriginal-Recipient: "
                    "rfc822;ann+2Btag@example.net\nAction: failed\nStatus: 5.1.1\n"),
             "delivery-status ann+tag@example.net:bounced Permanent/NoEmail; suppressed ann+tag@example.net",
             {"ann+tag@example.net"}},
        Form{"a plus that is one",
             of_one("Final-Recipient: rfc822; ann+2Btag@example.net\nAction: failed\nStatus: 5.1.1\n"),
             "delivery-status 1 strangers",
             {"ann+tag@example.net"}},
        Form{"Exim with a reply",
             of_one("Action: failed\nFinal-Recipient: rfc822;ann@example.net\nStatus: 5.0.0\n"
                    "Remote-MTA: dns; in.example.net\nDiagnostic-Code: smtp; 550 5.2.2 over his limit\n"),
             kFull},
        Form{"Exim gave up, which its text alone tells",
             of_one("Action: failed\nFinal-Recipient: rfc822;ann@example.net\nStatus: 5.0.0\n",
                    "A message that you sent could not be delivered to one or more of its\n"
                    "recipients. This is a permanent error. The following address(es) failed:\n\n"
                    "  ann@example.net\n    retry timeout exceeded\n"),
             kSoft},
        Form{"Exim has no route, which its text alone tells",
             of_one("Action: failed\nFinal-Recipient: rfc822;ann@example.net\nStatus: 5.0.0\n",
                    "The following address(es) failed:\n\n  ann@example.net\n    Unrouteable address\n"),
             kGeneral},
        Form{"Exim of an alias",
             of_one("Action: failed\nFinal-Recipient: rfc822;box@inner.example\nStatus: 5.0.0\n"
                    "Diagnostic-Code: smtp; 550 no such user\n",
                    "The following address(es) failed:\n\n  box@inner.example\n"
                    "    (generated from ann@example.net)\n    550 no such user\n"),
             kHard},
        Form{"Exim, whose first host was down",
             of_one(
                 "Action: failed\nFinal-Recipient: rfc822;ann@example.net\nStatus: 5.0.0\n"
                 "Diagnostic-Code: smtp; 550 5.1.1 User unknown\n",
                 "The following address(es) failed:\n\n  ann@example.net\n    host a.example.net: Connection "
                 "timed out\n    host b.example.net: 550 5.1.1 User unknown\n"),
             kHard},
        Form{"Sendmail",
             of_one("Final-Recipient: RFC822; ann@example.net\nX-Actual-Recipient: RFC822; a@inner.example\n"
                    "Action: failed\nStatus: 5.1.1\nRemote-MTA: DNS; in.example.net\n"
                    "Diagnostic-Code: SMTP; 550 5.1.1 <ann@example.net>... User unknown\n"),
             kHard},
        Form{"Sendmail, whose status is of the reply code alone",
             of_one("Final-Recipient: RFC822; ann@example.net\nAction: failed\nStatus: 5.1.1\n"
                    "Diagnostic-Code: SMTP; 550 Message refused as spam\n"),
             kSpam},
        Form{"Sendmail's five days",
             of_one(
                 "Final-Recipient: RFC822; ann@example.net\nAction: failed\nStatus: 4.4.7\nRemote-MTA: DNS; "
                 "in.example.net\n"),
             kSoft},
        Form{"the remote's own status counts",
             of_one("Final-Recipient: rfc822;ann@example.net\nAction: failed\nStatus: 5.1.1\n"
                    "Diagnostic-Code: smtp;550 5.7.1 not from you\n"),
             kSoft},
        Form{"Exchange Online, no such recipient",
             of_one("Final-Recipient: rfc822;ann@example.net\nAction: failed\nStatus: 5.1.10\n"
                    "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient "
                    "ann@example.net not found by SMTP address lookup\nX-Display-Name: Ann\n"),
             kGeneral},
        Form{"Exchange Online, expired",
             of_one("Final-Recipient: rfc822;ann@example.net\nAction: failed\nStatus: 5.4.316\n"
                    "Diagnostic-Code: smtp;550 5.4.316 Message expired, connection refused(Socket error code "
                    "10061)\n"),
             kSoft},
        Form{"Exchange Online, restricted",
             of_one("Final-Recipient: rfc822;ann@example.net\nAction: failed\nStatus: 5.7.133\n"
                    "Diagnostic-Code: smtp;550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; "
                    "authentication required\n"),
             kSoft},
        Form{"a full mailbox in other words",
             of_one("Final-Recipient: rfc822;ann@example.net\nAction: failed\nStatus: 5.0.0\n"
                    "Diagnostic-Code: smtp;550 mailbox has reached its storage limit\n"),
             kFull},
        Form{"Exchange 2003",
             of_one("Final-Recipient: RFC822;ann@example.net\nAction: failed\nStatus: 5.1.1\n"
                    "X-Display-Name: Ann\n"),
             kHard},
        Form{"Exchange's delay",
             of_one("Final-Recipient: rfc822;ann@example.net\nAction: delayed\nStatus: 4.4.7\n"
                    "Will-Retry-Until: Fri, 02 Jan 2026 03:04:05 +0000\n"),
             kDelayed},
        Form{"Gmail",
             of_one("Final-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: 5.1.1\n"
                    "Remote-MTA: dns; in.example.net. (192.0.2.1, the server for the domain example.net.)\n"
                    "Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not "
                    "exist. Please\n 550-5.1.1 look again. 550 5.1.1  https://x - gsmtp\n"),
             kHard},
        Form{"Gmail has no connection",
             of_one(
                 "Final-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: 4.4.1\nDiagnostic-Code: "
                 "smtp; The recipient server did not accept our requests to connect.\n"),
             kSoft},
        Form{"Domino",
             of_one("Final-Recipient: rfc822;ann@example.net\nAction: failed\nStatus: 5.1.1\n"
                    "Diagnostic-Code: X-Notes; User Ann (ann@example.net) not listed in Domino Directory\n"),
             kHard},
        Form{"iPlanet's comments",
             of_one("Original-recipient: rfc822;ann@example.net\nFinal-recipient: rfc822;ann@example.net\n"
                    "Action: failed\nStatus: 5.1.1 (Remote SMTP server has rejected address)\n"
                    "Remote-MTA: dns;in.example.net (TCP|192.0.2.7|1|192.0.2.1|25)\n"
                    "Diagnostic-code: smtp;550 5.1.1 unknown or illegal alias: ann@example.net\n"),
             kHard},
        Form{"IronPort",
             of_one("Final-Recipient: rfc822;ann@example.net\nAction: failed\nStatus: 5.0.0 (permanent "
                    "failure)\nDiagnostic-Code: smtp; 5.1.0 - Unknown address error 550-'5.7.1 Client host "
                    "blocked using dnsbl' (delivery attempts: 0)\n"),
             kSoft},
        Form{"OpenSMTPD's word for failed",
             of_one("Final-Recipient: rfc822; ann@example.net\nAction: error\nStatus: 5.1.1\n"), kHard},
        Form{"Courier",
             of_one("Final-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: 5.0.0\n"
                    "Diagnostic-Code: smtp; 550 User unknown.\n"),
             kHard},
        Form{"the code is in the diagnostic alone",
             of_one("Final-Recipient: rfc822; ann@example.net\nAction: failed\n"
                    "Diagnostic-Code: smtp; 552 5.2.2 not now\n"),
             kFull},
        Form{"a soft code is in the diagnostic alone",
             of_one("Final-Recipient: rfc822; ann@example.net\nAction: failed\n"
                    "Diagnostic-Code: smtp; 450 come again\n"),
             kSoft},
        Form{"neither status nor reason",
             of_one("Final-Recipient: rfc822; ann@example.net\nAction: failed\n"), kUnclear},
        Form{"a recipient alone", of_one("Final-Recipient: rfc822; ann@example.net\n"), kUnclear},
        Form{"a failure that succeeded",
             of_one("Final-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: 2.0.0\n"), kUnclear},
        Form{"Action: deferred",
             of_one("Final-Recipient: rfc822; ann@example.net\nAction: deferred\nStatus: 5.0.0\n"), kDelayed},
        Form{
            "no action, a soft reply",
            of_one("Final-Recipient: rfc822; ann@example.net\nDiagnostic-Code: smtp; 451 4.7.1 greylisted\n"),
            kDelayed},
        Form{"a name before the address",
             of_one("Final-Recipient: rfc822; \"Ann\" <ann@example.net>\nAction: failed\nStatus: 5.1.1\n"),
             kHard},
        Form{"a comment behind it",
             of_one("Final-Recipient: rfc822; ann@example.net (Ann)\nAction: failed\nStatus: 5.1.1\n"),
             kHard},
        Form{"two in one group's order",
             of_one("Final-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: 5.1.1\n\n"
                    "Final-Recipient: rfc822; bob@example.net\nAction: delayed\nStatus: 4.2.2\n"),
             "delivery-status ann@example.net:bounced bob@example.net:delayed Permanent/NoEmail; suppressed "
             "ann@example.net"},
        Form{"a line that is no field begins a group",
             of_one("---- report ----\nFinal-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: "
                    "5.1.1\n"),
             kHard},
        Form{"a report for machines that names nobody",
             report("This is the mail system at host mx.example.net.\n\n<ann@example.net>: 550 5.1.1 gone\n",
                    "Reporting-MTA: dns; mx.example.net\n"),
             kHard},
        Form{
            "one that names nobody, and whose text is no better known",
            "From: Mail Delivery System <>\nSubject: x\nContent-Type: multipart/report; boundary=b\n\n--b\n\n"
            "Delivery to the following recipients failed permanently:\n\n   * ann@example.net\n\nTechnical "
            "details:\nSMTP:RCPT host 192.0.2.1: 553 5.3.0 <ann@example.net>... No such user here\n--b\n"
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n--b--\n",
            kHard},
        Form{"base64",
             "From: MAILER-DAEMON@x\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: "
             "message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
             "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFubkBleGFtcGxlLm5ldApBY3Rpb246IGZhaWxlZApTdGF0dXM6IDUuMS4xCg="
             "=\n"
             "--b--\n",
             kHard}));

const std::string kQmail =
    "Hi. This is the qmail-send program at mx.example.net.\n"
    "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
    "This is a permanent error; I've given up. Sorry it didn't work out.\n\n";
constexpr const char* kDaemon = "MAILER-DAEMON@mx.example.net";

INSTANTIATE_TEST_SUITE_P(
    Texts, FeedbackFormsTold,
    testing::Values(
        Form{"qmail",
             plain(kDaemon, "failure notice",
                   kQmail + "<ann@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n"),
             kHard},
        Form{"qmail was refused its sender",
             plain(kDaemon, "failure notice",
                   kQmail + "<ann@example.net>:\nConnected to 192.0.2.1 but sender was rejected.\n"
                            "Remote host said: 553 go away\n"),
             kSoft},
        Form{"qmail, and a mail that speaks of trying again",
             plain(kDaemon, "failure notice",
                   kQmail + "<ann@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
                            "--- Below this line is a copy of the message.\n\nSubject: Your payment\n\n"
                            "The payment will be retried, no action is required on your part.\n"),
             kHard},
        Form{
            "GMX quotes the address",
            plain(
                "GMX Mailer Daemon <mailer-daemon@gmx.example>",
                "Mail delivery failed: returning message to sender",
                "This message was created automatically by mail delivery software.\n\n"
                "A message that you sent could not be delivered to one or more of\nits recipients. This is a "
                "permanent error. The following address\nfailed:\n\n\"ann@example.net\":\nSMTP error from "
                "remote server after RCPT command:\nhost: in.example.net\n5.1.1 User unknown\n\n"
                "--- The header of the original message is following. ---\n"),
            kHard},
        Form{"Exim of an alias",
             plain("Mail Delivery System <Mailer-Daemon@x>",
                   "Mail delivery failed: returning message to sender",
                   "This message was created automatically by mail delivery software.\n\n"
                   "  box@inner.example\n    (ultimately generated from ann@example.net)\n"
                   "    550 5.1.1 User unknown\n",
                   "X-Failed-Recipients: box@inner.example\n"),
             kHard},
        Form{"Postfix of an alias",
             plain(kDaemon, "Undelivered Mail Returned to Sender",
                   "This is the mail system at host mx.example.net.\n\n"
                   "<box@inner.example> (expanded from <ann@example.net>): host inner.example\n"
                   "    said: 550 5.1.1 no\n"),
             kHard},
        Form{"Exim's list over two lines",
             plain("x@y.z", "x", "Sorry.\n", "X-Failed-Recipients: bob@example.net,\n ann@example.net\n"),
             "delivery-status bob@example.net:bounced ann@example.net:bounced Undetermined/Undetermined"},
        Form{"Sendmail of old",
             plain(kDaemon, "Returned mail: User unknown",
                   "   ----- Transcript of session follows -----\n550 <ann@example.net>... User unknown\n"),
             kHard},
        Form{"dots behind the address",
             plain("postmaster@x.y", "mail failed, returning to sender: delivery problem",
                   "<ann@example.net> ... 550 5.1.1 unknown user\n"),
             kHard},
        Form{"OpenSMTPD",
             plain("Mailer Daemon <MAILER-DAEMON@x>", "Delivery status notification: error",
                   "Hi!\n\nThis is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n"
                   "ann@example.net: 550 5.1.1 <ann@example.net>: Recipient address rejected\n"),
             kHard},
        Form{"OpenSMTPD's warning",
             plain("Mailer Daemon <MAILER-DAEMON@x>", "Delivery status notification: warning",
                   "A message is delayed for more than 4 hours for the following list of recipients:\n\n"
                   "ann@example.net: 451 4.7.1 greylisted\n\nPlease note that this is only a temporary "
                   "failure report.\nYou DO NOT NEED to re-send the message to these recipients.\n"),
             kDelayed},
        Form{"a warning in an old text",
             plain("postmaster@example.net", "Delivery Status Notification (Delay)",
                   "This is an automatically generated Delivery Status Notification.\n\nTHIS IS A WARNING "
                   "MESSAGE "
                   "ONLY.\n\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following recipients "
                   "has been delayed.\n\n       ann@example.net\n"),
             kDelayed},
        Form{
            "Sendmail's warning",
            plain(
                kDaemon, "Warning: could not send message for past 4 hours",
                "    **      THIS IS A WARNING MESSAGE ONLY      **\n\n"
                "   ----- The following addresses had transient non-fatal errors -----\n<ann@example.net>\n\n"
                "Warning: message still undelivered after 4 hours\n"),
            kDelayed},
        Form{"delivered, in an old text",
             plain("postmaster@example.net", "Delivery Status Notification (Success)",
                   "Your message has been successfully delivered to the following recipients:\n\n"
                   "       ann@example.net\n"),
             kDelivered},
        Form{"a sentence names it",
             plain("\"Postmaster\" <postmaster@mail.example>", "Undeliverable Mail",
                   "Unknown user: ann@example.net\n\nRCPT TO generated following response:\n553 5.3.0 "
                   "<ann@example.net>... Addressee unknown\n\nOriginal message follows.\n\nTo: "
                   "bob@example.net\n"),
             kHard},
        Form{"a sentence names two",
             plain(kDaemon, "x", "Unknown user: ann@example.net. It went to bob@example.net.\n"),
             "delivery-status"},
        Form{"a sentence names another", plain(kDaemon, "x", "Unknown user: eve@example.net\n"),
             "delivery-status"},
        Form{"Mimecast",
             plain("\"Mail Delivery System\" <mailer-daemon@example.net>",
                   "[Postmaster] Email Delivery Failure",
                   "This is a delivery failure notification message indicating that\nan email x@ses.example "
                   "addressed to email address :\n-- ann@example.net\n\ncould not be delivered. The problem "
                   "appears "
                   "to be :\n-- Recipient server unavailable or busy\n\nAdditional information follows :\n-- "
                   "4.4.4 "
                   "Temporary server error. Please try again later\n\nThis condition occurred after 30 "
                   "attempt(s)\n"),
             kSoft},
        Form{"Yahoo in HTML",
             plain("MAILER-DAEMON@yahoo.example", "Failure Notice",
                   "<p>Sorry, we were unable to deliver your message to the following address.</p>\n"
                   "<b>&lt;ann@example.net&gt;</b>:<br/>550: 5.1.1 no such user<br>\n"
                   "<p>--- Below this line is a copy of the message.</p>To: bob@example.net",
                   "Content-Type: text/html\n"),
             kHard},
        Form{"a mailer daemon's quota, by no subject",
             plain(kDaemon, "Hello", "Undeliverable Address: ann@example.net\nReason: over disk quota\n"),
             kFull},
        Form{"postponed",
             plain("postmaster@x", "Mail Delivery Warning",
                   "Delivery of email to \"ann@example.net\" has been postponed due to a full mailbox.\n"),
             kDelayed},
        Form{"Sendmail's five days in a text",
             plain(kDaemon, "Returned mail: Cannot send message for 5 days",
                   "   ----- The following addresses had permanent fatal errors -----\n<ann@example.net>\n\n"
                   "   ----- Transcript of session follows -----\n<ann@example.net>... Deferred\n"
                   "Message could not be delivered for 5 days\nMessage will be deleted from queue\n"),
             kSoft},
        Form{"a reason behind the usual words",
             plain(kDaemon, "x",
                   "Your message could not be delivered for the following reason: ann@example.net: "
                   "550 5.1.1 user unknown\n"),
             kHard},
        Form{"Gmail's delay without its report",
             plain("Mail Delivery Subsystem <mailer-daemon@x>", "Delivery incomplete",
                   "There was a temporary problem delivering your message to ann@example.net. We will retry "
                   "for 46 "
                   "more hours.\n"),
             kDelayed},
        Form{"Postfix's delay without its report",
             plain(kDaemon, "Delayed Mail (still being retried)",
                   "This is the mail system at host mx.example.net.\n\n<ann@example.net>: 451 later\n"),
             kDelayed},
        Form{"Postfix's success without its report",
             plain(kDaemon, "Successful Mail Delivery Report",
                   "This is the mail system at host mx.example.net.\n\n<ann@example.net>: 250 ok\n"),
             kDelivered},
        Form{"Sendmail's success without its report",
             plain(kDaemon, "Return receipt",
                   "   ----- The following addresses had successful delivery notifications -----\n"
                   "<ann@example.net>  (successfully delivered to mailbox)\n"),
             kDelivered},
        Form{"Sendmail's alias",
             plain(kDaemon, "Returned mail: Too many hops",
                   "   ----- The following addresses had permanent fatal errors -----\nbox@inner.example\n"
                   "    (expanded from: ann@example.net)\n\n   ----- Transcript of session follows -----\n"),
             kUnclear},
        Form{"by its subject in Chinese",
             plain("postmaster@example.net", "=?utf-8?b?57O757uf6YCA5L+h?=",
                   "<ann@example.net>: 550 5.1.1 gone\n", "Auto-Submitted: auto-replied\n"),
             kHard},
        Form{"nothing but a sorry",
             plain(kDaemon, "Delivery failure", "Sorry.\n\n<ann@example.net>:\nIt did not work.\n"),
             kUnclear},
        Form{"a stranger",
             plain(kDaemon, "failure notice", kQmail + "<eve@example.net>:\nno such user (#5.1.1)\n"),
             "delivery-status 1 strangers"}));

INSTANTIATE_TEST_SUITE_P(
    Replies, FeedbackFormsTold,
    testing::Values(
        Form{"Exchange",
             plain("ann@example.net", "Automatic reply: Hello", "Away.\n",
                   "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n"),
             kReplied},
        Form{"a postmaster is away, of a mail about bounces",
             plain("postmaster@example.net", "Automatic reply: Delivery failure of parcel 550",
                   "I am away. Ask instead:\n\nann@example.net: 550 5.1.1\n",
                   "Auto-Submitted: auto-replied\n"),
             "auto-reply"},
        Form{"French", plain("ann@example.net", "=?utf-8?q?R=C3=A9ponse_automatique_:?= x", "Absent.\n"),
             kReplied},
        Form{"Italian", plain("ann@example.net", "Risposta automatica: x", "Ciao.\n"), kReplied},
        Form{"Dutch", plain("ann@example.net", "Automatisch antwoord: x", "Weg.\n"), kReplied},
        Form{"Swedish", plain("ann@example.net", "Autosvar: x", "Borta.\n"), kReplied},
        Form{"Portuguese", plain("ann@example.net", "=?utf-8?q?Resposta_autom=C3=A1tica:?= x", "Fora.\n"),
             kReplied},
        Form{"Polish", plain("ann@example.net", "=?utf-8?q?Odpowied=C5=BA_automatyczna:?= x", "x\n"),
             kReplied},
        Form{"Russian", plain("ann@example.net", "=?utf-8?b?0JDQstGC0L7QvtGC0LLQtdGC?=: x", "x\n"), kReplied},
        Form{"Japanese", plain("ann@example.net", "=?utf-8?b?6Ieq5YuV5b+c562U?=: x", "x\n"), kReplied},
        Form{"Chinese", plain("ann@example.net", "=?utf-8?b?6Ieq5Yqo5Zue5aSN?=: x", "x\n"), kReplied},
        Form{"by header", plain("ann@example.net", "x", "x\n", "X-AutoReply-From: ann@example.net\n"),
             kReplied},
        Form{"a person who answers",
             plain("ann@example.net", "Re: Hello", "550 5.1.1\nann@example.net: no\n"), "other"}));

std::string complaint(std::string_view fields, std::string_view original) {
  return report("This is a report.",
                "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n" + std::string(fields), {},
                "feedback-report", original);
}
const char* const kComplained = "feedback-report ann@example.net:complained; suppressed ann@example.net";

INSTANTIATE_TEST_SUITE_P(
    Complaints, FeedbackFormsTold,
    testing::Values(
        Form{"Yahoo",
             complaint("Original-Mail-From: <id@ses.example>\nOriginal-Rcpt-To: ann@example.net\n"
                       "Received-Date: Fri, 02 Jan 2026 03:04:05 +0000\nReported-Domain: x.example\n",
                       "To: ann@example.net\n\nx"),
             kComplained},
        Form{"the recipient's domain alone is left",
             complaint("Original-Rcpt-To: redacted@example.net\n", "To: redacted@example.net\n\nx"),
             kComplained,
             {"ann@example.net", "bob@example.org"}},
        Form{"that domain twice",
             complaint("Original-Rcpt-To: redacted@example.net\n", "To: redacted@example.net\n\nx"),
             "feedback-report"},
        Form{"a hash",
             complaint("Original-Rcpt-To: <8d9f0a4c1be27e5f66aa10c3@example.net>\n", "Subject: x\n\nx"),
             kComplained,
             {"ann@example.net"}},
        Form{"a word",
             complaint("Original-Rcpt-To: <redacted>\n", "Subject: x\n\nx"),
             kComplained,
             {"ann@example.net"}},
        Form{"stars",
             complaint("Original-Rcpt-To: ***@***\n", "Subject: x\n\nx"),
             kComplained,
             {"ann@example.net"}},
        Form{"a word, and the header tells",
             complaint("Original-Rcpt-To: redacted\n", "To: Ann <ann@example.net>\n\nx"), kComplained},
        Form{"another domain's hash",
             complaint("Original-Rcpt-To: redacted@elsewhere.example\n", "Subject: x\n\nx"),
             "feedback-report",
             {"ann@example.net", "bob@example.net"}},
        Form{"a stranger",
             complaint("Original-Rcpt-To: eve@example.net\n", "Subject: x\n\nx"),
             "feedback-report 1 strangers",
             {"ann@example.net"}},
        Form{"Outlook names it in the mail",
             complaint("", "X-HmXmrOriginalRecipient: ann@example.net\nTo: list@x.example\n\nx"),
             kComplained},
        Form{"Outlook without a report",
             "From: staff@hotmail.example\nSubject: complaint about message from 192.0.2.1\nContent-Type: "
             "multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
             "X-HmXmrOriginalRecipient: ann@example.net\nTo: list@x.example\n\nx\n--b--\n",
             kComplained},
        Form{"nobody", complaint("", "Subject: x\n\nx"), "feedback-report"}));

}  // namespace
}  // namespace receive

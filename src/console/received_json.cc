#include "console/received_json.h"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "mail/header.h"
#include "receive/verdicts.h"

namespace console {
namespace {

std::string subject_of(const ses::ReceivedMail& mail) {
  const auto head = mail::split_part(mail.head);
  const auto* subject = head.find("Subject");
  return subject ? mail::decode_words(mail::unfold(subject->raw_value)) : std::string();
}

std::string_view name_of(ses::ReceivedKind kind) {
  switch (kind) {
    case ses::ReceivedKind::mail:
      return "mail";
    case ses::ReceivedKind::feedback:
      return "feedback";
    case ses::ReceivedKind::unsubscribe:
      return "unsubscribe";
  }
  return "";
}

constexpr std::size_t kShownDetail = 300;

// Of all rules: DISABLED where none wants a scan.
std::string scan_verdict(const ses::ReceivedMail& mail, const receive::Scanned& scanned) {
  return receive::wants_scan(mail) ? scanned.verdict : "DISABLED";
}

void write_verdicts(base::JsonWriter& w, const ses::ReceivedMail& mail) {
  if (mail.progress.verdicts.empty()) return;
  const auto v = receive::unpack_verdicts(mail.progress.verdicts);
  w.key("verdicts").object().field("spf", v.spf).field("dkim", v.dkim).field("dmarc", v.dmarc);
  if (!v.dmarc_policy.empty()) w.field("dmarcPolicy", v.dmarc_policy);
  w.field("spam", scan_verdict(mail, v.scan.spam)).field("virus", scan_verdict(mail, v.scan.virus));
  if (!v.scan.spam.detail.empty()) w.field("spamDetail", v.scan.spam.detail);
  if (!v.scan.virus.detail.empty()) w.field("virusDetail", v.scan.virus.detail);
  w.end();
}

std::string verdicts_text(const ses::ReceivedMail& mail) {
  if (mail.progress.verdicts.empty()) return {};
  const auto v = receive::unpack_verdicts(mail.progress.verdicts);
  return fmt::format("spf {}, dkim {}, dmarc {} {}\nspam {} {}, virus {} {}\n", v.spf, v.dkim, v.dmarc,
                     v.dmarc_policy, scan_verdict(mail, v.scan.spam), v.scan.spam.detail,
                     scan_verdict(mail, v.scan.virus), v.scan.virus.detail);
}

std::string text_in(const boost::json::object& object, std::string_view name) {
  const auto* member = object.if_contains(name);
  return member && member->is_string() ? std::string(member->as_string()) : std::string();
}

std::string outcome_text(const boost::json::value& outcome) {
  const auto* object = outcome.if_object();
  if (!object) return {};
  if (!object->if_contains("rule"))  // of a mail at an address of our own
    return fmt::format("{}  {:<8} {} {}\n", text_in(*object, "at"), text_in(*object, "result"),
                       text_in(*object, "message"), text_in(*object, "detail"));
  const auto* notification = object->if_contains("notification");
  const bool notified = notification && notification->is_bool() && notification->as_bool();
  return fmt::format("{}  {:<8} {}: {}{} {}\n", text_in(*object, "at"), text_in(*object, "result"),
                     text_in(*object, "rule"), text_in(*object, "action"), notified ? " (notification)" : "",
                     text_in(*object, "detail").substr(0, kShownDetail));
}

std::string outcomes_text(const ses::ReceivedMail& mail, bool bad_alone) {
  boost::system::error_code fault;
  const auto outcomes = boost::json::parse("[" + mail.progress.results + "]", fault);
  if (fault || !outcomes.is_array()) return {};
  std::string out;
  for (const auto& outcome : outcomes.as_array()) {
    const auto result = outcome.is_object() ? text_in(outcome.get_object(), "result") : std::string();
    const bool bad = result == "failed" || result == "expired" || result == "retry";
    if (bad || !bad_alone) out += outcome_text(outcome);
  }
  return out;
}

void write(base::JsonWriter& w, const ses::ReceivedMail& mail) {
  const bool done = mail.progress.state == ses::ReceivedState::done;
  w.object().field("messageId", mail.id);
  w.field("kind", name_of(mail.kind));
  w.field("account", mail.scope.account.str()).field("region", mail.scope.region.str());
  w.field("received", base::iso8601(mail.received)).field("from", mail.sender);
  w.key("to").strings(mail.recipients).field("subject", subject_of(mail)).field("size", mail.size);
  w.field("sourceIp", mail.source_ip)
      .field("tls", mail.tls_version)
      .field("state", done ? "done" : "waiting");
  if (!done) w.field("due", base::iso8601(mail.progress.due));
  write_verdicts(w, mail);
  w.key("results").raw("[" + mail.progress.results + "]").end();
}

}  // namespace

std::string received_json(const ses::ReceivedMail& mail) {
  base::JsonWriter w;
  write(w, mail);
  return std::move(w).text();
}

std::string received_text(const ses::ReceivedMail& mail) {
  const bool done = mail.progress.state == ses::ReceivedState::done;
  auto out =
      fmt::format("{}  received, {}\n{}  {} bytes  account {}  {}\nfrom {}  at {} ({}) {}\n", mail.id,
                  done ? "done" : "waiting", base::iso8601(mail.received), mail.size,
                  mail.scope.account.str(), mail.scope.region.str(), mail.sender.empty() ? "<>" : mail.sender,
                  mail.source_ip, mail.helo, mail.tls_version);
  for (const auto& recipient : mail.recipients) out += fmt::format("to   {}\n", recipient);
  out += fmt::format("     \"{}\"\n", subject_of(mail)) + verdicts_text(mail);
  out += outcomes_text(mail, false);
  if (!done) out += fmt::format("{}  due\n", base::iso8601(mail.progress.due));
  return out;
}

std::string received_list_text(const std::vector<ses::ReceivedMail>& mails) {
  std::string out;
  for (const auto& mail : mails) {
    const auto more = mail.recipients.size() > 1 ? fmt::format(" +{}", mail.recipients.size() - 1) : "";
    out += fmt::format("{}  {}  {:<7}  {} -> {}{}  \"{}\"\n", base::iso8601(mail.received), mail.id,
                       mail.progress.state == ses::ReceivedState::done ? "done" : "waiting",
                       mail.sender.empty() ? "<>" : mail.sender,
                       mail.recipients.empty() ? "" : mail.recipients.front(), more, subject_of(mail));
    out += outcomes_text(mail, true);
  }
  return out;
}

std::string received_list_json(const std::vector<ses::ReceivedMail>& mails) {
  base::JsonWriter w;
  w.object().key("received").array();
  for (const auto& mail : mails) write(w, mail);
  w.end().end();
  return std::move(w).text();
}

std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  char before = 0;
  for (char c : text) {
    if (c == '\n' && before != '\r') out += '\r';
    out += c;
    before = c;
  }
  return out;
}

}  // namespace console

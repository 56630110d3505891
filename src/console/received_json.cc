#include "console/received_json.h"

#include "base/json.h"
#include "mail/header.h"

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
  w.key("results").raw("[" + mail.progress.results + "]").end();
}

}  // namespace

std::string received_json(const ses::ReceivedMail& mail) {
  base::JsonWriter w;
  write(w, mail);
  return std::move(w).text();
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

#include "receive/notification.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"
#include "mail/address.h"
#include "mail/authentication_results.h"
#include "mail/header.h"
#include "receive/forged.h"
#include "receive/plan.h"

namespace receive {
namespace {

constexpr std::size_t kShownHeaders = 10 << 10;  // SES §18.1

// An address of the envelope, where it stands in a header.
std::string envelope_address(std::string_view address) {
  std::string out;
  for (char c : address)
    if (static_cast<unsigned char>(c) > ' ' && c != 0x7f && c != '<' && c != '>') out += c;
  return out;
}

std::string received_header(const RuleView& v) {
  auto helo = mail::harmless(v.mail.helo.empty() ? "unknown" : v.mail.helo);
  auto text = "Received: from " + helo + " (" + helo + " [" + v.mail.source_ip + "])\r\n by inbound-smtp." +
              v.mail.scope.region.str() + "." + v.service_domain + " with SMTP id " + v.mail.id + "\r\n";
  if (v.mail.recipients.size() == 1)
    text += " for " + envelope_address(v.mail.recipients.front()) + ";\r\n";
  else
    text.insert(text.size() - 2, ";");
  return text + " " + base::rfc5322_date(v.mail.received) + " (UTC)\r\n";
}

std::string text_of(std::string_view raw_value) { return mail::decode_words(mail::unfold(raw_value)); }

void write_list(base::JsonWriter& w, const mail::MessageView& headers, const char* key, const char* name) {
  const auto* field = headers.find(name);
  if (!field) return;
  auto boxes = mail::parse_address_list(mail::unfold(field->raw_value), true);
  std::vector<std::string> shown;
  if (!boxes.ok()) {
    shown.push_back(text_of(field->raw_value));
  } else {
    for (auto& box : *boxes) {
      box.raw_name = mail::decode_words(box.raw_name);
      shown.push_back(mail::display_form(box));
    }
  }
  w.key(key).strings(shown);
}

void write_text(base::JsonWriter& w, const mail::MessageView& headers, const char* key, const char* name) {
  if (const auto* field = headers.find(name)) w.field(key, text_of(field->raw_value));
}

void write_common(base::JsonWriter& w, const RuleView& v, const mail::MessageView& headers) {
  w.key("commonHeaders").object();
  w.field("returnPath", v.mail.sender);
  write_list(w, headers, "from", "From");
  write_text(w, headers, "date", "Date");
  write_list(w, headers, "to", "To");
  write_list(w, headers, "cc", "Cc");
  write_list(w, headers, "bcc", "Bcc");
  write_text(w, headers, "sender", "Sender");
  write_list(w, headers, "replyTo", "Reply-To");
  write_text(w, headers, "messageId", "Message-ID");
  write_text(w, headers, "subject", "Subject");
  w.end();
}

void write_mail(base::JsonWriter& w, const RuleView& v) {
  const auto head = with_headers(v, v.mail.head);
  const auto headers = mail::split_part(head);
  w.key("mail").object();
  w.field("timestamp", base::iso8601(v.mail.received)).field("source", v.mail.sender);
  w.field("messageId", v.mail.id).key("destination").strings(v.mail.recipients);
  std::size_t shown = 0, octets = 0;
  for (const auto& field : headers.fields) {
    octets += field.whole.size();
    if (octets > kShownHeaders) break;
    ++shown;
  }
  w.field("headersTruncated", shown < headers.fields.size());
  w.key("headers").array();
  for (std::size_t i = 0; i < shown; ++i)
    w.object()
        .field("name", headers.fields[i].name)
        .field("value", text_of(headers.fields[i].raw_value))
        .end();
  w.end();
  write_common(w, v, headers);
  w.end();
}

void write_verdict(base::JsonWriter& w, const char* key, const std::string& status) {
  w.key(key).object().field("status", status).end();
}

struct WriteAction {
  base::JsonWriter& w;
  const ses::ReceivedMail& mail;

  void topic(const std::optional<std::string>& arn) const {
    if (arn && !arn->empty()) w.field("topicArn", *arn);
  }
  void operator()(const ses::AddHeaderAction&) const {}
  void operator()(const ses::ConnectAction& a) const { w.field("instanceArn", a.instance_arn); }
  void operator()(const ses::StopAction& a) const { topic(a.topic_arn); }
  void operator()(const ses::WorkmailAction& a) const {
    topic(a.topic_arn);
    w.field("organizationArn", a.organization_arn);
  }
  void operator()(const ses::SnsAction& a) const {
    w.field("topicArn", a.topic_arn);
    w.field("encoding", base::iequals(a.encoding.value_or("UTF-8"), "Base64") ? "BASE64" : "UTF8");
  }
  void operator()(const ses::LambdaAction& a) const {
    topic(a.topic_arn);
    w.field("functionArn", a.function_arn).field("invocationType", a.invocation_type.value_or("Event"));
  }
  void operator()(const ses::S3Action& a) const {
    topic(a.topic_arn);
    const auto prefix = a.prefix.value_or("");
    w.field("bucketName", a.bucket).field("objectKeyPrefix", prefix).field("objectKey", prefix + mail.id);
  }
  void operator()(const ses::BounceAction& a) const {
    topic(a.topic_arn);
    w.field("smtpReplyCode", a.reply_code);
    if (a.status_code) w.field("statusCode", *a.status_code);
    w.field("message", a.message).field("sender", a.sender);
  }
};

void write_receipt(base::JsonWriter& w, const RuleView& v, const ses::ReceiptAction& action) {
  w.key("receipt").object();
  w.field("timestamp", base::iso8601(v.mail.received));
  w.field("processingTimeMillis", std::max(v.now - v.mail.received, base::Millis(0)).count());  // clocks move
  w.key("recipients").strings(v.recipients);
  write_verdict(w, "spamVerdict", shown_to(v.rule, v.verdicts.scan.spam));
  write_verdict(w, "virusVerdict", shown_to(v.rule, v.verdicts.scan.virus));
  write_verdict(w, "spfVerdict", v.verdicts.spf);
  write_verdict(w, "dkimVerdict", v.verdicts.dkim);
  write_verdict(w, "dmarcVerdict", v.verdicts.dmarc);
  if (!v.verdicts.dmarc_policy.empty()) w.field("dmarcPolicy", v.verdicts.dmarc_policy);
  w.key("action").object().field("type", type_of(action));
  std::visit(WriteAction{w, v.mail}, action);
  w.end().end();
}

}  // namespace

std::string headers_on_top(const RuleView& v) {
  auto out = "Return-Path: <" + envelope_address(v.mail.sender) + ">\r\n" + received_header(v);
  out += "X-SES-Spam-Verdict: " + shown_to(v.rule, v.verdicts.scan.spam) + "\r\n";
  out += "X-SES-Virus-Verdict: " + shown_to(v.rule, v.verdicts.scan.virus) + "\r\n";
  out += v.verdicts.received_spf + v.verdicts.authentication_results;
  out += v.verdicts.receipt + v.verdicts.signature;
  return out + v.mail.progress.added;
}

std::string with_headers(const RuleView& v, std::string_view mail) {
  auto out = headers_on_top(v);
  out.reserve(out.size() + mail.size());
  append_unforged(out, mail, v.service_domain);
  return out;
}

std::string notification(const RuleView& v, const ses::ReceiptAction& action,
                         const std::optional<std::string>& content) {
  base::JsonWriter w;
  w.object().field("notificationType", "Received");
  write_receipt(w, v, action);
  write_mail(w, v);
  if (content) w.field("content", *content);
  w.end();
  return std::move(w).text();
}

std::string function_input(const RuleView& v, const ses::ReceiptAction& action) {
  base::JsonWriter w;
  w.object().key("Records").array().object();
  w.field("eventSource", "aws:ses").field("eventVersion", "1.0").key("ses").object();
  write_mail(w, v);
  write_receipt(w, v, action);
  w.end().end().end().end();
  return std::move(w).text();
}

}  // namespace receive

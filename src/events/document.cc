#include "events/document.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "mail/address.h"
#include "mail/header.h"

namespace events {
namespace {

struct Kind {
  std::string_view type, object;
  bool object_first = false;  // the object stands before the mail
  bool headers = true;        // the mail shows its headers
};

constexpr Kind kKinds[] = {
    {"Send", "send"},
    {"Rendering Failure", "failure", false, false},
    {"Reject", "reject"},
    {"Delivery", "delivery"},
    {"Bounce", "bounce", true},
    {"Complaint", "complaint", true},
    {"DeliveryDelay", "deliveryDelay", false, false},
    {"Subscription", "subscription"},
    {"Open", "open"},
    {"Click", "click", true},
};

const Kind& kind_of(std::string_view type) {
  for (const auto& kind : kKinds)
    if (kind.type == type) return kind;
  return kKinds[0];
}

using Headers = std::vector<std::pair<std::string, std::string>>;

bool is_templated(const ses::MailMeta& meta) {
  return meta.templated || meta.operation.starts_with("SendTemplated") ||
         meta.operation.starts_with("SendBulk");
}

// A templated mail is sent before it is rendered, and its Send event shows what is known then (SES §13).
bool known_before_rendering(std::string_view name) {
  for (std::string_view known : {"From", "To", "Cc", "Reply-To", "MIME-Version"})
    if (base::iequals(name, known)) return true;
  return false;
}

Headers headers_of(const ses::MailMeta& meta, bool before_rendering) {
  Headers out;
  for (const auto& [name, value] : meta.headers)
    if (!before_rendering || known_before_rendering(name)) out.emplace_back(name, mail::decode_words(value));
  return out;
}

// As it was submitted, words not decoded: what is parsed is this.
const std::string* find(const ses::MailMeta& meta, std::string_view name) {
  for (const auto& [n, value] : meta.headers)
    if (base::iequals(n, name)) return &value;
  return nullptr;
}

std::vector<std::string> shown(const std::string& value) {
  std::vector<std::string> out;
  auto boxes = mail::parse_address_list(value, true);
  if (!boxes.ok()) return {mail::decode_words(value)};
  for (auto& box : *boxes) {
    box.raw_name = mail::decode_words(box.raw_name);
    out.push_back(mail::display_form(box));
  }
  return out;
}

void address_list(base::JsonWriter& w, std::string_view key, const ses::MailMeta& meta,
                  std::string_view name) {
  if (const auto* value = find(meta, name)) w.key(key).strings(shown(*value));
}

void common_headers(base::JsonWriter& w, const ses::MessageSummary& m, bool before_rendering,
                    bool notification) {
  const auto& meta = m.meta;
  w.key("commonHeaders").object();
  if (const auto* value = find(meta, "Return-Path")) w.field("returnPath", *value);
  address_list(w, "from", meta, "From");
  if (const auto* value = find(meta, "Sender")) w.field("sender", mail::decode_words(*value));
  address_list(w, "replyTo", meta, "Reply-To");
  if (const auto* value = find(meta, "Date"); value && !before_rendering) w.field("date", *value);
  address_list(w, "to", meta, "To");
  address_list(w, "cc", meta, "Cc");
  address_list(w, "bcc", meta, "Bcc");
  // An identity's topic is told the sender's own Message-ID, all others the id SES gave (SES §18.1).
  if (!notification) {
    w.field("messageId", m.id.str());
  } else if (const auto* value = find(meta, "Message-ID")) {
    w.field("messageId", *value);
  }
  if (const auto* value = find(meta, "Subject"); value && !before_rendering)
    w.field("subject", mail::decode_words(*value));
  w.end();
}

// Of a header From that is there and can be read; without one nothing is known (SES §18.1).
std::optional<std::string> from_domain(const ses::MailMeta& meta) {
  const auto* from = find(meta, "From");
  if (!from && !meta.headers_truncated) return std::nullopt;
  auto boxes = mail::parse_address_list(from ? *from : meta.source, true);
  if (!boxes.ok() || boxes->empty()) return std::nullopt;
  return boxes->front().domain;
}

void write_tags(base::JsonWriter& w, const ses::MailMeta& meta, const std::string& outgoing_ip) {
  std::vector<std::pair<std::string, std::vector<std::string>>> tags;
  std::map<std::string, std::size_t, std::less<>> at;
  auto add = [&](const std::string& name, const std::string& value) {
    auto [it, fresh] = at.try_emplace(name, tags.size());
    if (fresh) tags.emplace_back(name, std::vector<std::string>{});
    tags[it->second].second.push_back(value);
  };
  auto automatic = [&](const char* name, const std::string& value) {
    if (!value.empty()) add(name, value);
  };
  automatic("ses:source-tls-version", meta.tls_version);
  automatic("ses:operation", meta.operation);
  automatic("ses:configuration-set", meta.configuration_set);
  automatic("ses:source-ip", meta.source_ip);
  automatic("ses:from-domain", from_domain(meta).value_or(""));
  automatic("ses:caller-identity", meta.caller_name);
  automatic("ses:outgoing-ip", outgoing_ip);
  for (const auto& tag : meta.tags) add(tag.name, tag.value);
  w.key("tags").object();
  for (const auto& [name, values] : tags) w.key(name).strings(values);
  w.end();
}

void write_headers(base::JsonWriter& w, const ses::MessageSummary& m, bool before_rendering,
                   bool notification) {
  w.key("headers").array();
  for (const auto& [name, value] : headers_of(m.meta, before_rendering))
    w.object().field("name", name).field("value", value).end();
  w.end();
  common_headers(w, m, before_rendering, notification);
}

void write_mail(base::JsonWriter& w, const ses::MessageSummary& m, const ses::EventRecord& event,
                const Kind& kind, const DocumentForm& form) {
  const auto& meta = m.meta;
  bool before_rendering = kind.type == "Send" && is_templated(meta);
  bool opened = kind.type == "Open" || kind.type == "Click";
  w.key("mail").object();
  w.field("timestamp", base::iso8601(m.accepted)).field("source", meta.source);
  if (!meta.source_arn.empty() && !before_rendering && !opened) w.field("sourceArn", meta.source_arn);
  if (form.notification) {
    if (!meta.source_ip.empty()) w.field("sourceIp", meta.source_ip);
    if (!meta.caller_name.empty()) w.field("callerIdentity", meta.caller_name);
  }
  w.field("sendingAccountId", m.scope.account.str()).field("messageId", m.id.str());
  w.key("destination").strings(m.recipients);
  bool headers = kind.headers && (!form.notification || form.headers);
  if (headers || !form.notification) w.field("headersTruncated", meta.headers_truncated);
  if (headers) write_headers(w, m, before_rendering, form.notification);
  if (!form.notification) write_tags(w, meta, event.outgoing_ip);
  w.end();
}

}  // namespace

ses::EventRecord send_event(const ses::MessageSummary& message) {
  return {message.accepted, "Send", "{}", {}};
}

std::string document(const ses::MessageSummary& message, const ses::EventRecord& event,
                     const DocumentForm& form) {
  const auto& kind = kind_of(event.type);
  base::JsonWriter w;
  w.object().field(form.notification ? "notificationType" : "eventType", event.type);
  if (kind.object_first) w.key(kind.object).raw(event.json);
  write_mail(w, message, event, kind, form);
  if (!kind.object_first) w.key(kind.object).raw(event.json);
  w.end();
  return std::move(w).text();
}

std::vector<ses::EventRecord> all_events(const ses::MessageSummary& message,
                                         std::vector<ses::EventRecord> recorded) {
  if (message.flags & ses::kSystem) return {};
  std::vector<ses::EventRecord> out;
  out.reserve(recorded.size() + 1);
  out.push_back(send_event(message));
  std::move(recorded.begin(), recorded.end(), std::back_inserter(out));
  return out;
}

}  // namespace events

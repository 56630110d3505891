#include "console/message_json.h"

#include <algorithm>

#include "base/encoding.h"
#include "events/document.h"
#include "mail/address.h"
#include "mail/envelope.h"
#include "mail/header.h"

namespace console {
namespace {

std::string_view name_of(ses::RecipientState state) {
  switch (state) {
    case ses::RecipientState::pending:
      return "pending";
    case ses::RecipientState::delivered:
      return "delivered";
    case ses::RecipientState::bounced:
      return "bounced";
    case ses::RecipientState::captured:
      return "captured";
    case ses::RecipientState::held:
      return "held";
  }
  return "unknown";
}

void write_tags(base::JsonWriter& json, const std::vector<ses::Tag>& tags) {
  json.key("tags").object();
  for (const auto& tag : tags) json.field(tag.name, tag.value);
  json.end();
}

void write_recipients(base::JsonWriter& json, const ses::MessageSummary& message) {
  json.key("recipients").array();
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    json.object().field("address", message.recipients[i]);
    if (i < message.states.size()) json.field("state", name_of(message.states[i]));
    json.end();
  }
  json.end();
}

void write_attachments(base::JsonWriter& json, const std::string& id, const MimeView& view) {
  json.key("attachments").array();
  for (std::size_t i = 0; i < view.attachments.size(); ++i) {
    const auto& a = view.attachments[i];
    json.object().field("fileName", a.file_name).field("contentType", a.content_type).field("size", a.size);
    json.field("inline", a.is_inline);
    if (!a.content_id.empty()) json.field("contentId", a.content_id);
    json.field("url", "/_sesame/messages/" + id + "/attachments/" + std::to_string(i)).end();
  }
  json.end();
}

}  // namespace

std::string bare_address(const std::string& text) {
  auto parsed = mail::parse_mailbox(text, true);
  return parsed.ok() ? parsed->addr() : std::string(base::trim(text));
}

bool MessageFilter::matches(const ses::MessageSummary& message) const {
  if (subject && message.meta.subject.find(*subject) == std::string::npos) return false;
  if (from && !mail::same_address(bare_address(message.meta.source), *from) &&
      !mail::same_address(bare_address(shown_from(message)), *from))
    return false;
  if (!to) return true;
  return std::any_of(message.recipients.begin(), message.recipients.end(),
                     [this](const std::string& r) { return mail::same_address(r, *to); });
}

std::string shown_from(const ses::MessageSummary& message) {
  for (const auto& [name, value] : message.meta.headers)
    if (base::iequals(name, "From")) return mail::decode_words(value);
  return message.meta.source;
}

std::string_view state_of(const ses::MessageSummary& message) {
  const auto& states = message.states;
  if (states.empty()) return "pending";
  if (std::find(states.begin(), states.end(), ses::RecipientState::pending) != states.end()) return "pending";
  const bool same = std::all_of(states.begin(), states.end(), [&](auto s) { return s == states.front(); });
  return same ? name_of(states.front()) : "mixed";
}

void write_summary(base::JsonWriter& json, const ses::MessageSummary& message) {
  const auto& meta = message.meta;
  json.field("messageId", message.id.str()).field("seq", message.seq);
  json.field("timestamp", base::iso8601(message.accepted)).field("from", shown_from(message));
  // A raw message may say nothing of whom it is for.
  const bool no_lists = meta.to.empty() && meta.cc.empty() && meta.bcc.empty();
  json.key("to").strings(no_lists ? message.recipients : meta.to);
  json.key("cc").strings(meta.cc).key("bcc").strings(meta.bcc);
  json.field("envelopeFrom", message.envelope_sender);
  json.field("subject", meta.subject);
  write_tags(json, meta.tags);
  json.field("state", state_of(message)).field("size", message.size);
  json.field("account", message.scope.account.str()).field("region", message.scope.region.str());
  write_recipients(json, message);
}

std::string list_json(const std::vector<ses::MessageSummary>& messages) {
  base::JsonWriter json;
  json.object().key("messages").array();
  for (const auto& message : messages) {
    json.object();
    write_summary(json, message);
    json.end();
  }
  json.end().end();
  return std::move(json).text();
}

std::string detail_json(const ses::MessageSummary& message, const MimeView* view) {
  const auto& meta = message.meta;
  base::JsonWriter json;
  json.object();
  write_summary(json, message);
  json.key("replyTo").strings(meta.reply_to);
  json.field("source", meta.source).field("returnPath", meta.return_path).field("operation", meta.operation);
  json.field("configurationSet", meta.configuration_set);
  if (meta.tracking.opens) json.field("trackOpens", *meta.tracking.opens);
  if (meta.tracking.clicks) json.field("trackClicks", *meta.tracking.clicks);
  json.key("caller").object().field("arn", meta.caller_arn).field("sourceIp", meta.source_ip);
  json.field("userAgent", meta.user_agent)
      .field("tls", meta.tls_version)
      .field("requestId", meta.request_id)
      .end();
  json.field("hasContent", view != nullptr);
  if (view) {
    json.key("headers").array();
    for (const auto& [name, value] : view->headers)
      json.object().field("name", name).field("value", value).end();
    json.end();
    json.key("text");
    view->text ? json.value(*view->text) : json.null();
    json.key("html");
    view->html ? json.value(*view->html) : json.null();
    write_attachments(json, message.id.str(), *view);
    json.field("truncated", view->truncated);
    json.field("raw", "/_sesame/messages/" + message.id.str() + "/raw");
  }
  json.end();
  return std::move(json).text();
}

std::string trace_json(const ses::MessageSummary& message, const std::vector<ses::TraceEntry>& trace,
                       const std::vector<ses::EventRecord>& recorded) {
  base::JsonWriter json;
  json.object().field("messageId", message.id.str()).field("state", state_of(message));
  write_recipients(json, message);
  json.key("trace").array();
  for (const auto& entry : trace) {
    json.object().field("timestamp", base::iso8601(entry.at)).field("kind", entry.kind);
    json.key("data").raw(entry.json.empty() ? "{}" : entry.json).end();
  }
  json.end().key("events").array();
  for (const auto& event : events::all_events(message, recorded)) json.raw(events::document(message, event));
  json.end().end();
  return std::move(json).text();
}

}  // namespace console

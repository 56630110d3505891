#include "console/lookalike_json.h"

#include "base/encoding.h"
#include "base/json.h"
#include "console/mime_view.h"

namespace console {
namespace {

// Envelope recipients that no header shows.
std::vector<std::string> shown_to(const ses::MessageSummary& message) {
  const auto& meta = message.meta;
  const bool no_lists = meta.to.empty() && meta.cc.empty() && meta.bcc.empty();
  return no_lists ? message.recipients : meta.to;
}

void write_text(base::JsonWriter& json, std::string_view name, const std::optional<std::string>& text) {
  json.key(name);
  text ? json.value(*text) : json.null();
}

}  // namespace

std::string localstack_json(const ses::MessageSummary& message, std::string_view raw) {
  const auto& meta = message.meta;
  const auto view = read_mime(raw);
  base::JsonWriter json;
  json.object().field("Id", message.id.str()).field("Region", message.scope.region.str());
  json.field("Timestamp", base::iso8601(message.accepted).substr(0, 19)).field("Source", meta.source);
  json.key("Destination").object().key("ToAddresses").strings(shown_to(message));
  if (!meta.cc.empty()) json.key("CcAddresses").strings(meta.cc);
  if (!meta.bcc.empty()) json.key("BccAddresses").strings(meta.bcc);
  json.end().field("Subject", meta.subject).key("Body").object();
  write_text(json, "text_part", view.text);
  write_text(json, "html_part", view.html);
  json.end().field("RawData", raw).end();
  return std::move(json).text();
}

std::string store_json(const ses::MessageSummary& message, std::string_view raw) {
  const auto& meta = message.meta;
  const auto view = read_mime(raw);
  base::JsonWriter json;
  json.object().field("messageId", message.id.str()).field("from", meta.source);
  json.key("replyTo").strings(meta.reply_to);
  json.key("destination").object().key("to").strings(shown_to(message));
  json.key("cc").strings(meta.cc).key("bcc").strings(meta.bcc).end();
  json.field("subject", meta.subject).key("body").object();
  if (view.html) json.field("html", *view.html);
  if (view.text) json.field("text", *view.text);
  json.end().key("attachments").array();
  for (const auto& attachment : view.attachments) {
    json.object().field("content", base::base64_encode(decode_attachment(attachment)));
    json.field("contentType", attachment.content_type).field("filename", attachment.file_name);
    json.field("size", attachment.size).end();
  }
  json.end().field("at", base::to_millis(message.accepted) / 1000).end();
  return std::move(json).text();
}

}  // namespace console

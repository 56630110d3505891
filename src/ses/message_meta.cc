// MailMeta to and from JSON. Writing is on the send path, so it is plain appending; reading is for lists and
// traces.
#include <boost/json.hpp>

#include "base/json.h"
#include "ses/message.h"

namespace ses {
namespace {

namespace json = boost::json;

void strings(base::JsonWriter& w, std::string_view name, const std::vector<std::string>& items) {
  if (items.empty()) return;
  w.key(name).strings(items);
}

void text(base::JsonWriter& w, std::string_view name, const std::string& value) {
  if (!value.empty()) w.field(name, value);
}

std::string get(const json::object& o, std::string_view name) {
  const auto* v = o.if_contains(name);
  return v && v->is_string() ? std::string(v->as_string()) : std::string();
}

std::vector<std::string> get_list(const json::object& o, std::string_view name) {
  std::vector<std::string> out;
  const auto* v = o.if_contains(name);
  if (!v || !v->is_array()) return out;
  for (const auto& item : v->as_array())
    if (item.is_string()) out.emplace_back(item.as_string());
  return out;
}

void flag(base::JsonWriter& w, std::string_view name, const std::optional<bool>& value) {
  if (value) w.field(name, *value);
}

std::optional<bool> get_flag(const json::object& o, std::string_view name) {
  const auto* v = o.if_contains(name);
  return v && v->is_bool() ? std::optional(v->as_bool()) : std::nullopt;
}

// Pairs are stored as [name, value, name, value, …].
std::vector<std::pair<std::string, std::string>> get_pairs(const json::object& o, std::string_view name) {
  auto flat = get_list(o, name);
  std::vector<std::pair<std::string, std::string>> out;
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2) out.emplace_back(flat[i], flat[i + 1]);
  return out;
}

}  // namespace

std::string to_json(const MailMeta& m) {
  base::JsonWriter w;
  w.object();
  text(w, "source", m.source);
  text(w, "returnPath", m.return_path);
  text(w, "operation", m.operation);
  text(w, "sourceArn", m.source_arn);
  text(w, "subject", m.subject);
  text(w, "configurationSet", m.configuration_set);
  text(w, "requestId", m.request_id);
  text(w, "callerArn", m.caller_arn);
  text(w, "callerName", m.caller_name);
  text(w, "sourceIp", m.source_ip);
  text(w, "tlsVersion", m.tls_version);
  text(w, "userAgent", m.user_agent);
  strings(w, "to", m.to);
  strings(w, "cc", m.cc);
  strings(w, "bcc", m.bcc);
  strings(w, "replyTo", m.reply_to);
  if (!m.tags.empty()) {
    w.key("tags").array();
    for (const auto& tag : m.tags) w.value(tag.name).value(tag.value);
    w.end();
  }
  if (!m.headers.empty()) {
    w.key("headers").array();
    for (const auto& [name, value] : m.headers) w.value(name).value(value);
    w.end();
  }
  flag(w, "trackOpens", m.tracking.opens);
  flag(w, "trackClicks", m.tracking.clicks);
  if (m.headers_truncated) w.field("headersTruncated", true);
  if (m.templated) w.field("templated", true);
  w.end();
  return std::move(w).text();
}

MailMeta meta_from_json(std::string_view text) {
  json::error_code ec;
  auto value = json::parse({text.data(), text.size()}, ec);
  MailMeta m;
  if (ec || !value.is_object()) return m;
  const auto& o = value.as_object();
  m.source = get(o, "source");
  m.return_path = get(o, "returnPath");
  m.operation = get(o, "operation");
  m.source_arn = get(o, "sourceArn");
  m.subject = get(o, "subject");
  m.configuration_set = get(o, "configurationSet");
  m.request_id = get(o, "requestId");
  m.caller_arn = get(o, "callerArn");
  m.caller_name = get(o, "callerName");
  m.source_ip = get(o, "sourceIp");
  m.tls_version = get(o, "tlsVersion");
  m.user_agent = get(o, "userAgent");
  m.to = get_list(o, "to");
  m.cc = get_list(o, "cc");
  m.bcc = get_list(o, "bcc");
  m.reply_to = get_list(o, "replyTo");
  for (auto& [name, v] : get_pairs(o, "tags")) m.tags.push_back({name, v});
  m.headers = get_pairs(o, "headers");
  m.tracking = {get_flag(o, "trackOpens"), get_flag(o, "trackClicks")};
  m.headers_truncated = get_flag(o, "headersTruncated").value_or(false);
  m.templated = get_flag(o, "templated").value_or(false);
  return m;
}

}  // namespace ses

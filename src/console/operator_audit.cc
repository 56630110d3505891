// `sesame audit`: the record of decisions, newest first, a page at a time.
#include <fmt/core.h>

#include <stdexcept>

#include "base/json.h"
#include "console/duration.h"
#include "console/operator_commands.h"

namespace console {
namespace {

constexpr std::int64_t kMostRows = 1000;

// A time, or how long ago: "2026-01-31T08:00:00Z", "2d".
base::WallTime time_of(const std::string& name, const std::string& text, base::WallTime now) {
  if (const auto time = base::parse_time(text)) return *time;
  if (const auto ago = parse_duration(text)) return now - *ago;
  throw std::invalid_argument("--" + name + " takes a time as 2026-01-31T08:00:00Z, or how long ago as 2h.");
}

ses::AuditQuery query_of(const CommandLine& line, base::WallTime now) {
  ses::AuditQuery query;
  query.denied = line.option("denied").has_value();
  query.principal = line.option("principal");
  query.action = line.option("action");
  query.source = line.option("source");
  query.account = line.option("account");
  if (const auto from = line.option("from")) query.from = time_of("from", *from, now);
  if (const auto to = line.option("to")) query.to = time_of("to", *to, now);
  if (const auto before = line.option("before")) query.before = whole_number("before", *before, INT64_MAX);
  if (const auto limit = line.option("limit"))
    query.at_most = static_cast<std::size_t>(whole_number("limit", *limit, kMostRows));
  return query;
}

std::string who(const ses::AccessRecord& record) {
  if (!record.principal_arn.empty()) return record.principal_arn;
  return record.access_key_id.empty() ? "-" : record.access_key_id;
}

std::string decided_by(const ses::AccessRecord& record) {
  if (record.policy.empty() && record.statement < 0) return "";
  auto out = "  by " + record.policy;
  if (record.statement >= 0) out += fmt::format(" statement {}", record.statement);
  return record.sid.empty() ? out : out + " (" + record.sid + ")";
}

std::string line_of(const ses::AuditEntry& entry) {
  const auto& r = entry.record;
  auto out = fmt::format("{}  {:<14} {}  {}  from {}", base::iso8601(r.when), ses::effect_name(r.effect),
                         r.action, who(r), r.source_ip.empty() ? "-" : r.source_ip);
  if (entry.count > 1) out += fmt::format("  {} times until {}", entry.count, base::iso8601(entry.last));
  out += decided_by(r) + "\n";
  for (const auto& resource : r.resources) out += "    " + resource + "\n";
  return out;
}

void append_json(base::JsonWriter& json, const ses::AuditEntry& entry) {
  const auto& r = entry.record;
  json.object().field("id", entry.id).field("time", base::iso8601(r.when));
  json.field("lastTime", base::iso8601(entry.last)).field("count", entry.count);
  json.field("effect", ses::effect_name(r.effect)).field("action", r.action);
  json.field("account", r.account).field("region", r.region).field("principalArn", r.principal_arn);
  json.field("accessKeyId", r.access_key_id).field("sourceIp", r.source_ip).field("userAgent", r.user_agent);
  json.field("api", r.api).field("requestId", r.request_id);
  json.key("resources").strings(r.resources);
  json.field("policy", r.policy);
  if (r.statement >= 0) {
    json.field("statement", r.statement);
  } else {
    json.key("statement").null();
  }
  json.field("sid", r.sid).end();
}

OperatorAnswer answer_of(const ses::AuditPage& page) {
  std::string text;
  base::JsonWriter json;
  json.object().key("records").array();
  for (const auto& entry : page.entries) {
    text += line_of(entry);
    append_json(json, entry);
  }
  json.end().key("next");
  if (page.next) {
    json.value(*page.next);
    text += fmt::format("More: --before {}\n", *page.next);
  } else {
    json.null();
  }
  json.end();
  if (text.empty()) text = "Nothing was recorded that fits.\n";
  return {true, std::move(text), std::move(json).text()};
}

}  // namespace

base::Task<OperatorAnswer> OperatorCommands::audit(CommandLine line) {
  allow_options(line,
                {"denied", "principal", "action", "source", "account", "from", "to", "before", "limit"});
  if (!line.words.empty()) throw std::invalid_argument("audit takes options only, as --denied.");
  auto reading = service_.audit.list(query_of(line, service_.clock.now()));
  const auto page = co_await reading;
  co_return answer_of(page);
}

}  // namespace console

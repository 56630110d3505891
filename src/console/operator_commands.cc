#include "console/operator_commands.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "base/fault.h"
#include "base/json.h"
#include "base/log.h"
#include "console/message_json.h"
#include "events/document.h"

namespace console {
namespace {

bool is_account_id(const std::string& text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string::npos;
}

bool on_or_off(const std::string& name, const std::string& value) {
  if (value == "on" || value == "true" || value == "yes") return true;
  if (value == "off" || value == "false" || value == "no") return false;
  throw std::invalid_argument("--" + name + " takes on or off.");
}

double number(const std::string& name, const std::string& value, double least) {
  double out = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error != std::errc() || end != value.data() + value.size() || !(out >= least) || out > 1e12)
    throw std::invalid_argument("--" + name + " takes a number.");
  return out;
}

std::string trace_text(const ses::MessageSummary& message, const std::vector<ses::TraceEntry>& trace,
                       const std::vector<ses::EventRecord>& recorded) {
  auto out = fmt::format("{}  {}\n{}  {} bytes  account {}  {}\nfrom {}\n", message.id.str(),
                         state_of(message), base::iso8601(message.accepted), message.size,
                         message.scope.account.str(), message.scope.region.str(), shown_from(message));
  for (const auto& recipient : message.recipients) out += fmt::format("to   {}\n", recipient);
  out += fmt::format("     \"{}\"\n", message.meta.subject);
  for (const auto& entry : trace)
    out += fmt::format("{}  {:<10} {}\n", base::iso8601(entry.at), entry.kind, entry.json);
  for (const auto& event : events::all_events(message, recorded))
    out += fmt::format("{}  event      {}\n", base::iso8601(event.at), events::document(message, event));
  return out;
}

std::string queue_text(const deliver::QueueView& view) {
  auto out = fmt::format("{} recipients wait; {} deliveries in memory, {} under way\n", view.pending,
                         view.in_memory, view.in_flight);
  if (!view.sites.empty())
    out += fmt::format("{:<40} {:>9} {:>11}  {}\n", "SITE", "WAITING", "CONNECTIONS", "STATE");
  for (const auto& site : view.sites)
    out += fmt::format("{:<40} {:>9} {:>11}  {}\n", site.name, site.waiting, site.connections, site.state);
  return out;
}

std::string queue_json(const deliver::QueueView& view) {
  base::JsonWriter json;
  json.object()
      .field("pending", view.pending)
      .field("inMemory", view.in_memory)
      .field("inFlight", view.in_flight);
  json.key("sites").array();
  for (const auto& site : view.sites) {
    json.object().field("name", site.name).field("waiting", site.waiting);
    json.field("connections", site.connections).field("state", site.state).end();
  }
  json.end().end();
  return std::move(json).text();
}

OperatorAnswer account_answer(const ses::Scope& scope, const ses::AccountSettings& settings, double sent) {
  OperatorAnswer answer;
  const std::string sending = !settings.paused_reason.empty() ? "paused: " + settings.paused_reason
                              : settings.sending_enabled      ? "on"
                                                              : "off (by the account)";
  answer.text = fmt::format(
      "account  {}\nregion   {}\nsandbox  {}\nmax-24h  {:g}\nrate     {:g}\nsent-24h {:g}\nsending  {}\n",
      scope.account.str(), scope.region.str(), settings.sandbox ? "on" : "off", settings.max_24h,
      settings.max_rate, sent, sending);
  base::JsonWriter json;
  json.object().field("account", scope.account.str()).field("region", scope.region.str());
  json.field("sandbox", settings.sandbox).field("max24HourSend", settings.max_24h);
  json.field("maxSendRate", settings.max_rate).field("sentLast24Hours", sent);
  json.field("sendingEnabled", settings.sending_enabled).field("pausedReason", settings.paused_reason).end();
  answer.json = std::move(json).text();
  return answer;
}

// Made from the options at once, so that a wrong one changes nothing.
std::function<void(ses::AccountSettings&)> account_edit(const CommandLine& line) {
  std::vector<std::function<void(ses::AccountSettings&)>> edits;
  if (auto v = line.option("sandbox"))
    edits.push_back([on = on_or_off("sandbox", *v)](auto& settings) { settings.sandbox = on; });
  if (auto v = line.option("max-24h"))
    edits.push_back([n = number("max-24h", *v, -1)](auto& settings) { settings.max_24h = n; });
  if (auto v = line.option("rate"))
    edits.push_back([n = number("rate", *v, 0)](auto& settings) { settings.max_rate = n; });
  if (auto v = line.option("sending")) {
    const bool on = on_or_off("sending", *v);
    auto reason = line.option("reason").value_or("paused by the operator");
    edits.push_back([on, reason = std::move(reason)](auto& settings) {
      settings.paused_reason = on ? std::string() : reason;
      if (on) settings.sending_enabled = true;
    });
  }
  if (edits.empty())
    throw std::invalid_argument("Nothing to set: --sandbox, --max-24h, --rate or --sending.");
  return [edits = std::move(edits)](ses::AccountSettings& settings) {
    for (const auto& edit : edits) edit(settings);
  };
}

}  // namespace

const std::string& need_word(const CommandLine& line, std::size_t n, const char* what) {
  const auto* word = line.word(n);
  if (!word || word->empty()) throw std::invalid_argument(std::string(what) + " is missing.");
  return *word;
}

void allow_options(const CommandLine& line, std::initializer_list<const char*> allowed) {
  for (const auto& [name, value] : line.options)
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end())
      throw std::invalid_argument("There is no option --" + name + " here.");
}

ses::AccountId OperatorCommands::account_of(const CommandLine& line) const {
  auto id = line.option("account").value_or(service_.settings.dev_account);
  if (!is_account_id(id)) throw std::invalid_argument("--account takes 12 digits.");
  return ses::AccountId(std::move(id));
}

std::string OperatorCommands::default_region() const {
  return service_.settings.regions.empty() ? "us-east-1" : service_.settings.regions.front();
}

base::Task<OperatorAnswer> OperatorCommands::run(OperatorRequest request) {
  OperatorAnswer answer;
  try {
    auto running = dispatch(std::move(request));
    answer = co_await running;
  } catch (const base::Fault& fault) {
    answer = {false, fault.message(), ""};
  } catch (const std::invalid_argument& e) {
    answer = {false, e.what(), ""};
  } catch (const std::exception& e) {
    base::log_error("the operator's command failed: {}", e.what());
    answer = {false, e.what(), ""};
  }
  co_return answer;
}

base::Task<OperatorAnswer> OperatorCommands::dispatch(OperatorRequest request) {
  auto line = parse_command_line(request.args);
  const auto& command = request.command;
  if (command == "health") co_return health();
  if (command == "stop") {
    stop_();
    co_return OperatorAnswer{true, "The server finishes what is under way and stops.", "{\"stopping\":true}"};
  }
  base::Task<OperatorAnswer> running;
  if (command == "trace") {
    running = trace(std::move(line));
  } else if (command == "queue") {
    running = queue();
  } else if (command == "account") {
    running = account(std::move(line));
  } else if (command == "iam") {
    running = iam(std::move(line));
  } else if (command == "dns") {
    running = dns(std::move(line));
  } else {
    throw std::invalid_argument("There is no command " + command + ".");
  }
  auto answer = co_await running;
  co_return answer;
}

OperatorAnswer OperatorCommands::health() const {
  base::JsonWriter json;
  json.object().field("status", "ok").field("time", base::iso8601(service_.clock.now())).end();
  return {true, "ok", std::move(json).text()};
}

base::Task<OperatorAnswer> OperatorCommands::trace(CommandLine line) {
  allow_options(line, {});
  const auto id = need_word(line, 0, "The message id");
  auto* messages = &service_.messages;
  struct Found {
    std::optional<ses::MessageSummary> message;
    std::vector<ses::TraceEntry> trace;
    std::vector<ses::EventRecord> events;
  };
  auto reading = service_.store.read_value([messages, id](store::Db& db) {
    Found found{messages->find(db, id), {}, {}};
    if (!found.message) return found;
    found.trace = messages->trace(db, found.message->seq);
    found.events = messages->events(db, found.message->seq);
    return found;
  });
  const auto found = co_await reading;
  if (!found.message) throw std::invalid_argument("There is no message " + id + ".");
  co_return OperatorAnswer{true, trace_text(*found.message, found.trace, found.events),
                           trace_json(*found.message, found.trace, found.events)};
}

base::Task<OperatorAnswer> OperatorCommands::queue() {
  auto asking = service_.dispatcher.queue();
  const auto view = co_await asking;
  co_return OperatorAnswer{true, queue_text(view), queue_json(view)};
}

base::Task<OperatorAnswer> OperatorCommands::account(CommandLine line) {
  allow_options(line, {"account", "region", "sandbox", "max-24h", "rate", "sending", "reason"});
  const auto what = line.words.empty() ? "show" : line.words[0];
  const ses::Scope scope{account_of(line), ses::Region(line.option("region").value_or(default_region()))};
  if (what == "set") {
    auto changing = service_.accounts.change(scope, account_edit(line));
    co_await changing;
  } else if (what != "show") {
    throw std::invalid_argument(
        "Say account show, or account set with --sandbox, --max-24h, --rate or --sending.");
  }
  co_return account_answer(scope, service_.accounts.settings(scope), service_.accounts.sent_last_24h(scope));
}

}  // namespace console

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

std::int64_t whole_number(const std::string& name, const std::string& text, std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > most)
    throw std::invalid_argument(fmt::format("--{} takes a number from 1 to {}.", name, most));
  return value;
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
  } else if (command == "audit") {
    running = audit(std::move(line));
  } else if (command == "received") {
    running = received(std::move(line));
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
  if (!found.message) {
    auto tracing = trace_received(id);
    co_return co_await tracing;
  }
  co_return OperatorAnswer{true, trace_text(*found.message, found.trace, found.events),
                           trace_json(*found.message, found.trace, found.events)};
}

base::Task<OperatorAnswer> OperatorCommands::queue() {
  auto asking = service_.dispatcher.queue();
  const auto view = co_await asking;
  co_return OperatorAnswer{true, queue_text(view), queue_json(view)};
}

}  // namespace console

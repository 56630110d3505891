// The control API's state: health, reset, the clock, the account.
#include <fmt/core.h>

#include "base/fault.h"
#include "base/json.h"
#include "console/account_json.h"
#include "console/duration.h"
#include "console/http_tools.h"
#include "console/impl.h"
#include "console/json_body.h"

namespace console {
namespace {

[[noreturn]] void refuse(std::string message) {
  throw base::Fault(base::FaultKind::invalid_parameter, std::move(message));
}

JsonBody read_body(const std::string& text) {
  auto body = parse_json_body(text);
  if (!body) refuse("The body must be a JSON object.");
  return std::move(*body);
}

// What a body asks to change; members that are not there leave things as they are.
struct AccountEdit {
  std::optional<bool> sandbox, sending_enabled;
  std::optional<double> max_24h, max_rate;
  std::optional<std::string> paused_reason;
  std::optional<ses::Enforcement> enforcement;
  std::optional<ses::SuppressionReasons> suppressed;
  std::optional<bool> review_granted;

  static void decide(ses::AccountSettings& settings, bool granted) {
    try {
      ses::decide_review(settings, granted);
    } catch (const std::invalid_argument& e) {
      refuse(e.what());
    }
  }

  void apply(ses::AccountSettings& settings) const {
    if (sandbox) settings.sandbox = *sandbox;
    if (sending_enabled) settings.sending_enabled = *sending_enabled;
    if (max_24h) settings.max_24h = *max_24h;
    if (max_rate) settings.max_rate = *max_rate;
    if (paused_reason) settings.paused_reason = *paused_reason;
    if (enforcement) settings.enforcement = *enforcement;
    if (suppressed) settings.suppressed = *suppressed;
    if (review_granted) decide(settings, *review_granted);
  }
};

template <class T>
const T& expect(const T* value, const std::string& name, const char* kind) {
  if (!value) refuse("The member " + name + " must be " + kind + ".");
  return *value;
}

double positive(const JsonBody& body, const std::string& name, bool unlimited) {
  const double value = expect(body.number(name), name, "a number");
  if (value < 0 && !(unlimited && value == -1)) refuse("The member " + name + " must not be negative.");
  return value;
}

ses::Enforcement read_enforcement(const std::string& text) {
  auto status = ses::parse_enforcement(text);
  if (!status) refuse("The member enforcementStatus must be HEALTHY, PROBATION or SHUTDOWN.");
  return *status;
}

bool read_review(const std::string& text) {
  if (text != "granted" && text != "denied") refuse("The member review must be granted or denied.");
  return text == "granted";
}

AccountEdit read_edit(const JsonBody& body) {
  AccountEdit edit;
  for (const auto& [name, value] : body.members) {
    if (name == "sandbox") {
      edit.sandbox = expect(body.boolean(name), name, "true or false");
    } else if (name == "sendingEnabled") {
      edit.sending_enabled = expect(body.boolean(name), name, "true or false");
    } else if (name == "max24HourSend") {
      edit.max_24h = positive(body, name, true);
    } else if (name == "maxSendRate") {
      edit.max_rate = positive(body, name, false);
    } else if (name == "pausedReason") {
      edit.paused_reason = expect(body.text(name), name, "a text");
    } else if (name == "enforcementStatus") {
      edit.enforcement = read_enforcement(expect(body.text(name), name, "a text"));
    } else if (name == "review") {
      edit.review_granted = read_review(expect(body.text(name), name, "a text"));
    } else if (name == "suppressedReasons") {
      edit.suppressed = ses::suppression_reasons(expect(body.list(name), name, "a list of texts"));
    } else if (name != "region" && name != "account") {
      refuse("There is no member " + name + " to set.");
    }
  }
  return edit;
}

}  // namespace

net::HttpResponse Console::Impl::health() const {
  base::JsonWriter json;
  json.object().field("status", "ok").field("version", options.version);
  json.field("time", base::iso8601(clock.now())).end();
  return json_response(std::move(json).text());
}

base::Task<net::HttpResponse> Console::Impl::state_route(net::HttpRequest request, std::string name) {
  const bool post = request.method == "POST", get = request.method == "GET";
  if (name == "health") co_return get ? health() : no_method("GET");
  if (name == "inbound") {
    if (!post) co_return no_method("POST");
    auto receiving = inbound(std::move(request));
    auto received = co_await receiving;
    co_return received;
  }
  if (name == "reset" && !post) co_return no_method("POST");
  if (!post && !get) co_return no_method("GET, POST");
  base::Task<net::HttpResponse> answering;
  if (name == "reset") {
    answering = reset();
  } else if (name == "clock") {
    answering = move_clock(post ? std::move(request.body) : std::string());
  } else {
    answering = change_account(std::move(request));
  }
  auto response = co_await answering;
  co_return response;
}

base::Task<net::HttpResponse> Console::Impl::reset() {
  auto removing = remove_all();
  co_await removing;
  if (options.reset_state) {
    auto forgetting = options.reset_state();
    co_await forgetting;
  }
  co_return json_response("{\"reset\":true}");
}

// {"advance":"14h"}; answers once all that fell due has run (ARCHITECTURE 3.11).
base::Task<net::HttpResponse> Console::Impl::move_clock(std::string body) {
  const auto wanted = read_body(body);
  for (const auto& [name, value] : wanted.members)
    if (name != "advance") refuse("There is no member " + name + "; the clock takes \"advance\".");
  if (wanted.members.contains("advance")) {
    const auto* text = wanted.text("advance");
    const auto* seconds = wanted.number("advance");
    const auto by = parse_duration(text ? *text : seconds ? fmt::format("{:.3f}", *seconds) : std::string());
    if (!by)
      refuse(
          "\"advance\" must be a length of time such as \"14h\", \"30m\" or \"1h30m\", at most ten years.");
    clock.advance(*by);
    auto settling = service.dispatcher.settle();
    co_await settling;
    if (options.settle_received) {
      auto settling_received = options.settle_received();
      co_await settling_received;
    }
  }
  base::JsonWriter json;
  json.object().field("now", base::iso8601(clock.now()));
  json.field("offsetSeconds", static_cast<double>(clock.offset().count()) / 1000).end();
  co_return json_response(std::move(json).text());
}

base::Task<net::HttpResponse> Console::Impl::change_account(net::HttpRequest request) {
  const auto body = read_body(request.method == "POST" ? request.body : std::string());
  const auto query = query_parameters(request.query());
  const auto choose = [&](const std::string& name, const std::string& otherwise) {
    const auto* text = body.text(name);
    return text ? *text : find_parameter(query, name).value_or(otherwise);
  };
  const ses::Scope scope{ses::AccountId(choose("account", service.settings.dev_account)),
                         ses::Region(choose("region", options.default_region))};
  if (request.method == "POST") {
    const auto edit = read_edit(body);
    auto changing =
        service.accounts.change(scope, [edit](ses::AccountSettings& settings) { edit.apply(settings); });
    co_await changing;
  }
  co_return json_response(
      account_json(scope, service.accounts.settings(scope), service.accounts.sent_last_24h(scope)));
}

}  // namespace console

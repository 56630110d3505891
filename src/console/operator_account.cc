// `sesame account show` and `sesame account set` (SES §7).
#include <fmt/core.h>

#include <charconv>
#include <stdexcept>

#include "base/json.h"
#include "console/account_json.h"
#include "console/operator_commands.h"

namespace console {
namespace {

using Edit = std::function<void(ses::AccountSettings&)>;

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

std::string account_text(const ses::Scope& scope, const ses::AccountSettings& s, double sent) {
  const std::string sending = !s.paused_reason.empty()                      ? "paused: " + s.paused_reason
                              : s.enforcement == ses::Enforcement::shutdown ? "shut down"
                              : s.sending_enabled                           ? "on"
                                                                            : "off (by the account)";
  auto out = fmt::format(
      "account      {}\nregion       {}\nsandbox      {}\nmax-24h-send {:g}\nmax-rate     {:g}\n"
      "sent-24h     {:g}\nsending      {}\nenforcement  {}\nsuppression  ",
      scope.account.str(), scope.region.str(), s.sandbox ? "on" : "off", s.max_24h, s.max_rate, sent, sending,
      ses::enforcement_name(s.shown_enforcement()));
  const auto reasons = s.suppressed.names();
  for (const auto& reason : reasons) out += (&reason == &reasons.front() ? "" : ", ") + reason;
  out += reasons.empty() ? "off\n" : "\n";
  if (!s.details) return out;
  const auto& d = *s.details;
  out += fmt::format("mail-type    {}\nwebsite      {}\n", d.mail_type, d.website_url);
  if (!d.use_case.empty()) out += fmt::format("use-case     {}\n", d.use_case);
  for (const auto& contact : d.contacts) out += fmt::format("contact      {}\n", contact);
  if (!d.review_status.empty()) out += fmt::format("review       {} (case {})\n", d.review_status, d.case_id);
  return out;
}

Edit review_edit(const std::string& verdict) {
  if (verdict != "granted" && verdict != "denied")
    throw std::invalid_argument("--review takes granted or denied.");
  return [granted = verdict == "granted"](auto& settings) { ses::decide_review(settings, granted); };
}

Edit enforcement_edit(const std::string& name) {
  const auto status = ses::parse_enforcement(name);
  if (!status) throw std::invalid_argument("--enforcement-status takes HEALTHY, PROBATION or SHUTDOWN.");
  return [e = *status](auto& settings) { settings.enforcement = e; };
}

Edit pause_edit(const std::string& reason) {
  if (reason.empty()) throw std::invalid_argument("--pause takes the reason.");
  return [reason](auto& settings) { settings.paused_reason = reason; };
}

// Made from the options at once, so that a wrong one changes nothing.
Edit account_edit(const CommandLine& line) {
  std::vector<Edit> edits;
  if (auto v = line.option("sandbox"))
    edits.push_back([on = on_or_off("sandbox", *v)](auto& settings) { settings.sandbox = on; });
  if (auto v = line.option("max-24h-send"))
    edits.push_back([n = number("max-24h-send", *v, -1)](auto& settings) { settings.max_24h = n; });
  if (auto v = line.option("max-send-rate"))
    edits.push_back([n = number("max-send-rate", *v, 0)](auto& settings) { settings.max_rate = n; });
  if (line.option("pause") && line.option("resume"))
    throw std::invalid_argument("Only one of --pause and --resume can be said.");
  if (auto v = line.option("pause")) edits.push_back(pause_edit(*v));
  if (line.option("resume")) edits.push_back([](auto& settings) { settings.paused_reason.clear(); });
  if (auto v = line.option("enforcement-status")) edits.push_back(enforcement_edit(*v));
  if (auto v = line.option("review")) edits.push_back(review_edit(*v));
  if (edits.empty())
    throw std::invalid_argument(
        "Nothing to set: --sandbox, --max-24h-send, --max-send-rate, --pause, --resume, "
        "--enforcement-status or --review.");
  return [edits = std::move(edits)](ses::AccountSettings& settings) {
    for (const auto& edit : edits) edit(settings);
  };
}

}  // namespace

base::Task<OperatorAnswer> OperatorCommands::account(CommandLine line) {
  allow_options(line, {"account", "region", "sandbox", "max-24h-send", "max-send-rate", "pause", "resume",
                       "enforcement-status", "review"});
  const auto what = line.words.empty() ? "show" : line.words[0];
  const ses::Scope scope{account_of(line), ses::Region(line.option("region").value_or(default_region()))};
  if (what == "set") {
    auto changing = service_.accounts.change(scope, account_edit(line));
    co_await changing;
  } else if (what != "show") {
    throw std::invalid_argument("Say account show, or account set with what to set.");
  }
  const auto settings = service_.accounts.settings(scope);
  const auto sent = service_.accounts.sent_last_24h(scope);
  co_return OperatorAnswer{true, account_text(scope, settings, sent), account_json(scope, settings, sent)};
}

}  // namespace console

#include "console/account_json.h"

#include "base/json.h"

namespace console {

std::string account_json(const ses::Scope& scope, const ses::AccountSettings& settings, double sent) {
  base::JsonWriter json;
  json.object().field("account", scope.account.str()).field("region", scope.region.str());
  json.field("sandbox", settings.sandbox).field("max24HourSend", settings.max_24h);
  json.field("maxSendRate", settings.max_rate).field("sentLast24Hours", sent);
  json.field("sendingEnabled", settings.sending_enabled).field("pausedReason", settings.paused_reason);
  json.field("enforcementStatus", ses::enforcement_name(settings.shown_enforcement()));
  json.key("suppressedReasons").strings(settings.suppressed.names());
  if (settings.details && !settings.details->review_status.empty())
    json.field("review", settings.details->review_status).field("caseId", settings.details->case_id);
  json.end();
  return std::move(json).text();
}

}  // namespace console

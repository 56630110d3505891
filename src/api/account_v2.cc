// The account in SES v2 (SES §7, §25.1).
#include "api/account_features_v2.h"
#include "api/operations.h"
#include "model/sesv2_tables.h"
#include "model/sesv2_types.h"

namespace api {
namespace {

using namespace aws::sesv2;

base::Task<GetAccountResponse> get_account(Context& context, GetAccountRequest) {
  const auto& scope = context.caller.scope;
  auto settings = context.service.accounts.settings(scope);
  GetAccountResponse out;
  show_features(context, out);
  out.enforcement_status = settings.paused_reason.empty() ? "HEALTHY" : "SHUTDOWN";
  out.production_access_enabled = !settings.sandbox;
  auto& quota = out.send_quota.emplace();
  quota.max24_hour_send = settings.max_24h;
  quota.max_send_rate = settings.max_rate;
  quota.sent_last24_hours = context.service.accounts.sent_last_24h(scope);
  out.sending_enabled = settings.sending_enabled;
  auto& suppression = out.suppression_attributes.emplace();
  suppression.suppressed_reasons = {"BOUNCE", "COMPLAINT"};
  co_return out;
}

}  // namespace

void register_account_v2(aws::Registry<Context>& registry) {
  registry.register_operation(aws::Api::sesv2, "GetAccount", &get_account);
}

}  // namespace api

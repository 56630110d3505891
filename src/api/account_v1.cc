// The account in SES v1: quota, statistics, the sending switch (SES §7).
#include "api/operations.h"
#include "model/ses_tables.h"
#include "model/ses_types.h"

namespace api {
namespace {

using namespace aws::ses;

base::Task<GetSendQuotaResponse> get_send_quota(Context& context, GetSendQuotaRequest) {
  const auto& scope = context.caller.scope;
  auto settings = context.service.accounts.settings(scope);
  GetSendQuotaResponse out;
  out.max24_hour_send = settings.max_24h;
  out.max_send_rate = settings.max_rate;
  out.sent_last24_hours = context.service.accounts.sent_last_24h(scope);
  co_return out;
}

base::Task<GetSendStatisticsResponse> get_send_statistics(Context& context, GetSendStatisticsRequest) {
  auto points = co_await context.service.accounts.statistics(context.caller.scope);
  GetSendStatisticsResponse out;
  out.send_data_points.emplace();
  for (const auto& point : points) {
    SendDataPoint shown;
    shown.timestamp = point.start;
    shown.delivery_attempts = point.attempts;
    shown.bounces = point.bounces;
    shown.complaints = point.complaints;
    shown.rejects = point.rejects;
    out.send_data_points->push_back(std::move(shown));
  }
  co_return out;
}

base::Task<GetAccountSendingEnabledResponse> get_account_sending_enabled(Context& context,
                                                                         GetAccountSendingEnabledRequest) {
  GetAccountSendingEnabledResponse out;
  auto settings = context.service.accounts.settings(context.caller.scope);
  out.enabled = settings.sending_enabled && !settings.paused();
  co_return out;
}

base::Task<UpdateAccountSendingEnabledResponse> update_account_sending_enabled(
    Context& context, UpdateAccountSendingEnabledRequest in) {
  // SES §7: a switch that is not there is off.
  std::function<void(ses::AccountSettings&)> edit =
      [on = in.enabled.value_or(false)](ses::AccountSettings& settings) { settings.sending_enabled = on; };
  co_await context.service.accounts.change(context.caller.scope, std::move(edit));
  co_return UpdateAccountSendingEnabledResponse{};
}

}  // namespace

void register_account_v1(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::ses;
  registry.register_operation(api, "GetSendQuota", &get_send_quota);
  registry.register_operation(api, "GetSendStatistics", &get_send_statistics);
  registry.register_operation(api, "GetAccountSendingEnabled", &get_account_sending_enabled);
  registry.register_operation(api, "UpdateAccountSendingEnabled", &update_account_sending_enabled);
}

}  // namespace api

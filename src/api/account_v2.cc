// The account in SES v2 (SES §7, §16, §25.1).
#include "api/account_features_v2.h"
#include "api/operations.h"
#include "model/sesv2_tables.h"
#include "model/sesv2_types.h"

namespace api {
namespace {

using namespace aws::sesv2;

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

AccountDetails shown_details(const ses::AccountDetails& details) {
  AccountDetails out;
  out.mail_type = details.mail_type;
  out.website_url = details.website_url;
  out.contact_language = unless_empty(details.contact_language);
  out.use_case_description = unless_empty(details.use_case);
  if (!details.contacts.empty()) out.additional_contact_email_addresses = details.contacts;
  if (!details.review_status.empty()) {
    auto& review = out.review_details.emplace();
    review.status = details.review_status;
    review.case_id = details.case_id;
  }
  return out;
}

SuppressionAttributes shown_suppression(const ses::AccountSettings& settings) {
  SuppressionAttributes out;
  out.suppressed_reasons = settings.suppressed.names();
  if (!settings.threshold.empty()) {
    auto& threshold = out.validation_attributes.emplace().condition_threshold.emplace();
    threshold.condition_threshold_enabled = settings.threshold;
    if (!settings.threshold_verdict.empty())
      threshold.overall_confidence_threshold.emplace().confidence_verdict_threshold =
          settings.threshold_verdict;
  }
  return out;
}

base::Task<GetAccountResponse> get_account(Context& context, GetAccountRequest) {
  const auto& scope = context.caller.scope;
  auto settings = context.service.accounts.settings(scope);
  GetAccountResponse out;
  show_features(context, out);
  out.enforcement_status = std::string(ses::enforcement_name(settings.shown_enforcement()));
  out.production_access_enabled = !settings.sandbox;
  auto& quota = out.send_quota.emplace();
  quota.max24_hour_send = settings.max_24h;
  quota.max_send_rate = settings.max_rate;
  quota.sent_last24_hours = context.service.accounts.sent_last_24h(scope);
  out.sending_enabled = settings.sending_enabled && !settings.paused();
  out.suppression_attributes = shown_suppression(settings);
  if (settings.details) out.details = shown_details(*settings.details);
  co_return out;
}

base::Task<PutAccountSendingAttributesResponse> put_sending(Context& context,
                                                            PutAccountSendingAttributesRequest in) {
  // SES §4: a boolean that is not there is false.
  std::function<void(ses::AccountSettings&)> edit =
      [on = in.sending_enabled.value_or(false)](ses::AccountSettings& settings) {
        settings.sending_enabled = on;
      };
  co_await context.service.accounts.change(context.caller.scope, std::move(edit));
  co_return PutAccountSendingAttributesResponse{};
}

base::Task<PutAccountSuppressionAttributesResponse> put_suppression(
    Context& context, PutAccountSuppressionAttributesRequest in) {
  std::function<void(ses::AccountSettings&)> edit = [in = std::move(in)](ses::AccountSettings& settings) {
    // Without reasons none is in effect, unless the call is about validation alone.
    if (in.suppressed_reasons || !in.validation_attributes)
      settings.suppressed =
          ses::suppression_reasons(in.suppressed_reasons.value_or(std::vector<std::string>()));
    if (!in.validation_attributes) return;
    const auto& threshold = *in.validation_attributes->condition_threshold;
    settings.threshold = *threshold.condition_threshold_enabled;
    settings.threshold_verdict.clear();
    if (threshold.overall_confidence_threshold)
      settings.threshold_verdict = *threshold.overall_confidence_threshold->confidence_verdict_threshold;
  };
  co_await context.service.accounts.change(context.caller.scope, std::move(edit));
  co_return PutAccountSuppressionAttributesResponse{};
}

base::Task<PutAccountDetailsResponse> put_details(Context& context, PutAccountDetailsRequest in) {
  ses::AccountDetails details;
  details.mail_type = std::move(*in.mail_type);
  details.website_url = std::move(*in.website_url);
  details.contact_language = in.contact_language.value_or("");
  details.use_case = in.use_case_description.value_or("");
  details.contacts = in.additional_contact_email_addresses.value_or(std::vector<std::string>());
  co_await ses::put_account_details(context.service.accounts, context.service.random, context.caller.scope,
                                    std::move(details), in.production_access_enabled.value_or(false));
  co_return PutAccountDetailsResponse{};
}

}  // namespace

void register_account_v2(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::sesv2;
  registry.register_operation(api, "GetAccount", &get_account);
  registry.register_operation(api, "PutAccountDetails", &put_details);
  registry.register_operation(api, "PutAccountSendingAttributes", &put_sending);
  registry.register_operation(api, "PutAccountSuppressionAttributes", &put_suppression);
}

}  // namespace api

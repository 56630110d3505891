// The switches of an account in SES v2: VDM and the warm-up of dedicated addresses (SES §24.5, §24.6).
#include "api/account_features_v2.h"

#include "api/operations.h"
#include "model/sesv2_tables.h"

namespace api {

using namespace aws::sesv2;

namespace {

const char* feature_status(bool enabled) { return enabled ? "ENABLED" : "DISABLED"; }

base::Task<PutAccountVdmAttributesResponse> put_vdm_attributes(Context& context,
                                                               PutAccountVdmAttributesRequest in) {
  const auto& given = *in.vdm_attributes;
  ses::VdmAttributes vdm;
  vdm.enabled = given.vdm_enabled == "ENABLED";
  if (given.dashboard_attributes)
    vdm.engagement_metrics = given.dashboard_attributes->engagement_metrics == "ENABLED";
  if (given.guardian_attributes)
    vdm.optimized_shared_delivery = given.guardian_attributes->optimized_shared_delivery == "ENABLED";
  co_await context.service.account_features.set_vdm(context.caller.scope, vdm);
  co_return PutAccountVdmAttributesResponse{};
}

base::Task<PutAccountDedicatedIpWarmupAttributesResponse> put_warmup_attributes(
    Context& context, PutAccountDedicatedIpWarmupAttributesRequest in) {
  co_await context.service.account_features.set_auto_warmup(context.caller.scope,
                                                            in.auto_warmup_enabled.value_or(false));
  co_return PutAccountDedicatedIpWarmupAttributesResponse{};
}

}  // namespace

void show_features(Context& context, GetAccountResponse& out) {
  auto features = context.service.account_features.of(context.caller.scope);
  out.dedicated_ip_auto_warmup_enabled = features.auto_warmup;
  if (!features.vdm) return;
  auto& vdm = out.vdm_attributes.emplace();
  vdm.vdm_enabled = feature_status(features.vdm->enabled);
  if (!features.vdm->enabled) return;
  vdm.dashboard_attributes.emplace().engagement_metrics = feature_status(features.vdm->engagement_metrics);
  vdm.guardian_attributes.emplace().optimized_shared_delivery =
      feature_status(features.vdm->optimized_shared_delivery);
}

void register_account_features_v2(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::sesv2;
  registry.register_operation(api, "PutAccountVdmAttributes", &put_vdm_attributes);
  registry.register_operation(api, "PutAccountDedicatedIpWarmupAttributes", &put_warmup_attributes);
}

}  // namespace api

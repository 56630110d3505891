// What the two files of configuration set operations of v2 share: generated shapes to the noun's options.
#pragma once

#include <optional>

#include "api/context.h"
#include "aws/registry.h"
#include "model/sesv2_types.h"
#include "ses/configuration_set.h"

namespace api {

ses::VdmOptions vdm_of(aws::sesv2::VdmOptions& in);
// nullopt: nothing was said (SES §17).
std::optional<ses::SigningScheme> signing_scheme_of(
    const std::optional<aws::sesv2::MessageSecurityOptions>& in);

// Of DeliveryOptions and of PutConfigurationSetDeliveryOptions, which have the same members.
template <class Shape>
ses::DeliveryOptions delivery_of(Shape& in) {
  ses::DeliveryOptions out;
  if (in.tls_policy) out.tls_required = *in.tls_policy == "REQUIRE";
  out.sending_pool = std::move(in.sending_pool_name);
  if (in.max_delivery_seconds) out.max_delivery = std::chrono::seconds{*in.max_delivery_seconds};
  return out;
}

template <class Shape>
ses::SuppressionOptions suppression_of(Shape& in) {
  ses::SuppressionOptions out;
  out.reasons = std::move(in.suppressed_reasons);
  out.scope = std::move(in.suppression_scope);
  if (in.validation_options) {
    auto& threshold = *in.validation_options->condition_threshold;
    out.threshold_enabled = std::move(threshold.condition_threshold_enabled);
    if (threshold.overall_confidence_threshold)
      out.verdict_threshold = std::move(threshold.overall_confidence_threshold->confidence_verdict_threshold);
  }
  return out;
}

void register_configuration_set_options_v2(aws::Registry<Context>& registry);

}  // namespace api

// The options and event destinations of configuration sets in SES v2 (SES §17). Each Put replaces what was
// there; a member that is left out is not set.
#include "api/configuration_sets_common.h"
#include "api/configuration_sets_v2.h"
#include "model/sesv2_tables.h"

namespace api {

using namespace aws::sesv2;

ses::VdmOptions vdm_of(VdmOptions& in) {
  ses::VdmOptions out;
  if (in.dashboard_options) out.engagement_metrics = std::move(in.dashboard_options->engagement_metrics);
  if (in.guardian_options)
    out.optimized_shared_delivery = std::move(in.guardian_options->optimized_shared_delivery);
  return out;
}

std::optional<ses::SigningScheme> signing_scheme_of(const std::optional<MessageSecurityOptions>& in) {
  if (!in || !in->signing_scheme) return std::nullopt;
  // SES §17: with both, S/MIME; with neither, the default.
  return in->signing_scheme->smime_scheme ? ses::SigningScheme::smime : ses::SigningScheme::standard;
}

namespace {

base::Task<UpdateConfigurationSetResponse> update_configuration_set(Context& context,
                                                                    UpdateConfigurationSetRequest in) {
  auto scheme = signing_scheme_of(in.message_security_options);
  co_await context.service.configuration_sets.set_signing_scheme(
      context.caller, std::move(*in.configuration_set_name), scheme);
  co_return UpdateConfigurationSetResponse{};
}

base::Task<PutConfigurationSetArchivingOptionsResponse> put_archiving_options(
    Context& context, PutConfigurationSetArchivingOptionsRequest in) {
  co_await context.service.configuration_sets.set_archive(
      context.caller, std::move(*in.configuration_set_name), std::move(in.archive_arn));
  co_return PutConfigurationSetArchivingOptionsResponse{};
}

base::Task<PutConfigurationSetDeliveryOptionsResponse> put_delivery_options(
    Context& context, PutConfigurationSetDeliveryOptionsRequest in) {
  auto options = delivery_of(in);
  co_await context.service.configuration_sets.set_delivery(
      context.caller, std::move(*in.configuration_set_name), std::move(options));
  co_return PutConfigurationSetDeliveryOptionsResponse{};
}

base::Task<PutConfigurationSetReputationOptionsResponse> put_reputation_options(
    Context& context, PutConfigurationSetReputationOptionsRequest in) {
  co_await context.service.configuration_sets.set_reputation_metrics(
      context.caller, std::move(*in.configuration_set_name), in.reputation_metrics_enabled.value_or(false));
  co_return PutConfigurationSetReputationOptionsResponse{};
}

base::Task<PutConfigurationSetSendingOptionsResponse> put_sending_options(
    Context& context, PutConfigurationSetSendingOptionsRequest in) {
  co_await context.service.configuration_sets.set_sending(
      context.caller, std::move(*in.configuration_set_name), in.sending_enabled.value_or(false));
  co_return PutConfigurationSetSendingOptionsResponse{};
}

base::Task<PutConfigurationSetSuppressionOptionsResponse> put_suppression_options(
    Context& context, PutConfigurationSetSuppressionOptionsRequest in) {
  auto options = suppression_of(in);
  co_await context.service.configuration_sets.set_suppression(
      context.caller, std::move(*in.configuration_set_name), std::move(options));
  co_return PutConfigurationSetSuppressionOptionsResponse{};
}

base::Task<PutConfigurationSetTrackingOptionsResponse> put_tracking_options(
    Context& context, PutConfigurationSetTrackingOptionsRequest in) {
  ses::TrackingOptions options{std::move(in.custom_redirect_domain), std::move(in.https_policy)};
  co_await context.service.configuration_sets.set_tracking(
      context.caller, std::move(*in.configuration_set_name), std::move(options));
  co_return PutConfigurationSetTrackingOptionsResponse{};
}

base::Task<PutConfigurationSetVdmOptionsResponse> put_vdm_options(Context& context,
                                                                  PutConfigurationSetVdmOptionsRequest in) {
  ses::VdmOptions options;
  if (in.vdm_options) options = vdm_of(*in.vdm_options);
  co_await context.service.configuration_sets.set_vdm(context.caller, std::move(*in.configuration_set_name),
                                                      std::move(options));
  co_return PutConfigurationSetVdmOptionsResponse{};
}

// v2 has the name outside of the definition, and two targets more.
ses::EventDestination wanted_destination(std::string name, EventDestinationDefinition& in) {
  auto out = event_destination_of(in);
  out.name = std::move(name);
  if (in.event_bridge_destination)
    out.targets.push_back(
        {ses::TargetKind::event_bridge, std::move(*in.event_bridge_destination->event_bus_arn), {}, {}});
  if (in.pinpoint_destination)
    out.targets.push_back({ses::TargetKind::pinpoint,
                           std::move(in.pinpoint_destination->application_arn).value_or(""),
                           {},
                           {}});
  return out;
}

base::Task<CreateConfigurationSetEventDestinationResponse> create_event_destination(
    Context& context, CreateConfigurationSetEventDestinationRequest in) {
  auto destination = wanted_destination(std::move(*in.event_destination_name), *in.event_destination);
  co_await context.service.configuration_sets.create_destination(
      context.caller, std::move(*in.configuration_set_name), std::move(destination));
  co_return CreateConfigurationSetEventDestinationResponse{};
}

base::Task<UpdateConfigurationSetEventDestinationResponse> update_event_destination(
    Context& context, UpdateConfigurationSetEventDestinationRequest in) {
  auto destination = wanted_destination(std::move(*in.event_destination_name), *in.event_destination);
  co_await context.service.configuration_sets.update_destination(
      context.caller, std::move(*in.configuration_set_name), std::move(destination), ses::Wording::v2);
  co_return UpdateConfigurationSetEventDestinationResponse{};
}

base::Task<DeleteConfigurationSetEventDestinationResponse> delete_event_destination(
    Context& context, DeleteConfigurationSetEventDestinationRequest in) {
  co_await context.service.configuration_sets.remove_destination(
      context.caller, std::move(*in.configuration_set_name), std::move(*in.event_destination_name),
      ses::Wording::v2);
  co_return DeleteConfigurationSetEventDestinationResponse{};
}

EventDestination shown_destination(const ses::EventDestination& in) {
  EventDestination out;
  auto same = [](const std::string& source) { return source; };
  auto type_name = [](ses::EventType type) { return ses::v2_name(type); };
  show_destination(in, type_name, same, out);
  if (in.target().kind == ses::TargetKind::event_bridge)
    out.event_bridge_destination.emplace().event_bus_arn = in.target().arn;
  if (in.target().kind == ses::TargetKind::pinpoint)
    out.pinpoint_destination.emplace().application_arn = in.target().arn;
  return out;
}

base::Task<GetConfigurationSetEventDestinationsResponse> get_event_destinations(
    Context& context, GetConfigurationSetEventDestinationsRequest in) {
  auto set = context.service.configuration_sets.require(context.caller.scope, *in.configuration_set_name);
  GetConfigurationSetEventDestinationsResponse out;
  out.event_destinations.emplace();
  for (const auto& d : set->destinations) out.event_destinations->push_back(shown_destination(d));
  co_return out;
}

}  // namespace

void register_configuration_set_options_v2(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::sesv2;
  const aws::Access set{.resources = {"configuration-set"}};
  registry.register_operation(api, "UpdateConfigurationSet", &update_configuration_set, set);
  registry.register_operation(api, "PutConfigurationSetArchivingOptions", &put_archiving_options,
                              {.resources = {"configuration-set", "mailmanager-archive"}});
  registry.register_operation(api, "PutConfigurationSetDeliveryOptions", &put_delivery_options,
                              {.resources = {"configuration-set", "dedicated-ip-pool"}});
  registry.register_operation(api, "PutConfigurationSetReputationOptions", &put_reputation_options, set);
  registry.register_operation(api, "PutConfigurationSetSendingOptions", &put_sending_options, set);
  registry.register_operation(api, "PutConfigurationSetSuppressionOptions", &put_suppression_options, set);
  registry.register_operation(api, "PutConfigurationSetTrackingOptions", &put_tracking_options, set);
  registry.register_operation(api, "PutConfigurationSetVdmOptions", &put_vdm_options, set);
  registry.register_operation(api, "CreateConfigurationSetEventDestination", &create_event_destination, set);
  registry.register_operation(api, "UpdateConfigurationSetEventDestination", &update_event_destination, set);
  registry.register_operation(api, "DeleteConfigurationSetEventDestination", &delete_event_destination, set);
  registry.register_operation(api, "GetConfigurationSetEventDestinations", &get_event_destinations, set);
}

}  // namespace api

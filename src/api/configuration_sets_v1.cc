// Configuration sets in SES v1 (SES §17, §25.2).
#include <algorithm>

#include "api/configuration_sets_common.h"
#include "api/operations.h"
#include "base/fault.h"
#include "model/ses_tables.h"
#include "model/ses_types.h"

namespace api {
namespace {

using namespace aws::ses;
using base::Fault;
using base::FaultKind;

constexpr std::int64_t kPage = 50, kMostPage = 1000;

base::Task<CreateConfigurationSetResponse> create_configuration_set(Context& context,
                                                                    CreateConfigurationSetRequest in) {
  ses::ConfigurationSet wanted;  // reputation metrics are off in a set that v1 made (SES §17)
  wanted.name = std::move(*in.configuration_set->name);
  co_await context.service.configuration_sets.create(context.caller, std::move(wanted));
  co_return CreateConfigurationSetResponse{};
}

base::Task<DeleteConfigurationSetResponse> delete_configuration_set(Context& context,
                                                                    DeleteConfigurationSetRequest in) {
  co_await context.service.configuration_sets.remove(context.caller, std::move(*in.configuration_set_name));
  co_return DeleteConfigurationSetResponse{};
}

EventDestination shown_destination(const ses::EventDestination& in) {
  EventDestination out;
  show_destination(in, &ses::v1_name, &v1_dimension_source, out);
  return out;
}

base::Task<DescribeConfigurationSetResponse> describe_configuration_set(Context& context,
                                                                        DescribeConfigurationSetRequest in) {
  auto set = context.service.configuration_sets.require(context.caller.scope, *in.configuration_set_name);
  DescribeConfigurationSetResponse out;
  out.configuration_set.emplace().name = set->name;
  auto asked = std::move(in.configuration_set_attribute_names).value_or(std::vector<std::string>{});
  auto wants = [&asked](const char* name) {
    return std::find(asked.begin(), asked.end(), name) != asked.end();
  };
  if (wants("eventDestinations")) {
    out.event_destinations.emplace();
    for (const auto& d : set->destinations) out.event_destinations->push_back(shown_destination(d));
  }
  if (wants("trackingOptions") && set->tracking)
    out.tracking_options.emplace().custom_redirect_domain = set->tracking->redirect_domain;
  if (wants("deliveryOptions") && set->delivery.tls_required)
    out.delivery_options.emplace().tls_policy = *set->delivery.tls_required ? "Require" : "Optional";
  if (wants("reputationOptions")) {
    auto& reputation = out.reputation_options.emplace();
    reputation.sending_enabled = set->sending_enabled;
    reputation.reputation_metrics_enabled = set->reputation_metrics;
    reputation.last_fresh_start = set->last_fresh_start;
  }
  co_return out;
}

base::Task<ListConfigurationSetsResponse> list_configuration_sets(Context& context,
                                                                  ListConfigurationSetsRequest in) {
  auto size = in.max_items.value_or(kPage);
  if (size < 1 || size > kMostPage) size = kPage;  // SES §25.2
  SetPageRequest request;
  request.size = static_cast<std::size_t>(size);
  request.token = std::move(in.next_token);
  auto page = configuration_set_page(context, request);
  if (!page) throw Fault::without_message(FaultKind::invalid_parameter);
  ListConfigurationSetsResponse out;
  out.configuration_sets.emplace();
  for (const auto& set : page->items) out.configuration_sets->emplace_back().name = set->name;
  out.next_token = std::move(page->next);
  co_return out;
}

base::Task<PutConfigurationSetDeliveryOptionsResponse> put_delivery_options(
    Context& context, PutConfigurationSetDeliveryOptionsRequest in) {
  std::optional<bool> required;
  if (in.delivery_options && in.delivery_options->tls_policy)
    required = *in.delivery_options->tls_policy == "Require";
  co_await context.service.configuration_sets.set_tls_policy(context.caller,
                                                             std::move(*in.configuration_set_name), required);
  co_return PutConfigurationSetDeliveryOptionsResponse{};
}

base::Task<UpdateConfigurationSetSendingEnabledResponse> update_sending_enabled(
    Context& context, UpdateConfigurationSetSendingEnabledRequest in) {
  co_await context.service.configuration_sets.set_sending(context.caller,
                                                          std::move(*in.configuration_set_name), *in.enabled);
  co_return UpdateConfigurationSetSendingEnabledResponse{};
}

base::Task<UpdateConfigurationSetReputationMetricsEnabledResponse> update_reputation_metrics_enabled(
    Context& context, UpdateConfigurationSetReputationMetricsEnabledRequest in) {
  co_await context.service.configuration_sets.set_reputation_metrics(
      context.caller, std::move(*in.configuration_set_name), *in.enabled);
  co_return UpdateConfigurationSetReputationMetricsEnabledResponse{};
}

std::string redirect_domain(std::optional<TrackingOptions>& options) {
  return std::move(options->custom_redirect_domain).value_or("");
}

base::Task<CreateConfigurationSetTrackingOptionsResponse> create_tracking_options(
    Context& context, CreateConfigurationSetTrackingOptionsRequest in) {
  auto domain = redirect_domain(in.tracking_options);
  co_await context.service.configuration_sets.create_tracking(
      context.caller, std::move(*in.configuration_set_name), std::move(domain));
  co_return CreateConfigurationSetTrackingOptionsResponse{};
}

base::Task<UpdateConfigurationSetTrackingOptionsResponse> update_tracking_options(
    Context& context, UpdateConfigurationSetTrackingOptionsRequest in) {
  auto domain = redirect_domain(in.tracking_options);
  co_await context.service.configuration_sets.update_tracking(
      context.caller, std::move(*in.configuration_set_name), std::move(domain));
  co_return UpdateConfigurationSetTrackingOptionsResponse{};
}

base::Task<DeleteConfigurationSetTrackingOptionsResponse> delete_tracking_options(
    Context& context, DeleteConfigurationSetTrackingOptionsRequest in) {
  co_await context.service.configuration_sets.remove_tracking(context.caller,
                                                              std::move(*in.configuration_set_name));
  co_return DeleteConfigurationSetTrackingOptionsResponse{};
}

ses::EventDestination wanted_destination(EventDestination& in) {
  auto out = event_destination_of(in);
  out.name = std::move(*in.name);
  return out;
}

base::Task<CreateConfigurationSetEventDestinationResponse> create_event_destination(
    Context& context, CreateConfigurationSetEventDestinationRequest in) {
  auto destination = wanted_destination(*in.event_destination);
  co_await context.service.configuration_sets.create_destination(
      context.caller, std::move(*in.configuration_set_name), std::move(destination));
  co_return CreateConfigurationSetEventDestinationResponse{};
}

base::Task<UpdateConfigurationSetEventDestinationResponse> update_event_destination(
    Context& context, UpdateConfigurationSetEventDestinationRequest in) {
  auto destination = wanted_destination(*in.event_destination);
  co_await context.service.configuration_sets.update_destination(
      context.caller, std::move(*in.configuration_set_name), std::move(destination), ses::Wording::v1);
  co_return UpdateConfigurationSetEventDestinationResponse{};
}

base::Task<DeleteConfigurationSetEventDestinationResponse> delete_event_destination(
    Context& context, DeleteConfigurationSetEventDestinationRequest in) {
  co_await context.service.configuration_sets.remove_destination(
      context.caller, std::move(*in.configuration_set_name), std::move(*in.event_destination_name),
      ses::Wording::v1);
  co_return DeleteConfigurationSetEventDestinationResponse{};
}

}  // namespace

// v1 management actions have no resource types (SES §10.2).
void register_configuration_sets_v1(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::ses;
  registry.register_operation(api, "CreateConfigurationSet", &create_configuration_set);
  registry.register_operation(api, "DeleteConfigurationSet", &delete_configuration_set);
  registry.register_operation(api, "DescribeConfigurationSet", &describe_configuration_set);
  registry.register_operation(api, "ListConfigurationSets", &list_configuration_sets);
  registry.register_operation(api, "PutConfigurationSetDeliveryOptions", &put_delivery_options);
  registry.register_operation(api, "UpdateConfigurationSetSendingEnabled", &update_sending_enabled);
  registry.register_operation(api, "UpdateConfigurationSetReputationMetricsEnabled",
                              &update_reputation_metrics_enabled);
  registry.register_operation(api, "CreateConfigurationSetTrackingOptions", &create_tracking_options);
  registry.register_operation(api, "UpdateConfigurationSetTrackingOptions", &update_tracking_options);
  registry.register_operation(api, "DeleteConfigurationSetTrackingOptions", &delete_tracking_options);
  registry.register_operation(api, "CreateConfigurationSetEventDestination", &create_event_destination);
  registry.register_operation(api, "UpdateConfigurationSetEventDestination", &update_event_destination);
  registry.register_operation(api, "DeleteConfigurationSetEventDestination", &delete_event_destination);
}

}  // namespace api

// Configuration sets in SES v2: made, shown, listed, removed (SES §17, §25.2).
#include <algorithm>

#include "api/configuration_sets_common.h"
#include "api/configuration_sets_v2.h"
#include "api/operations.h"
#include "base/fault.h"
#include "model/sesv2_tables.h"

namespace api {
namespace {

using namespace aws::sesv2;
using base::Fault;
using base::FaultKind;

constexpr std::int64_t kPage = 50, kMostPage = 1000;
constexpr const char* kNameFilter = "CONFIGURATION_SET_NAME_CONTAINS";

base::Task<CreateConfigurationSetResponse> create_configuration_set(Context& context,
                                                                    CreateConfigurationSetRequest in) {
  ses::ConfigurationSet wanted;
  wanted.name = std::move(*in.configuration_set_name);
  if (in.tracking_options)
    wanted.tracking = ses::TrackingOptions{std::move(in.tracking_options->custom_redirect_domain),
                                           std::move(in.tracking_options->https_policy)};
  if (in.delivery_options) wanted.delivery = delivery_of(*in.delivery_options);
  // SES §17, §4: without the block they are on; a boolean that is not in a block that is there is false.
  wanted.reputation_metrics =
      !in.reputation_options || in.reputation_options->reputation_metrics_enabled.value_or(false);
  wanted.sending_enabled = !in.sending_options || in.sending_options->sending_enabled.value_or(false);
  if (in.suppression_options) wanted.suppression = suppression_of(*in.suppression_options);
  if (in.vdm_options) wanted.vdm = vdm_of(*in.vdm_options);
  if (in.archiving_options) wanted.archive_arn = std::move(in.archiving_options->archive_arn);
  wanted.signing_scheme = signing_scheme_of(in.message_security_options);
  if (in.tags)
    for (auto& tag : *in.tags) wanted.tags.push_back({std::move(*tag.key), std::move(*tag.value)});
  co_await context.service.configuration_sets.create(context.caller, std::move(wanted));
  co_return CreateConfigurationSetResponse{};
}

void show_options(const ses::ConfigurationSet& set, GetConfigurationSetResponse& out) {
  if (set.tracking) {
    auto& shown = out.tracking_options.emplace();
    shown.custom_redirect_domain = set.tracking->redirect_domain;
    shown.https_policy = set.tracking->https_policy;
  }
  if (!set.delivery.empty()) {
    auto& shown = out.delivery_options.emplace();
    if (set.delivery.tls_required) shown.tls_policy = *set.delivery.tls_required ? "REQUIRE" : "OPTIONAL";
    shown.sending_pool_name = set.delivery.sending_pool;
    if (set.delivery.max_delivery) shown.max_delivery_seconds = set.delivery.max_delivery->count();
  }
  if (set.suppression) {
    auto& shown = out.suppression_options.emplace();
    shown.suppressed_reasons = set.suppression->reasons;
    shown.suppression_scope = set.suppression->scope;
    if (set.suppression->threshold_enabled) {
      auto& threshold = shown.validation_options.emplace().condition_threshold.emplace();
      threshold.condition_threshold_enabled = set.suppression->threshold_enabled;
      if (set.suppression->verdict_threshold)
        threshold.overall_confidence_threshold.emplace().confidence_verdict_threshold =
            set.suppression->verdict_threshold;
    }
  }
  if (!set.vdm.empty()) {
    auto& shown = out.vdm_options.emplace();
    if (set.vdm.engagement_metrics)
      shown.dashboard_options.emplace().engagement_metrics = set.vdm.engagement_metrics;
    if (set.vdm.optimized_shared_delivery)
      shown.guardian_options.emplace().optimized_shared_delivery = set.vdm.optimized_shared_delivery;
  }
  if (set.archive_arn) out.archiving_options.emplace().archive_arn = set.archive_arn;
  if (set.signing_scheme) {
    auto& scheme = out.message_security_options.emplace().signing_scheme.emplace();
    if (*set.signing_scheme == ses::SigningScheme::smime) {
      scheme.smime_scheme.emplace().signature_format = "DETACHED";
    } else {
      scheme.default_scheme.emplace();
    }
  }
}

base::Task<GetConfigurationSetResponse> get_configuration_set(Context& context,
                                                              GetConfigurationSetRequest in) {
  auto set = context.service.configuration_sets.require(context.caller.scope, *in.configuration_set_name);
  GetConfigurationSetResponse out;
  out.configuration_set_name = set->name;
  auto& reputation = out.reputation_options.emplace();
  reputation.reputation_metrics_enabled = set->reputation_metrics;
  reputation.last_fresh_start = set->last_fresh_start;
  out.sending_options.emplace().sending_enabled = set->sending_enabled;
  out.tags.emplace();
  for (const auto& tag : set->tags) {
    auto& shown = out.tags->emplace_back();
    shown.key = tag.name;
    shown.value = tag.value;
  }
  show_options(*set, out);
  co_return out;
}

// Not trimmed; its length counts code points (SES §25.2).
void check_filter(const std::string& part) {
  auto length = std::count_if(part.begin(), part.end(), [](char c) { return (c & 0xc0) != 0x80; });
  if (length < 3 || length > 64)
    throw Fault(FaultKind::invalid_parameter,
                "CONFIGURATION_SET_NAME_CONTAINS must be between 3 and 64 characters");
}

base::Task<ListConfigurationSetsResponse> list_configuration_sets(Context& context,
                                                                  ListConfigurationSetsRequest in) {
  auto size = in.page_size.value_or(kPage);
  if (size < 1 || size > kMostPage)
    throw Fault(FaultKind::invalid_parameter, "The page size must be between 1 and 1000");
  SetPageRequest request;
  request.size = static_cast<std::size_t>(size);
  if (in.filter && in.filter->contains(kNameFilter)) {
    request.name_contains = std::move(in.filter->at(kNameFilter));
    check_filter(*request.name_contains);
  }
  request.token = in.next_token;
  auto page = configuration_set_page(context, request);
  if (!page) throw Fault(FaultKind::invalid_parameter, "invalid nextToken " + *in.next_token);
  ListConfigurationSetsResponse out;
  out.configuration_sets.emplace();
  for (const auto& set : page->items) out.configuration_sets->push_back(set->name);
  out.next_token = std::move(page->next);
  co_return out;
}

base::Task<DeleteConfigurationSetResponse> delete_configuration_set(Context& context,
                                                                    DeleteConfigurationSetRequest in) {
  co_await context.service.configuration_sets.remove(context.caller, std::move(*in.configuration_set_name));
  co_return DeleteConfigurationSetResponse{};
}

base::Task<PutEmailIdentityConfigurationSetAttributesResponse> put_identity_configuration_set(
    Context& context, PutEmailIdentityConfigurationSetAttributesRequest in) {
  co_await context.service.identities.set_configuration_set(context.caller, std::move(*in.email_identity),
                                                            std::move(in.configuration_set_name));
  co_return PutEmailIdentityConfigurationSetAttributesResponse{};
}

}  // namespace

void register_configuration_sets_v2(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::sesv2;
  const aws::Access set{.resources = {"configuration-set"}};
  registry.register_operation(
      api, "CreateConfigurationSet", &create_configuration_set,
      {.resources = {"configuration-set", "dedicated-ip-pool", "mailmanager-archive"}});
  registry.register_operation(api, "GetConfigurationSet", &get_configuration_set, set);
  registry.register_operation(api, "ListConfigurationSets", &list_configuration_sets);
  registry.register_operation(api, "DeleteConfigurationSet", &delete_configuration_set, set);
  registry.register_operation(api, "PutEmailIdentityConfigurationSetAttributes",
                              &put_identity_configuration_set,
                              {.resources = {"identity", "configuration-set"}});
  register_configuration_set_options_v2(registry);
}

}  // namespace api

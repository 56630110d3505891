// What the configuration set operations of v1 and v2 share: pages, and event destinations, whose shapes are
// alike but of different types.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/context.h"
#include "api/paging.h"
#include "ses/configuration_set.h"

namespace api {

struct SetPageRequest {
  std::optional<std::string> name_contains;  // in any case
  std::size_t size = 0;
  std::optional<std::string> token;
};
// One page of the caller's sets, by name; nullopt: the token is not one of these. The two APIs take each
// other's tokens.
std::optional<Page<ses::ConfigurationSetPtr>> configuration_set_page(Context& context,
                                                                     const SetPageRequest& request);

// For the tag operations: nullopt / false if there is no such set.
base::Task<std::optional<std::vector<ses::Tag>>> configuration_set_tags(Context& context, std::string name);
base::Task<bool> edit_configuration_set_tags(Context& context, std::string name,
                                             std::function<void(std::vector<ses::Tag>&)> edit);

std::string v1_dimension_source(const std::string& source);  // "messageTag" of "MESSAGE_TAG"
std::string v2_dimension_source(const std::string& source);

// The targets that both APIs know, the events and the switch; without the name.
template <class Shape>
ses::EventDestination event_destination_of(Shape& in) {
  ses::EventDestination out;
  out.enabled = in.enabled.value_or(false);
  if (in.matching_event_types)
    for (const auto& name : *in.matching_event_types)
      if (auto type = ses::event_type(name)) out.events.push_back(*type);
  if (in.kinesis_firehose_destination) {
    auto& given = *in.kinesis_firehose_destination;
    out.targets.push_back({ses::TargetKind::firehose,
                           std::move(*given.delivery_stream_arn),
                           std::move(*given.iam_role_arn),
                           {}});
  }
  if (in.cloud_watch_destination) {
    ses::EventTarget target{ses::TargetKind::cloud_watch, {}, {}, {}};
    for (auto& d : *in.cloud_watch_destination->dimension_configurations)
      target.dimensions.push_back({std::move(*d.dimension_name),
                                   v2_dimension_source(*d.dimension_value_source),
                                   std::move(*d.default_dimension_value)});
    out.targets.push_back(std::move(target));
  }
  if (in.sns_destination)
    out.targets.push_back({ses::TargetKind::sns, std::move(*in.sns_destination->topic_arn), {}, {}});
  return out;
}

template <class Shape, class TypeName, class SourceName>
void show_destination(const ses::EventDestination& in, TypeName type_name, SourceName source_name,
                      Shape& out) {
  out.name = in.name;
  out.enabled = in.enabled;
  out.matching_event_types.emplace();
  for (auto type : in.events) out.matching_event_types->emplace_back(type_name(type));
  const auto& target = in.target();
  if (target.kind == ses::TargetKind::firehose) {
    auto& shown = out.kinesis_firehose_destination.emplace();
    shown.delivery_stream_arn = target.arn;
    shown.iam_role_arn = target.role_arn;
  } else if (target.kind == ses::TargetKind::sns) {
    out.sns_destination.emplace().topic_arn = target.arn;
  } else if (target.kind == ses::TargetKind::cloud_watch) {
    auto& shown = out.cloud_watch_destination.emplace().dimension_configurations.emplace();
    for (const auto& d : target.dimensions) {
      auto& dimension = shown.emplace_back();
      dimension.dimension_name = d.name;
      dimension.dimension_value_source = source_name(d.source);
      dimension.default_dimension_value = d.default_value;
    }
  }
}

}  // namespace api

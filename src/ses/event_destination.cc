#include "ses/event_destination.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/fault.h"
#include "base/random.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

struct Spelling {
  std::string_view v1, v2;
};
constexpr std::array<Spelling, static_cast<std::size_t>(EventType::count_)> kTypes = {{
    {"bounce", "BOUNCE"},
    {"click", "CLICK"},
    {"complaint", "COMPLAINT"},
    {"delivery", "DELIVERY"},
    {"deliveryDelay", "DELIVERY_DELAY"},
    {"open", "OPEN"},
    {"reject", "REJECT"},
    {"renderingFailure", "RENDERING_FAILURE"},
    {"send", "SEND"},
    {"subscription", "SUBSCRIPTION"},
}};

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxArn = 2048;
constexpr std::size_t kMaxDimensionText = 256;

[[noreturn]] void refuse(std::string text) { throw Fault(FaultKind::invalid_parameter, std::move(text)); }

bool only(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return base::kAlnum.find(c) != std::string_view::npos || others.find(c) != std::string_view::npos;
  });
}

struct Arn {
  std::string_view service, region, account, resource;
};

// arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE; nullopt for what is not of this form.
std::optional<Arn> parse_arn(std::string_view text) {
  if (text.size() > kMaxArn || !only(text, "-_/:.+=,@*")) return std::nullopt;
  auto parts = base::split(text, ':');
  if (parts.size() < 6 || parts[0] != "arn" || !parts[1].starts_with("aws")) return std::nullopt;
  Arn arn{parts[2], parts[3], parts[4], text.substr(static_cast<std::size_t>(parts[5].data() - text.data()))};
  bool account =
      arn.account.size() == 12 && arn.account.find_first_not_of("0123456789") == std::string_view::npos;
  if (!account || arn.resource.empty()) return std::nullopt;
  return arn;
}

// What of `arn` must be so; an empty resource prefix asks for a plain name.
bool is_arn_of(std::string_view text, std::string_view service, std::string_view region,
               std::string_view prefix) {
  auto arn = parse_arn(text);
  if (!arn || arn->service != service || arn->region != region) return false;
  if (!arn->resource.starts_with(prefix)) return false;
  auto name = arn->resource.substr(prefix.size());
  return !name.empty() && (!prefix.empty() || only(name, "-_"));
}

// The modelled errors of v1 carry the names of both (SES §3).
Fault target_fault(std::string code, std::string text, const std::string& set, const std::string& name) {
  return Fault::with_code(FaultKind::invalid_parameter, std::move(code), std::move(text))
      .with("ConfigurationSetName", set)
      .with("EventDestinationName", name);
}

std::optional<std::string> dimension_fault(const Dimension& d) {
  if (d.name.empty() || d.name.size() > kMaxDimensionText || !only(d.name, "_-:"))
    return "Invalid CloudWatch dimension name <" + d.name +
           ">: 1 to 256 alphanumeric ASCII characters, '_', '-' and ':' are allowed.";
  if (d.default_value.empty() || d.default_value.size() > kMaxDimensionText ||
      !only(d.default_value, "_-@./:"))
    return "Invalid default value <" + d.default_value + "> of CloudWatch dimension <" + d.name +
           ">: 1 to 256 alphanumeric ASCII characters, '_', '-', '@', '.', '/' and ':' are allowed.";
  return std::nullopt;
}

// An empty list is a fault of the request; dimensions that cannot be make the target invalid (SES §17).
void check_dimensions(const std::string& set, const EventDestination& destination) {
  const auto& dimensions = destination.target().dimensions;
  if (dimensions.empty()) refuse("CloudWatch metrics dimension configuration list cannot be empty.");
  std::optional<std::string> fault;
  if (dimensions.size() > kMaxDimensions)
    fault = "The number of CloudWatch metrics dimensions exceeds the maximum of 10.";
  for (const auto& d : dimensions)
    if (!fault) fault = dimension_fault(d);
  if (fault) throw target_fault("InvalidCloudWatchDestination", *fault, set, destination.name);
}

}  // namespace

std::string_view v1_name(EventType type) { return kTypes[static_cast<std::size_t>(type)].v1; }
std::string_view v2_name(EventType type) { return kTypes[static_cast<std::size_t>(type)].v2; }

std::optional<EventType> event_type(std::string_view name) {
  for (std::size_t i = 0; i < kTypes.size(); ++i)
    if (kTypes[i].v1 == name || kTypes[i].v2 == name) return static_cast<EventType>(i);
  return std::nullopt;
}

void check_target(const Scope& scope, const std::string& set, const EventDestination& destination) {
  const auto& target = destination.target();
  const auto& region = scope.region.str();
  auto fail = [&](std::string code, std::string text) {
    throw target_fault(std::move(code), std::move(text), set, destination.name);
  };
  switch (target.kind) {
    case TargetKind::sns:
      // FIFO topics end in .fifo, which no plain name does: not supported (SES §17).
      if (!is_arn_of(target.arn, "sns", region, ""))
        fail("InvalidSNSDestination", "SNS topic <" + target.arn + "> not found.");
      break;
    case TargetKind::firehose:
      if (!is_arn_of(target.arn, "firehose", region, "deliverystream/"))
        fail("InvalidFirehoseDestination", "Firehose delivery stream <" + target.arn + "> not found.");
      if (!is_arn_of(target.role_arn, "iam", "", "role/"))
        fail("InvalidFirehoseDestination", "IAM role <" + target.role_arn + "> not found.");
      break;
    case TargetKind::event_bridge:
      if (target.arn != "arn:aws:events:" + region + ":" + scope.account.str() + ":event-bus/default")
        refuse("Invalid event bus <" + target.arn +
               ">: only the default event bus of this account and region is allowed.");
      break;
    case TargetKind::pinpoint:
      if (!is_arn_of(target.arn, "mobiletargeting", region, "apps/"))
        refuse("Invalid Pinpoint application ARN provided: " + target.arn + ".");
      break;
    case TargetKind::cloud_watch:
      break;
  }
}

void check_destination_name(std::string_view name) {
  if (name.empty()) refuse("The event destination name must be specified.");
  if (!only(name, "_-"))
    refuse("Invalid event destination name <" + std::string(name) +
           ">: only alphanumeric ASCII characters, '_', and '-' are allowed.");
  if (name.size() > kMaxName) refuse("Event destination name cannot exceed 64 characters.");
}

void check_destination(const std::string& set, EventDestination& destination) {
  check_destination_name(destination.name);
  auto& events = destination.events;
  if (events.empty()) refuse("At least one event type must be specified.");
  std::sort(events.begin(), events.end());
  events.erase(std::unique(events.begin(), events.end()), events.end());
  if (destination.targets.empty()) refuse("Event destination is not provided.");
  if (destination.targets.size() > 1)
    refuse(
        "Please provide only one destination with each request. Either a Firehose Destination or a "
        "Cloudwatch "
        "Destination or an SNS Destination or an EventBridge Destination.");
  if (destination.target().kind == TargetKind::cloud_watch) check_dimensions(set, destination);
}

}  // namespace ses

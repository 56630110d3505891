// EventDestination: where the events of a configuration set's mail are published, and which of them (SES
// §17). What one may look like, in both APIs' spellings. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ses/types.h"

namespace ses {

// In the order they are shown: by name. v1 knows neither delivery_delay nor subscription (SES §17).
enum class EventType {
  bounce,
  click,
  complaint,
  delivery,
  delivery_delay,
  open,
  reject,
  rendering_failure,
  send,
  subscription,
  count_
};
std::string_view v1_name(EventType type);                    // "renderingFailure"
std::string_view v2_name(EventType type);                    // "RENDERING_FAILURE"
std::optional<EventType> event_type(std::string_view name);  // in either spelling

enum class TargetKind { firehose, cloud_watch, sns, event_bridge, pinpoint };

struct Dimension {
  std::string name;
  std::string source;  // as v2 spells it: "MESSAGE_TAG"
  std::string default_value;
  bool operator==(const Dimension&) const = default;
};

struct EventTarget {
  TargetKind kind = TargetKind::sns;
  std::string arn;                    // stream, topic, bus or application; none for CloudWatch
  std::string role_arn;               // Firehose only
  std::vector<Dimension> dimensions;  // CloudWatch only
  bool operator==(const EventTarget&) const = default;
};

struct EventDestination {
  std::string name;
  bool enabled = false;
  std::vector<EventType> events;     // sorted, each once
  std::vector<EventTarget> targets;  // as given; what is stored has exactly one

  const EventTarget& target() const { return targets.front(); }
  bool operator==(const EventDestination&) const = default;
};

inline constexpr std::size_t kMaxEventDestinations = 10;  // SES §17
inline constexpr std::size_t kMaxDimensions = 10;

// A topic or bus of another region, and names of a form that cannot be, are refused when the destination is
// made. Whether the topic, stream, bus or application is there is not asked: nothing that could answer is
// built yet. This is the one place where that question belongs.
void check_target(const Scope& scope, const std::string& set, const EventDestination& destination);

// The rules that need nothing but the destination: its name, event types, number of targets, dimensions.
void check_destination_name(std::string_view name);
// `set` is the configuration set's name, for the fault; the event types come out sorted.
void check_destination(const std::string& set, EventDestination& destination);

}  // namespace ses

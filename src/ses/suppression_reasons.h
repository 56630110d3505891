// Why an address is on the suppression list, and which of these reasons are in effect (SES §16). Plain data.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ses {

enum class SuppressionReason { bounce = 0, complaint = 1 };
std::string_view suppression_reason_name(SuppressionReason reason);  // "BOUNCE", "COMPLAINT"

struct SuppressionReasons {
  bool bounce = false, complaint = false;

  bool has(SuppressionReason reason) const {
    return reason == SuppressionReason::bounce ? bounce : complaint;
  }
  std::vector<std::string> names() const;
  bool operator==(const SuppressionReasons&) const = default;
};
SuppressionReasons suppression_reasons(
    const std::vector<std::string>& names);  // others than the two: no effect

}  // namespace ses

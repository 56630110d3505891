// Sending authorization policies (SES §9): what their names and texts must keep to, and the form in which
// they are asked. Who is let in by them is decided elsewhere (send/authorize.h). Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/policy.h"
#include "ses/identity.h"
#include "ses/types.h"

namespace ses {

inline constexpr std::size_t kMaxPolicies = 20;          // of one identity
inline constexpr std::size_t kMaxPolicyBytes = 4 << 10;  // of the text as it is kept

// Fault invalid_parameter; the length is the model's to check.
void check_policy_name(std::string_view name);

// The text as it is kept: checked, without insignificant whitespace. `identity` is its normal name. Fault
// InvalidPolicy (v1), BadRequestException (v2).
std::string checked_policy(std::string_view text, const Scope& scope, const std::string& identity);

// The policies of an identity as aws::decide() takes them, by name. One that cannot be read, though it was
// checked, denies all.
std::vector<aws::AttachedPolicy> compiled_policies(const Identity& identity);

// JSON without the whitespace between its tokens; strings and numbers stay as they were written.
std::string compact_json(std::string_view json);

}  // namespace ses

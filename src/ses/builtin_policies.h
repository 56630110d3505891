// AWS's own managed policies that are there for every account: data/managed_policies.json has them with
// source and date. Immutable; any thread.
#pragma once

#include <span>
#include <string_view>

#include "aws/policy.h"
#include "ses/principal_types.h"

namespace ses {

struct BuiltinPolicy {
  ManagedPolicy facts;
  std::string document;
  aws::PolicyPtr policy;
};

std::span<const BuiltinPolicy> builtin_policies();  // by name
const BuiltinPolicy* find_builtin_policy(std::string_view arn);

inline constexpr std::string_view kAdministratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess";

}  // namespace ses

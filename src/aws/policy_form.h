// The compiled form of a policy: what parse_policy() makes and matches() reads; private to the room.
// Immutable once parsed; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "aws/policy.h"
#include "aws/policy_match.h"
#include "aws/policy_values.h"

namespace aws {

enum class Comparison {
  string_equals,
  string_equals_ignore_case,
  string_like,
  numeric_equals,
  numeric_less,
  numeric_less_equals,
  numeric_greater,
  numeric_greater_equals,
  date_equals,
  date_less,
  date_less_equals,
  date_greater,
  date_greater_equals,
  truth,
  binary,
  ip_address,
  arn,
  null,
};

struct Operator {
  enum class Over { one, all_values, any_value };

  Comparison comparison = Comparison::null;
  bool negated = false;
  bool if_exists = false;
  Over over = Over::one;
};

std::optional<Operator> read_operator(std::string_view name);  // e.g. ForAllValues:StringLikeIfExists

struct Bytes {
  std::string bytes;
};
struct Date {
  std::int64_t millis;
};
using ConditionValue = std::variant<PolicyText, double, Date, bool, Bytes, Network>;

struct Condition {
  Operator operation;
  std::string name;  // of the operator, as written
  std::string key;
  std::vector<ConditionValue> values;  // any of them
  std::vector<std::string> written;    // the same, for explanations
};

// nullopt where `text` is no value for the operator; `variables` may stand in strings and ARNs only.
std::optional<ConditionValue> read_condition_value(Comparison comparison, std::string_view text,
                                                   bool variables);

// `allow`: of an Allow an unresolved variable makes the condition false, even a negated one.
bool condition_holds(const Condition& condition, const ConditionContext& context, bool allow);
std::string why_not(const Condition& condition, const ConditionContext& context);

// How near a statement's Principal comes to the requester.
enum class Named { no, account, widely, directly };

struct Principals {
  bool everyone = false;
  std::vector<std::string> accounts;
  std::vector<std::string> names;  // ARNs, federated providers, canonical users
  std::vector<std::string> services;

  Named match(const Requester& requester) const;
};

struct ActionPattern {
  std::string source;
  Glob glob;  // in lower case
};

struct Statement {
  std::string sid;
  bool allow = false;
  std::optional<Principals> principal;
  bool not_principal = false;
  std::vector<ActionPattern> actions;
  bool not_action = false;
  std::vector<PolicyText> resources;  // none: a trust policy
  bool not_resource = false;
  std::vector<Condition> conditions;
};

class Policy {
 public:
  PolicyUse use = PolicyUse::identity;
  std::string version;  // as written; empty where absent
  std::string id;
  std::vector<Statement> statements;
};

// None where there is no policy: it allows nothing.
inline std::span<const Statement> statements_of(const AttachedPolicy& attached) {
  if (!attached.policy) return {};
  return attached.policy->statements;
}

// A request with what every statement asks of it.
struct Asking {
  const AccessRequest& request;
  std::string action;  // in lower case

  explicit Asking(const AccessRequest& asked);
};

// Named::no where the statement does not match, and then the reason in `why` unless that is null. A statement
// without a Principal names the requester directly: it is the requester's own.
Named matches(const Statement& statement, const Asking& asking, std::string* why);

}  // namespace aws

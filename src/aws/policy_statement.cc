// Whether a statement speaks of a request: its principal, action, resource and conditions, in this order.
#include <algorithm>

#include "aws/policy_form.h"
#include "base/encoding.h"

namespace aws {
namespace {

bool is_one_of(std::string_view text, const std::vector<std::string>& all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

bool is_root_arn(std::string_view arn) { return arn.ends_with(":root"); }

template <class List, class Text>
std::string listed(const List& list, Text text) {
  constexpr std::size_t kShown = 3;
  std::string out;
  for (std::size_t i = 0; i < std::min(list.size(), kShown); ++i) out += (i ? ", " : "") + text(list[i]);
  if (list.size() > kShown) out += ", ...";
  return out;
}

Named principal_matches(const Statement& statement, const Requester& requester) {
  if (!statement.principal) return Named::directly;
  Named named = statement.principal->match(requester);
  if (!statement.not_principal) return named;
  return named == Named::no ? Named::widely : Named::no;
}

bool action_matches(const Statement& statement, const std::string& action) {
  bool named = std::any_of(statement.actions.begin(), statement.actions.end(),
                           [&](const ActionPattern& pattern) { return pattern.glob.matches(action); });
  return named != statement.not_action;
}

bool resource_matches(const Statement& statement, const AccessRequest& request) {
  if (statement.resources.empty()) return true;
  bool unresolved = false;
  for (const auto& pattern : statement.resources) {
    auto outcome = pattern.matches(request.resource, request.context);
    if (outcome == Outcome::yes) return !statement.not_resource;
    unresolved |= outcome == Outcome::unresolved;
  }
  return statement.not_resource && !(statement.allow && unresolved);
}

const Condition* failing_condition(const Statement& statement, const ConditionContext& context) {
  for (const auto& condition : statement.conditions)
    if (!condition_holds(condition, context, statement.allow)) return &condition;
  return nullptr;
}

std::string why_principal(const Requester& requester) {
  if (!requester.service.empty()) return "principal " + requester.service + " is not named";
  return requester.arn.empty() ? "an anonymous principal is not named"
                               : "principal " + requester.arn + " is not named";
}

std::string why_action(const Statement& statement, std::string_view action) {
  return "action " + std::string(action) +
         (statement.not_action ? " is excepted by NotAction " : " does not match ") +
         listed(statement.actions, [](const ActionPattern& pattern) { return pattern.source; });
}

std::string why_resource(const Statement& statement, std::string_view resource) {
  return "resource " + std::string(resource) +
         (statement.not_resource ? " is excepted by NotResource " : " does not match ") +
         listed(statement.resources, [](const PolicyText& pattern) { return pattern.source(); });
}

}  // namespace

Asking::Asking(const AccessRequest& asked) : request(asked), action(base::ascii_lower(asked.action)) {}

Named Principals::match(const Requester& requester) const {
  if (!requester.service.empty() && is_one_of(requester.service, services)) return Named::directly;
  bool known = !requester.arn.empty();
  if (known && is_one_of(requester.arn, names)) return Named::directly;
  bool in_account = !requester.account.empty() && is_one_of(requester.account, accounts);
  if (in_account && is_root_arn(requester.arn)) return Named::directly;
  auto is_named = [&](const std::string& arn) { return is_one_of(arn, names); };
  if (everyone || std::any_of(requester.also.begin(), requester.also.end(), is_named)) return Named::widely;
  return in_account ? Named::account : Named::no;
}

Named matches(const Statement& statement, const Asking& asking, std::string* why) {
  const AccessRequest& request = asking.request;
  Named named = principal_matches(statement, request.requester);
  if (named == Named::no) {
    if (why) *why = why_principal(request.requester);
    return Named::no;
  }
  if (!action_matches(statement, asking.action)) {
    if (why) *why = why_action(statement, request.action);
    return Named::no;
  }
  if (!resource_matches(statement, request)) {
    if (why) *why = why_resource(statement, request.resource);
    return Named::no;
  }
  if (const auto* failing = failing_condition(statement, request.context)) {
    if (why) *why = why_not(*failing, request.context);
    return Named::no;
  }
  return named;
}

}  // namespace aws

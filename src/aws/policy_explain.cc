// The same decision, with what became of each statement on the way.
#include <algorithm>

#include "aws/policy_tally.h"
#include "base/encoding.h"

namespace aws {
namespace {

class Missing {
 public:
  explicit Missing(const ConditionContext& context) : context_(context) {}

  void look_at(const Statement& statement) {
    for (const auto& resource : statement.resources) look_at(resource);
    for (const auto& condition : statement.conditions) {
      note(condition.key);
      for (const auto& value : condition.values)
        if (const auto* text = std::get_if<PolicyText>(&value)) look_at(*text);
    }
  }
  std::vector<std::string> keys() && { return std::move(keys_); }

 private:
  void look_at(const PolicyText& text) {
    for (auto key : text.keys_without_default()) note(key);
  }
  void note(std::string_view key) {
    auto same = [&](const std::string& known) { return base::iequals(known, key); };
    if (!context_.find(key) && std::none_of(keys_.begin(), keys_.end(), same)) keys_.emplace_back(key);
  }

  const ConditionContext& context_;
  std::vector<std::string> keys_;
};

}  // namespace

Explanation explain(const PolicySet& own, std::span<const AttachedPolicy> of_resource,
                    const AccessRequest& request) {
  Explanation explanation;
  Asking asking(request);
  Tally tally(own, of_resource, request);
  Missing missing(request.context);
  for (const auto& [layer, policies] : layers_in_force(own, of_resource)) {
    for (const auto& attached : policies) {
      int index = 0;
      for (const auto& statement : statements_of(attached)) {
        StatementTrace trace{layer, attached.name, index, statement.sid, statement.allow, false, {}};
        Named named = matches(statement, asking, &trace.why_not);
        trace.matched = named != Named::no;
        if (trace.matched) tally.add(layer, attached, index, named);
        missing.look_at(statement);
        explanation.statements.push_back(std::move(trace));
        ++index;
      }
    }
  }
  explanation.decision = tally.decision();
  explanation.missing_context = std::move(missing).keys();
  return explanation;
}

}  // namespace aws

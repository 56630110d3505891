// What the policies in force come to, see policy.h.
#include "aws/policy_tally.h"
#include "base/encoding.h"

namespace aws {
namespace {

// False once a Deny was found: nothing that follows can change the decision.
bool weigh(Tally& tally, PolicyLayer layer, std::span<const AttachedPolicy> policies, const Asking& asking) {
  for (const auto& attached : policies) {
    auto statements = statements_of(attached);
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const Statement& statement = statements[i];
      if (statement.allow && tally.settled(layer)) continue;
      Named named = matches(statement, asking, nullptr);
      if (named == Named::no) continue;
      tally.add(layer, attached, static_cast<int>(i), named);
      if (!statement.allow) return false;
    }
  }
  return true;
}

}  // namespace

Decision decide(const PolicySet& own, std::span<const AttachedPolicy> of_resource,
                const AccessRequest& request) {
  Asking asking(request);
  Tally tally(own, of_resource, request);
  for (const auto& [layer, policies] : layers_in_force(own, of_resource))
    if (!weigh(tally, layer, policies, asking)) break;
  return tally.decision();
}

std::string_view version_of(const Policy& policy) { return policy.version; }

std::string_view to_string(PolicyLayer layer) {
  switch (layer) {
    case PolicyLayer::none:
      return "none";
    case PolicyLayer::identity:
      return "identity";
    case PolicyLayer::boundary:
      return "boundary";
    case PolicyLayer::session:
      return "session";
    case PolicyLayer::resource:
      return "resource";
    case PolicyLayer::root:
      return "root";
  }
  return "";
}

std::string_view to_string(AccessEffect effect) {
  switch (effect) {
    case AccessEffect::allowed:
      return "allowed";
    case AccessEffect::implicit_deny:
      return "implicitDeny";
    case AccessEffect::explicit_deny:
      return "explicitDeny";
  }
  return "";
}

void ConditionContext::set(std::string_view key, std::vector<std::string> values) {
  for (auto& [known, old] : keys_) {
    if (!base::iequals(known, key)) continue;
    old = std::move(values);
    return;
  }
  keys_.emplace_back(base::ascii_lower(key), std::move(values));
}

void ConditionContext::set(std::string_view key, std::string value) {
  std::vector<std::string> values;
  values.push_back(std::move(value));
  set(key, std::move(values));
}

const std::vector<std::string>* ConditionContext::find(std::string_view key) const {
  for (const auto& [known, values] : keys_)
    if (known.size() == key.size() && base::iequals(known, key)) return &values;
  return nullptr;
}

}  // namespace aws

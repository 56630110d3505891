#include "receive/plan.h"

#include "ses/receipt_match.h"

namespace receive {
namespace {

struct TypeName {
  std::string_view operator()(const ses::AddHeaderAction&) const { return "AddHeader"; }
  std::string_view operator()(const ses::BounceAction&) const { return "Bounce"; }
  std::string_view operator()(const ses::ConnectAction&) const { return "Connect"; }
  std::string_view operator()(const ses::LambdaAction&) const { return "Lambda"; }
  std::string_view operator()(const ses::S3Action&) const { return "S3"; }
  std::string_view operator()(const ses::SnsAction&) const { return "SNS"; }
  std::string_view operator()(const ses::StopAction&) const { return "Stop"; }
  std::string_view operator()(const ses::WorkmailAction&) const { return "WorkMail"; }
};

// The SNS action's own topic gets the mail itself, not a notification of it.
struct Topic {
  std::optional<std::string> operator()(const ses::AddHeaderAction&) const { return std::nullopt; }
  std::optional<std::string> operator()(const ses::ConnectAction&) const { return std::nullopt; }
  std::optional<std::string> operator()(const ses::SnsAction&) const { return std::nullopt; }
  template <class Action>
  std::optional<std::string> operator()(const Action& action) const {
    return action.topic_arn && !action.topic_arn->empty() ? action.topic_arn : std::nullopt;
  }
};

}  // namespace

std::string_view type_of(const ses::ReceiptAction& action) { return std::visit(TypeName{}, action); }
std::optional<std::string> topic_of(const ses::ReceiptAction& action) { return std::visit(Topic{}, action); }

std::vector<Step> steps_of(const std::vector<ses::ReceiptRule>& plan) {
  std::vector<Step> out;
  for (std::size_t rule = 0; rule < plan.size(); ++rule)
    for (std::size_t action = 0; action < plan[rule].actions.size(); ++action) {
      out.push_back({rule, action, false});
      if (topic_of(plan[rule].actions[action])) out.push_back({rule, action, true});
    }
  return out;
}

std::size_t after_action(const std::vector<Step>& steps, std::size_t at) {
  auto next = at;
  while (next < steps.size() && steps[next].rule == steps[at].rule && steps[next].action == steps[at].action)
    ++next;
  return next;
}

std::size_t after_rule(const std::vector<Step>& steps, std::size_t at) {
  auto next = at;
  while (next < steps.size() && steps[next].rule == steps[at].rule) ++next;
  return next;
}

std::vector<std::string> recipients_of(const ses::ReceivedMail& mail, const ses::ReceiptRule& rule) {
  std::vector<std::string> out;
  for (const auto& recipient : mail.recipients)
    if (ses::rule_matches(rule, recipient)) out.push_back(recipient);
  return out;
}

}  // namespace receive

// The actions of a received mail's rules as one row of steps, in which its progress is counted: each action,
// and behind it the notification of its topic, if it has one. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ses/received.h"

namespace receive {

struct Step {
  std::size_t rule = 0, action = 0;  // in the plan
  bool notify = false;               // tell the action's topic
};
std::vector<Step> steps_of(const std::vector<ses::ReceiptRule>& plan);
// The first step behind the action, or behind the rule, that step `at` belongs to.
std::size_t after_action(const std::vector<Step>& steps, std::size_t at);
std::size_t after_rule(const std::vector<Step>& steps, std::size_t at);

std::string_view type_of(const ses::ReceiptAction& action);  // "S3", as notifications name it
std::optional<std::string> topic_of(const ses::ReceiptAction& action);
// Those of the mail that the rule is for.
std::vector<std::string> recipients_of(const ses::ReceivedMail& mail, const ses::ReceiptRule& rule);

}  // namespace receive

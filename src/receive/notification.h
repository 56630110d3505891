// What is told of a received mail: the headers on top of it (SES §22.4), the JSON that topics get and the
// input of functions (SES §22.5). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "receive/verdicts.h"
#include "ses/received.h"

namespace receive {

// A mail as the actions of one rule see it.
struct RuleView {
  const ses::ReceivedMail& mail;
  const Verdicts& verdicts;
  const ses::ReceiptRule& rule;
  const std::vector<std::string>& recipients;  // those the rule is for
  std::string service_domain;
  base::WallTime now;
};

// Return-Path, Received, the verdicts, and what AddHeader actions added, as lines.
std::string headers_on_top(const RuleView& view);
// Below them `mail`, the content or its header section, without the fields that only we write (forged.h).
std::string with_headers(const RuleView& view, std::string_view mail);

// `content` as it goes into the JSON; only the SNS action has one.
std::string notification(const RuleView& view, const ses::ReceiptAction& action,
                         const std::optional<std::string>& content = std::nullopt);
std::string function_input(const RuleView& view, const ses::ReceiptAction& action);

inline constexpr const char* kNotificationSubject = "Amazon SES Email Receipt Notification";

}  // namespace receive

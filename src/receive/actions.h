// The actions of receipt rules (SES §22.4), one attempt each. On a loop.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/task.h"
#include "receive/plan.h"
#include "receive/tools.h"
#include "receive/verdicts.h"
#include "send/service.h"
#include "ses/received.h"

namespace receive {

enum class Flow { next, stop_rule, stop_all };

struct StepResult {
  enum Kind { done, captured, failed, retry } kind = done;  // failed: for good
  Flow flow = Flow::next;
  std::string detail;  // for the results

  static StepResult of(const cloud::Outcome& outcome, std::string what) {
    if (outcome.ok) return {done, Flow::next, std::move(what)};
    return {outcome.permanent ? failed : retry, Flow::next, outcome.text};
  }
};

// The mail is changed by AddHeader alone. All that is named outlives the task.
struct ActionWork {
  send::Service& service;
  Tools& tools;
  ses::ReceivedMail& mail;
  const Verdicts& verdicts;
  const ses::ReceiptRule& rule;
  const ses::ReceiptAction& action;
  std::vector<std::string> recipients;  // those the rule is for
  // Runs in the transaction that accepts a bounce, and says there that it was sent: a crash repeats none.
  std::function<void(store::Db&)> bounced;
};
base::Task<StepResult> run_action(const ActionWork& work);
base::Task<StepResult> tell_topic(const ActionWork& work, std::string topic);

}  // namespace receive

#include "api/receipt_shapes.h"

#include "api/send_common.h"
#include "base/fault.h"

namespace api {
namespace {

namespace shapes = aws::ses;
using base::Fault;
using base::FaultKind;

std::optional<ses::ReceiptAction> first_action(shapes::ReceiptAction& in) {
  if (in.add_header_action)
    return ses::AddHeaderAction{take(in.add_header_action->header_name),
                                take(in.add_header_action->header_value)};
  if (in.bounce_action) {
    auto& a = *in.bounce_action;
    return ses::BounceAction{std::move(a.topic_arn), take(a.smtp_reply_code), std::move(a.status_code),
                             take(a.message), take(a.sender)};
  }
  if (in.connect_action)
    return ses::ConnectAction{take(in.connect_action->instance_arn), take(in.connect_action->iam_role_arn)};
  if (in.lambda_action) {
    auto& a = *in.lambda_action;
    return ses::LambdaAction{std::move(a.topic_arn), take(a.function_arn), std::move(a.invocation_type)};
  }
  if (in.s3_action) {
    auto& a = *in.s3_action;
    return ses::S3Action{std::move(a.topic_arn), take(a.bucket_name), std::move(a.object_key_prefix),
                         std::move(a.kms_key_arn), std::move(a.iam_role_arn)};
  }
  if (in.sns_action)
    return ses::SnsAction{take(in.sns_action->topic_arn), std::move(in.sns_action->encoding)};
  if (in.stop_action) return ses::StopAction{std::move(in.stop_action->topic_arn)};
  if (in.workmail_action)
    return ses::WorkmailAction{std::move(in.workmail_action->topic_arn),
                               take(in.workmail_action->organization_arn)};
  return std::nullopt;
}

ses::ReceiptAction action_of(shapes::ReceiptAction& in) {
  int given = in.add_header_action.has_value() + in.bounce_action.has_value() +
              in.connect_action.has_value() + in.lambda_action.has_value() + in.s3_action.has_value() +
              in.sns_action.has_value() + in.stop_action.has_value() + in.workmail_action.has_value();
  auto action = first_action(in);
  if (given != 1 || !action)
    throw Fault(FaultKind::invalid_parameter, "Each action must be of exactly one type.");
  return std::move(*action);
}

struct Show {
  shapes::ReceiptAction& out;

  void operator()(const ses::AddHeaderAction& a) { out.add_header_action = {a.name, a.value}; }
  void operator()(const ses::BounceAction& a) {
    out.bounce_action = {a.topic_arn, a.reply_code, a.status_code, a.message, a.sender};
  }
  void operator()(const ses::ConnectAction& a) { out.connect_action = {a.instance_arn, a.role_arn}; }
  void operator()(const ses::LambdaAction& a) {
    out.lambda_action = {a.topic_arn, a.function_arn, a.invocation_type};
  }
  void operator()(const ses::S3Action& a) {
    out.s3_action = {a.topic_arn, a.bucket, a.prefix, a.kms_key_arn, a.role_arn};
  }
  // SES §22.3: told even where it was not given.
  void operator()(const ses::SnsAction& a) { out.sns_action = {a.topic_arn, a.encoding.value_or("UTF-8")}; }
  void operator()(const ses::StopAction& a) { out.stop_action = {"RuleSet", a.topic_arn}; }
  void operator()(const ses::WorkmailAction& a) { out.workmail_action = {a.topic_arn, a.organization_arn}; }
};

}  // namespace

ses::ReceiptRule receipt_rule_of(shapes::ReceiptRule& in) {
  ses::ReceiptRule rule;
  rule.name = take(in.name);
  rule.enabled = in.enabled.value_or(false);
  rule.scan = in.scan_enabled.value_or(false);
  rule.tls_required = in.tls_policy == "Require";
  rule.recipients = take(in.recipients);
  if (in.actions)
    for (auto& action : *in.actions) rule.actions.push_back(action_of(action));
  return rule;
}

shapes::ReceiptRule shown_rule(const ses::ReceiptRule& rule) {
  shapes::ReceiptRule out;
  out.name = rule.name;
  out.enabled = rule.enabled;
  out.tls_policy = rule.tls_required ? "Require" : "Optional";
  if (!rule.recipients.empty()) out.recipients = rule.recipients;
  out.actions.emplace();
  for (const auto& action : rule.actions) std::visit(Show{out.actions->emplace_back()}, action);
  out.scan_enabled = rule.scan;
  return out;
}

}  // namespace api

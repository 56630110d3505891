#include "ses/receipt_rule.h"

#include <algorithm>
#include <stdexcept>

#include "base/encoding.h"
#include "base/fault.h"
#include "base/random.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "mail/header.h"
#include "ses/ip_block.h"
#include "ses/packed.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxHeaderName = 50, kMaxHeaderValue = 2048;
constexpr std::size_t kMaxMessage = 1024;  // of a bounce; ours

[[noreturn]] void refuse(std::string text) { throw Fault(FaultKind::invalid_parameter, std::move(text)); }

[[noreturn]] void refuse_as(std::string code, std::string text, std::string member,
                            const std::string& value) {
  throw Fault::with_code(FaultKind::modelled, std::move(code), std::move(text))
      .with(std::move(member), value);
}

bool alnum(char c) { return base::kAlnum.find(c) != std::string_view::npos; }

bool good_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && alnum(name.front()) && alnum(name.back());
}

bool is_arn_of(std::string_view service, std::string_view arn) {
  auto parts = base::split(arn, ':');
  return parts.size() >= 6 && parts[0] == "arn" && parts[2] == service && !parts[5].empty();
}

void check_topic(const std::string& arn) {
  if (!is_arn_of("sns", arn)) refuse_as("InvalidSnsTopic", "Invalid SNS topic: " + arn, "Topic", arn);
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// RFC 3463 §2: class, subject and detail.
bool is_status_code(std::string_view text) {
  auto parts = base::split(text, '.');
  return parts.size() == 3 && (parts[0] == "4" || parts[0] == "5") &&
         std::all_of(parts.begin(), parts.end(), [](auto p) { return is_digits(p) && p.size() <= 3; });
}

struct Check {
  void operator()(const AddHeaderAction& a) const {
    // SES §22.4 has letters, digits and '-'; what is refused with a text of its own is less.
    if (a.name.size() > kMaxHeaderName || !mail::is_header_name(a.name))
      refuse("Invalid header name: " + a.name);
    if (a.value.size() > kMaxHeaderValue || !mail::is_safe_value(a.value))
      refuse("Invalid header value: " + a.value);
  }
  void operator()(const BounceAction& a) const {
    if (a.topic_arn) check_topic(*a.topic_arn);
    bool code = a.reply_code.size() == 3 && is_digits(a.reply_code) &&
                (a.reply_code[0] == '4' || a.reply_code[0] == '5');
    if (!code) refuse("Invalid SMTP reply code: " + a.reply_code);
    if (a.status_code && !is_status_code(*a.status_code))
      refuse("Invalid SMTP status code: " + *a.status_code);
    if (a.message.empty() || a.message.size() > kMaxMessage || !mail::is_safe_value(a.message))
      refuse("Invalid SMTP response message: " + a.message);
  }
  // There is no Amazon Connect and no WorkMail here to hand a mail to.
  void operator()(const ConnectAction&) const { refuse("Sesame has no Amazon Connect to deliver to."); }
  void operator()(const WorkmailAction&) const { refuse("Sesame has no Amazon WorkMail to deliver to."); }
  void operator()(const LambdaAction& a) const {
    if (a.topic_arn) check_topic(*a.topic_arn);
    if (a.function_arn.empty()) refuse("Lambda function ARN must not be empty");
    if (!is_arn_of("lambda", a.function_arn))
      refuse_as("InvalidLambdaFunction", "Invalid Lambda function: " + a.function_arn, "FunctionArn",
                a.function_arn);
  }
  void operator()(const S3Action& a) const {
    if (a.topic_arn) check_topic(*a.topic_arn);
    if (a.bucket.empty()) refuse("Bucket name must not be empty");
    if (a.kms_key_arn)  // its client-side encryption is not built: a mail would lie there in the clear
      refuse_as("InvalidS3Configuration", "Unable to use AWS KMS key: " + *a.kms_key_arn, "Bucket", a.bucket);
  }
  void operator()(const SnsAction& a) const { check_topic(a.topic_arn); }
  void operator()(const StopAction& a) const {
    if (a.topic_arn) check_topic(*a.topic_arn);
  }
};

std::string text_of(const std::optional<std::string>& text) { return text.value_or(""); }
std::optional<std::string> optional_of(std::string& text) {
  if (text.empty()) return std::nullopt;
  return std::move(text);
}

struct Pack {
  PackedRow operator()(const AddHeaderAction& a) const { return {"header", a.name, a.value, "", "", ""}; }
  PackedRow operator()(const BounceAction& a) const {
    return {"bounce", text_of(a.topic_arn), a.reply_code, text_of(a.status_code), a.message, a.sender};
  }
  PackedRow operator()(const ConnectAction& a) const {
    return {"connect", a.instance_arn, a.role_arn, "", "", ""};
  }
  PackedRow operator()(const LambdaAction& a) const {
    return {"lambda", text_of(a.topic_arn), a.function_arn, text_of(a.invocation_type), "", ""};
  }
  PackedRow operator()(const S3Action& a) const {
    return {
        "s3", text_of(a.topic_arn), a.bucket, text_of(a.prefix), text_of(a.kms_key_arn), text_of(a.role_arn)};
  }
  PackedRow operator()(const SnsAction& a) const {
    return {"sns", a.topic_arn, text_of(a.encoding), "", "", ""};
  }
  PackedRow operator()(const StopAction& a) const { return {"stop", text_of(a.topic_arn), "", "", "", ""}; }
  PackedRow operator()(const WorkmailAction& a) const {
    return {"workmail", text_of(a.topic_arn), a.organization_arn, "", "", ""};
  }
};

ReceiptAction unpack_action(PackedRow& r) {
  const auto& kind = r[0];
  if (kind == "header") return AddHeaderAction{r[1], r[2]};
  if (kind == "bounce") return BounceAction{optional_of(r[1]), r[2], optional_of(r[3]), r[4], r[5]};
  if (kind == "connect") return ConnectAction{r[1], r[2]};
  if (kind == "lambda") return LambdaAction{optional_of(r[1]), r[2], optional_of(r[3])};
  if (kind == "s3")
    return S3Action{optional_of(r[1]), r[2], optional_of(r[3]), optional_of(r[4]), optional_of(r[5])};
  if (kind == "sns") return SnsAction{r[1], optional_of(r[2])};
  if (kind == "stop") return StopAction{optional_of(r[1])};
  if (kind == "workmail") return WorkmailAction{optional_of(r[1]), r[2]};
  throw std::runtime_error("the store holds a receipt action of an unknown kind");
}

}  // namespace

void check_rule_set_name(std::string_view name) {
  if (!good_name(name)) refuse("Not a valid ruleSetName: " + std::string(name));
}

void check_rule_name(std::string_view name) {
  if (!good_name(name)) refuse("Not a valid ruleName: " + std::string(name));
}

void check_filter(const ReceiptFilter& filter) {
  if (filter.name.empty()) refuse("filterName must not be empty");
  bool good = good_name(filter.name) && std::all_of(filter.name.begin(), filter.name.end(),
                                                    [](char c) { return alnum(c) || c == '_' || c == '-'; });
  if (!good) refuse("Not a valid filterName: " + filter.name);
  if (!IpBlock::parse(filter.cidr)) refuse("Invalid CIDR block: " + filter.cidr);
}

void check_actions(const std::vector<ReceiptAction>& actions) {
  if (actions.size() > kMaxReceiptActions) throw Fault(FaultKind::limit_exceeded, "Too many actions");
  for (std::size_t i = 0; i + 1 < actions.size(); ++i)
    if (std::holds_alternative<StopAction>(actions[i]))
      refuse("Stop action, if any, must be placed at the end of the actions list");
  for (const auto& action : actions) std::visit(Check{}, action);
}

// SES §22.2: an address, a domain, or with a leading dot its subdomains.
void check_recipients(const std::vector<std::string>& recipients) {
  if (recipients.size() > kMaxReceiptRecipients)
    throw Fault(FaultKind::limit_exceeded, "Too many recipients");
  for (const auto& recipient : recipients) {
    std::string_view domain = recipient;
    if (domain.starts_with('.')) domain.remove_prefix(1);
    bool good = recipient.find('@') == std::string::npos ? mail::ascii_domain(domain).has_value()
                                                         : bool(mail::parse_mailbox(recipient, true));
    if (!good) refuse("Invalid recipient: " + recipient);
  }
}

std::string pack_actions(const std::vector<ReceiptAction>& actions) {
  std::vector<PackedRow> rows;
  for (const auto& action : actions) rows.push_back(std::visit(Pack{}, action));
  return pack(rows);
}

std::vector<ReceiptAction> unpack_actions(std::string_view text) {
  std::vector<ReceiptAction> out;
  for (auto& row : unpack(text, 6)) out.push_back(unpack_action(row));
  return out;
}

}  // namespace ses

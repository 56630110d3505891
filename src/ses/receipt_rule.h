// ReceiptRule: which received mail a rule is for and what is done with it (SES §22.2 to §22.4). What one may
// look like; who is matched is receipt_match.h's. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ses {

struct AddHeaderAction {
  std::string name, value;
  bool operator==(const AddHeaderAction&) const = default;
};
struct BounceAction {
  std::optional<std::string> topic_arn;
  std::string reply_code;  // "550"
  std::optional<std::string> status_code;
  std::string message, sender;
  bool operator==(const BounceAction&) const = default;
};
struct ConnectAction {
  std::string instance_arn, role_arn;
  bool operator==(const ConnectAction&) const = default;
};
struct LambdaAction {
  std::optional<std::string> topic_arn;
  std::string function_arn;
  std::optional<std::string> invocation_type;  // "Event" where there is none
  bool operator==(const LambdaAction&) const = default;
};
struct S3Action {
  std::optional<std::string> topic_arn;
  std::string bucket;
  std::optional<std::string> prefix, kms_key_arn, role_arn;
  bool operator==(const S3Action&) const = default;
};
struct SnsAction {
  std::string topic_arn;
  std::optional<std::string> encoding;  // "UTF-8" where there is none
  bool operator==(const SnsAction&) const = default;
};
struct StopAction {
  std::optional<std::string> topic_arn;
  bool operator==(const StopAction&) const = default;
};
struct WorkmailAction {
  std::optional<std::string> topic_arn;
  std::string organization_arn;
  bool operator==(const WorkmailAction&) const = default;
};

using ReceiptAction = std::variant<AddHeaderAction, BounceAction, ConnectAction, LambdaAction, S3Action,
                                   SnsAction, StopAction, WorkmailAction>;

struct ReceiptRule {
  std::string name;
  bool enabled = false;
  bool scan = false;
  bool tls_required = false;
  std::vector<std::string> recipients;
  std::vector<ReceiptAction> actions;  // in their order
  bool operator==(const ReceiptRule&) const = default;
};

// Who connects and is let in or kept out: by address or CIDR block (SES §22.1).
struct ReceiptFilter {
  std::string name;
  bool allow = false;
  std::string cidr;
  bool operator==(const ReceiptFilter&) const = default;
};

inline constexpr std::size_t kMaxReceiptActions = 10;  // SES §22.2
inline constexpr std::size_t kMaxReceiptRecipients = 101;

// Faults in SES's words; the patterns of names are the model's to check.
void check_rule_set_name(std::string_view name);
void check_rule_name(std::string_view name);
void check_filter(const ReceiptFilter& filter);
// Number and order of the actions, and what each says of itself. Whether a bucket, topic or function is there
// is asked elsewhere.
void check_actions(const std::vector<ReceiptAction>& actions);
void check_recipients(const std::vector<std::string>& recipients);

// As it is kept in a column.
std::string pack_actions(const std::vector<ReceiptAction>& actions);
std::vector<ReceiptAction> unpack_actions(std::string_view text);

}  // namespace ses

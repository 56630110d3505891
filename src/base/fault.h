// Fault: a refused request. It is thrown where the rule stands, as a kind and the text SES gives, and every
// door spells it its own way: one table says how each kind reads in the v1 API (code), the v2 API (type,
// status) and SMTP (reply). SES handbook: SEMANTICS §2.1, §3, §4, §11.3, §26.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace base {

enum class FaultKind {
  // Before the operation runs.
  missing_authentication_token,
  unrecognized_client,
  expired_token,
  signature_mismatch,
  incomplete_signature,
  access_denied,
  opt_in_required,
  request_expired,
  // The shape of the request.
  missing_action,
  invalid_action,     // v1: an unknown Action
  unknown_operation,  // v2: an unknown path or method
  malformed_input,    // v1: a parameter that does not decode
  serialization,      // v2: JSON of the wrong form
  validation,         // a constraint of the model is broken
  invalid_parameter,
  invalid_parameter_combination,
  malformed_query_string,
  request_too_large,
  // State.
  not_found,
  already_exists,
  limit_exceeded,
  conflict,
  concurrent_modification,
  invalid_next_token,
  throttling,
  message_rejected,
  configuration_set_not_found,
  configuration_set_paused,
  account_paused,
  account_suspended,
  mail_from_not_verified,
  template_not_found,
  production_access_not_granted,
  // Ours.
  not_built,
  internal,
  unavailable,
  // Modelled errors of v1 that have no kind of their own above: Fault::v1_code() says which.
  modelled,
  count_
};

class Fault : public std::exception {
 public:
  Fault(FaultKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  // A fault whose v1 wire code is `code` (ses.json, error.code) and which reads in v2 and SMTP as `kind`
  // does.
  static Fault with_code(FaultKind kind, std::string code, std::string message);
  // Adds a member of a modelled v1 error, e.g. ConfigurationSetName, which stands beside Code and Message.
  Fault&& with(std::string member, std::string value) &&;
  // A fault whose v2 body is {"message":null} (SES shows some so).
  static Fault without_message(FaultKind kind);

  FaultKind kind() const noexcept { return kind_; }
  const std::string& message() const noexcept { return message_; }
  bool has_message() const noexcept { return !no_message_; }
  const std::vector<std::pair<std::string, std::string>>& members() const noexcept { return members_; }
  const char* what() const noexcept override { return message_.c_str(); }

  std::string_view v1_code() const;  // e.g. "MessageRejected"
  int v1_status() const;
  std::string_view v2_type() const;  // e.g. "BadRequestException"
  int v2_status() const;
  // e.g. "554 Message rejected: Email address is not verified. …", one line, no CRLF.
  std::string smtp_reply() const;
  // True where the body spells its text "Message", as AWS's authorisation front end does (§4).
  bool capital_message() const;

 private:
  FaultKind kind_;
  std::string message_;
  std::string v1_code_;
  std::vector<std::pair<std::string, std::string>> members_;
  bool no_message_ = false;
};

}  // namespace base

#include "base/fault.h"

#include <array>

namespace base {
namespace {

struct Spelling {
  FaultKind kind;
  std::string_view v1_code;
  int v1_status;
  std::string_view v2_type;
  int v2_status;
  std::string_view smtp;  // what precedes the text in SMTP
};

using K = FaultKind;
constexpr std::string_view kTransaction = "554 Transaction failed: ";

constexpr std::array kTable = {
    Spelling{K::missing_authentication_token, "MissingAuthenticationToken", 403,
             "MissingAuthenticationTokenException", 403, "530 "},
    Spelling{K::unrecognized_client, "InvalidClientTokenId", 403, "UnrecognizedClientException", 403, "535 "},
    Spelling{K::expired_token, "ExpiredToken", 403, "ExpiredTokenException", 403, "535 "},
    Spelling{K::signature_mismatch, "SignatureDoesNotMatch", 403, "InvalidSignatureException", 403, "535 "},
    Spelling{K::incomplete_signature, "IncompleteSignature", 400, "IncompleteSignatureException", 400,
             "535 "},
    Spelling{K::access_denied, "AccessDenied", 403, "AccessDeniedException", 403, "554 Access denied: "},
    Spelling{K::opt_in_required, "OptInRequired", 403, "OptInRequired", 403, "535 "},
    Spelling{K::request_expired, "RequestExpired", 400, "RequestExpired", 400, "535 "},
    Spelling{K::missing_action, "MissingAction", 400, "UnknownOperationException", 404, kTransaction},
    Spelling{K::invalid_action, "InvalidAction", 400, "UnknownOperationException", 404, kTransaction},
    Spelling{K::unknown_operation, "InvalidAction", 400, "UnknownOperationException", 404, kTransaction},
    Spelling{K::malformed_input, "MalformedInput", 400, "SerializationException", 400, kTransaction},
    Spelling{K::serialization, "MalformedInput", 400, "SerializationException", 400, kTransaction},
    Spelling{K::validation, "ValidationError", 400, "BadRequestException", 400, kTransaction},
    Spelling{K::invalid_parameter, "InvalidParameterValue", 400, "BadRequestException", 400, kTransaction},
    Spelling{K::invalid_parameter_combination, "InvalidParameterCombination", 400, "BadRequestException", 400,
             kTransaction},
    Spelling{K::malformed_query_string, "MalformedQueryString", 404, "SerializationException", 400,
             kTransaction},
    Spelling{K::request_too_large, "RequestEntityTooLarge", 413, "RequestEntityTooLargeException", 413,
             "552 "},
    Spelling{K::not_found, "InvalidParameterValue", 400, "NotFoundException", 404, kTransaction},
    Spelling{K::already_exists, "AlreadyExists", 400, "AlreadyExistsException", 400, kTransaction},
    Spelling{K::limit_exceeded, "LimitExceeded", 400, "LimitExceededException", 400, kTransaction},
    Spelling{K::conflict, "InvalidParameterValue", 400, "ConflictException", 409, kTransaction},
    Spelling{K::concurrent_modification, "InternalFailure", 500, "ConcurrentModificationException", 500,
             "451 Temporary service failure: "},
    Spelling{K::invalid_next_token, "InvalidParameterValue", 400, "InvalidNextTokenException", 400,
             kTransaction},
    Spelling{K::throttling, "Throttling", 400, "TooManyRequestsException", 429, "454 Throttling failure: "},
    Spelling{K::message_rejected, "MessageRejected", 400, "MessageRejected", 400, "554 Message rejected: "},
    Spelling{K::configuration_set_not_found, "ConfigurationSetDoesNotExist", 400, "NotFoundException", 404,
             kTransaction},
    Spelling{K::configuration_set_paused, "ConfigurationSetSendingPausedException", 400,
             "SendingPausedException", 400, kTransaction},
    Spelling{K::account_paused, "AccountSendingPausedException", 400, "SendingPausedException", 400,
             kTransaction},
    Spelling{K::account_suspended, "MessageRejected", 400, "AccountSuspendedException", 400,
             "554 Message rejected: "},
    Spelling{K::mail_from_not_verified, "MailFromDomainNotVerifiedException", 400,
             "MailFromDomainNotVerifiedException", 400, "554 MAIL FROM domain not verified: "},
    Spelling{K::template_not_found, "TemplateDoesNotExist", 400, "NotFoundException", 404, kTransaction},
    Spelling{K::production_access_not_granted, "ProductionAccessNotGranted", 400, "BadRequestException", 400,
             kTransaction},
    Spelling{K::not_built, "NotImplemented", 501, "NotImplementedException", 501, "502 "},
    Spelling{K::internal, "InternalFailure", 500, "InternalFailure", 500, "451 Temporary service failure: "},
    Spelling{K::unavailable, "ServiceUnavailable", 503, "ServiceUnavailable", 503,
             "452 Temporary service failure: "},
    Spelling{K::modelled, "InvalidParameterValue", 400, "BadRequestException", 400, kTransaction},
};
static_assert(kTable.size() == static_cast<std::size_t>(K::count_));

consteval bool table_in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i)
    if (kTable[i].kind != static_cast<K>(i)) return false;
  return true;
}
static_assert(table_in_order());

const Spelling& spelling(FaultKind kind) { return kTable[static_cast<std::size_t>(kind)]; }

}  // namespace

Fault Fault::with_code(FaultKind kind, std::string code, std::string message) {
  Fault fault(kind, std::move(message));
  fault.v1_code_ = std::move(code);
  return fault;
}

Fault&& Fault::with(std::string member, std::string value) && {
  members_.emplace_back(std::move(member), std::move(value));
  return std::move(*this);
}

Fault Fault::without_message(FaultKind kind) {
  Fault fault(kind, "");
  fault.no_message_ = true;
  return fault;
}

std::string_view Fault::v1_code() const { return v1_code_.empty() ? spelling(kind_).v1_code : v1_code_; }
int Fault::v1_status() const { return spelling(kind_).v1_status; }
std::string_view Fault::v2_type() const { return spelling(kind_).v2_type; }
int Fault::v2_status() const { return spelling(kind_).v2_status; }

std::string Fault::smtp_reply() const {
  if (kind_ == K::configuration_set_not_found && !members_.empty())
    return "554 Configuration set does not exist: " + members_.front().second;  // SES §5.6 (?)
  std::string line(spelling(kind_).smtp);
  for (char c : message_) line += c == '\r' || c == '\n' ? ' ' : c;
  return line;
}

bool Fault::capital_message() const { return kind_ == FaultKind::access_denied; }

}  // namespace base

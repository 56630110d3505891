#include "send/bounce_fields.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/encoding.h"
#include "base/fault.h"
#include "mail/domain.h"
#include "mail/envelope.h"

namespace send {
namespace {

using base::Fault;
using base::FaultKind;

// None of these texts is known (?).
constexpr const char* kNoMessage = "Original message does not exist or is older than 24 hours: ";
constexpr const char* kNullSender = "Original message has no sender to return a bounce to: ";
constexpr const char* kOtherDomain =
    "Bounce sender is not of the domain of a recipient of the original message: ";
constexpr const char* kOtherRecipient = "Not a recipient of the original message: ";
constexpr const char* kNobody = "There are no bounced recipients specified";
constexpr const char* kTooMany = "Bounced recipient count exceeds 100.";
constexpr const char* kTwice = "Duplicate bounced recipient: ";
constexpr const char* kNoReason = "Either BounceType or RecipientDsnFields must be specified for recipient: ";
constexpr const char* kStatus = "Invalid status code: ";
constexpr const char* kDiagnostic = "Invalid diagnostic code.";
constexpr const char* kReportingMta = "Invalid reporting MTA.";
constexpr const char* kRemoteMta = "Invalid remote MTA.";
constexpr const char* kExtensionCount = "Extension field count exceeds 50.";
constexpr const char* kExtensionName = "Invalid extension field name: ";
constexpr const char* kExtensionValue = "Invalid value of extension field: ";
constexpr const char* kExplanation = "Explanation is more than 65536 bytes long.";

constexpr std::size_t kMaxRecipients = 100, kMaxExtensions = 50, kMaxExtensionName = 50, kMaxValue = 2048;
constexpr std::size_t kMaxMta = 300, kMaxExplanation = 64 << 10, kShown = 320;

// What is said of each type, from the templates of the Bounce action (SES §22.4).
struct TypeFacts {
  std::string_view type;
  mail::DsnAction action;
  std::string_view status, diagnostic;
};
constexpr TypeFacts kTypes[] = {
    {"DoesNotExist", mail::DsnAction::failed, "5.1.1", "smtp; 550 5.1.1 Mailbox does not exist"},
    {"MessageTooLarge", mail::DsnAction::failed, "5.3.4", "smtp; 552 5.3.4 Message too large"},
    {"ExceededQuota", mail::DsnAction::failed, "5.2.2", "smtp; 552 5.2.2 Mailbox full"},
    {"ContentRejected", mail::DsnAction::failed, "5.6.1", "smtp; 500 5.6.1 Message content rejected"},
    {"Undefined", mail::DsnAction::failed, "5.0.0", "smtp; 554 5.0.0 Unknown failure"},
    {"TemporaryFailure", mail::DsnAction::delayed, "4.0.0", "smtp; 450 4.0.0 Temporary failure"},
};

[[noreturn]] void refuse(const std::string& text) { throw Fault(FaultKind::invalid_parameter, text); }
[[noreturn]] void refuse(const char* text, const std::string& value) {
  refuse(text + value.substr(0, kShown));
}
[[noreturn]] void reject(const char* text, const std::string& value) {
  throw Fault(FaultKind::message_rejected, text + value.substr(0, kShown));
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; });
}

// Domains in lower case, as A-labels.
std::string key_of(const std::string& address) {
  const auto domain = mail::ascii_domain(mail::domain_of(address));
  if (!domain) return mail::address_key(address);
  return std::string(mail::local_of(address)) + "@" + *domain;
}

bool received_by(const ses::ReceivedMail& original, const std::string& address) {
  const auto& all = original.recipients;
  return std::any_of(all.begin(), all.end(), [&](const auto& r) { return key_of(r) == key_of(address); });
}

// Received addresses may be UTF-8, whatever sends allow.
std::string bare(const std::string& address) {
  auto box = mail::parse_mailbox(address, true);
  if (!box) refuse(box.error());
  if (auto fault = mail::address_length_fault(*box)) refuse(*fault);
  return box->addr();
}

// "5.1.1" (RFC 3463 §2)
bool is_status(std::string_view text) {
  const auto parts = base::split(text, '.');
  const auto is_number = [](std::string_view part) {
    const bool digits = part.find_first_not_of("0123456789") == std::string_view::npos;
    return digits && !part.empty() && part.size() <= 3 && (part.size() == 1 || part[0] != '0');
  };
  return parts.size() == 3 && std::all_of(parts.begin(), parts.end(), is_number) &&
         (parts[0] == "2" || parts[0] == "4" || parts[0] == "5");
}

// RFC 3463 §3.1: what was tried in vain for too long has failed for good too.
bool fits(mail::DsnAction action, char status_class) {
  if (action == mail::DsnAction::failed) return status_class != '2';
  return status_class == (action == mail::DsnAction::delayed ? '4' : '2');
}

mail::DsnAction action_of(const std::string& name) {
  using enum mail::DsnAction;
  for (auto action : {failed, delayed, delivered, relayed, expanded})
    if (mail::name_of(action) == name) return action;
  refuse("Invalid action: ", name);  // the model does not let it through
}

// "type; name" (RFC 3464 §2.1.2)
void check_mta(const std::string& mta, const char* text) {
  const bool named = mail::has_type(mta) && !mail::typed_value(mta).empty();
  if (!named || mta.size() > kMaxMta || !is_printable(mta)) refuse(text);
}

bool is_extension_name(const std::string& name) {
  const auto allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-'; };
  return name.size() > 2 && name.size() <= kMaxExtensionName && base::iequals(name.substr(0, 2), "X-") &&
         std::all_of(name.begin(), name.end(), allowed);
}

void check_extensions(const mail::DsnFields& extensions) {
  if (extensions.size() > kMaxExtensions) refuse(kExtensionCount);
  for (const auto& [name, value] : extensions) {
    if (!is_extension_name(name)) refuse(kExtensionName, name);
    if (base::trim(value).empty() || value.size() > kMaxValue || !is_printable(value))
      refuse(kExtensionValue, name);
  }
}

void apply_type(const std::string& type, mail::DsnRecipient& out) {
  for (const auto& facts : kTypes) {
    if (facts.type != type) continue;
    out.action = facts.action;
    out.status = facts.status;
    out.diagnostic = facts.diagnostic;
  }
}

// Given beside a type, these count.
void apply_fields(const RecipientFields& fields, mail::DsnRecipient& out) {
  out.action = action_of(fields.action);
  if (!is_status(fields.status) || !fits(out.action, fields.status[0])) refuse(kStatus, fields.status);
  if (out.status != fields.status) out.diagnostic.clear();  // the type's tells another
  out.status = fields.status;
  if (!fields.diagnostic.empty()) {
    // Not only ASCII: it is the reply of another server, most often.
    const bool tells = !base::trim(mail::typed_value(fields.diagnostic)).empty();
    if (!tells || fields.diagnostic.size() > kMaxValue || !mail::is_safe_value(fields.diagnostic))
      refuse(kDiagnostic);
    out.diagnostic = fields.diagnostic;
  }
  if (!fields.remote_mta.empty()) check_mta(fields.remote_mta, kRemoteMta);
  out.remote_mta = fields.remote_mta;
  out.last_attempt = fields.last_attempt;
  check_extensions(fields.extensions);
  out.extensions = fields.extensions;
}

mail::DsnRecipient recipient_of(const BouncedRecipient& given, const ses::ReceivedMail& original) {
  if (given.type.empty() && !given.fields) refuse(kNoReason, given.recipient);
  mail::DsnRecipient out;
  const auto recipient = bare(given.recipient);
  const bool named = given.fields && !given.fields->final_recipient.empty();
  out.final_recipient = named ? bare(given.fields->final_recipient) : recipient;
  // SES §23: either of the two.
  if (!received_by(original, recipient) && !received_by(original, out.final_recipient))
    reject(kOtherRecipient, given.recipient);
  apply_type(given.type, out);
  if (given.fields) apply_fields(*given.fields, out);
  return out;
}

}  // namespace

void check_bounceable(const std::optional<ses::ReceivedMail>& original, const std::string& id,
                      const ses::Scope& scope, base::WallTime now) {
  // One text, so that nobody learns what others received.
  const bool known = original && original->kind == ses::ReceivedKind::mail && original->scope == scope;
  if (!known || now - original->received > ses::kBounceable) reject(kNoMessage, id);
  if (original->sender.empty()) reject(kNullSender, id);  // RFC 5321 §4.5.5
}

void check_bounce_sender(const mail::Mailbox& sender, const ses::ReceivedMail& original) {
  const auto domain = mail::ascii_domain(sender.domain);
  const auto& all = original.recipients;
  const bool speaks = domain && std::any_of(all.begin(), all.end(), [&](const auto& recipient) {
                        const auto own = mail::ascii_domain(mail::domain_of(recipient));
                        return own && mail::is_at_or_below(*own, *domain);
                      });
  if (!speaks) reject(kOtherDomain, sender.addr());
}

void put_fields(const BounceFields& fields, const ses::ReceivedMail& original, mail::DsnMail& dsn) {
  if (fields.recipients.empty()) refuse(kNobody);
  if (fields.recipients.size() > kMaxRecipients) refuse(kTooMany);
  if (fields.explanation.size() > kMaxExplanation) refuse(kExplanation);
  dsn.explanation = fields.explanation;
  if (fields.message) {
    check_mta(fields.message->reporting_mta, kReportingMta);
    dsn.reporting_mta = fields.message->reporting_mta;
    if (fields.message->arrival) dsn.arrival = fields.message->arrival;
    check_extensions(fields.message->extensions);
    dsn.extensions = fields.message->extensions;
  }
  std::set<std::string> seen;
  for (const auto& given : fields.recipients) {
    auto recipient = recipient_of(given, original);
    if (!seen.insert(key_of(recipient.final_recipient)).second) refuse(kTwice, recipient.final_recipient);
    dsn.recipients.push_back(std::move(recipient));
  }
}

}  // namespace send

#include "send/bounce.h"

#include "mail/header.h"

namespace send {
namespace {

std::string message_id_in(const std::string& head) {
  const auto fields = mail::split_part(head);
  const auto* field = fields.find("Message-ID");
  auto id = field ? mail::unfold(field->raw_value) : std::string();
  return id.size() < 900 && id.starts_with('<') && id.ends_with('>') ? id : std::string();
}

// SES §23
std::string reporting_mta(const Service& service, const ses::Scope& scope) {
  return "dns; inbound-smtp." + scope.region.str() + "." + service.settings.service_domain;
}

// `from` is bare.
Submission submission_of(const Service& service, ses::Scope scope, std::string from,
                         const mail::DsnMail& dsn) {
  Submission s;
  s.door = Door::system;
  s.operation = "SendBounce";
  s.caller.scope = std::move(scope);
  s.caller.principal_name = "system";
  s.from = std::move(from);
  s.null_sender = true;
  s.signed_by_sender = true;
  s.destination = Destination{{dsn.to}, {}, {}};
  s.content = RawContent{mail::build_dsn(dsn, service.random)};
  return s;
}

}  // namespace

mail::DsnMail dsn_about(const Service& service, const ses::Scope& scope, const std::string& head,
                        base::WallTime received) {
  mail::DsnMail dsn;
  dsn.in_reply_to = message_id_in(head);
  dsn.reporting_mta = reporting_mta(service, scope);
  dsn.arrival = received;
  dsn.original = head;
  return dsn;
}

base::Task<ses::MessageId> bounce(Service& service, BounceRequest request) {
  auto dsn = dsn_about(service, request.scope, request.head, request.received);
  dsn.from = request.text.sender;
  dsn.to = request.to;
  dsn.explanation = request.text.explanation;
  for (auto& recipient : request.recipients) {
    mail::DsnRecipient r;
    r.final_recipient = std::move(recipient);
    r.action = request.text.delayed ? mail::DsnAction::delayed : mail::DsnAction::failed;
    r.status = request.text.status;
    r.diagnostic = request.text.diagnostic;
    dsn.recipients.push_back(std::move(r));
  }
  auto submission = submission_of(service, request.scope, request.text.sender, dsn);
  submission.in_transaction = std::move(request.in_transaction);
  auto submitting = submit(service, std::move(submission));
  co_return co_await submitting;
}

}  // namespace send

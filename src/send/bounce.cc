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

}  // namespace

std::string reporting_mta(const Service& service, const ses::Scope& scope) {
  return "dns; inbound-smtp." + scope.region.str() + "." + service.settings.service_domain;
}

namespace {

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

base::Task<ses::MessageId> bounce(Service& service, BounceRequest request) {
  mail::DsnMail dsn;
  dsn.from = request.text.sender;
  dsn.to = request.to;
  dsn.in_reply_to = message_id_in(request.head);
  dsn.explanation = request.text.explanation;
  dsn.reporting_mta = reporting_mta(service, request.scope);
  dsn.arrival = request.received;
  for (auto& recipient : request.recipients) {
    mail::DsnRecipient r;
    r.final_recipient = std::move(recipient);
    r.action = request.text.delayed ? mail::DsnAction::delayed : mail::DsnAction::failed;
    r.status = request.text.status;
    r.diagnostic = request.text.diagnostic;
    dsn.recipients.push_back(std::move(r));
  }
  dsn.original = request.head;
  auto submission = submission_of(service, request.scope, request.text.sender, dsn);
  submission.in_transaction = std::move(request.in_transaction);
  auto submitting = submit(service, std::move(submission));
  co_return co_await submitting;
}

}  // namespace send

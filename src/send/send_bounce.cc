#include "send/send_bounce.h"

#include "base/fault.h"
#include "send/authorize.h"
#include "send/bounce.h"
#include "send/senders.h"
#include "send/steps.h"

namespace send {
namespace {

using base::Fault;
using base::FaultKind;

Submission submission_of(const BounceCall& call) {
  Submission s;
  s.door = Door::v1;
  s.operation = "SendBounce";
  s.caller = call.caller;
  s.from = call.sender;
  s.null_sender = true;
  if (call.sender_arn && !call.sender_arn->empty()) s.source_arn = s.from_arn = call.sender_arn;
  return s;
}

// The account may send, and the sender is an address of a verified identity that the caller may use. Asked
// before the mail is looked for: who may not bounce does not learn what was received.
mail::Mailbox check_sender(const Service& service, const Submission& s) {
  check_account(service, s);
  auto box = mail::parse_mailbox(*s.from, service.settings.smtputf8);
  if (!box) throw Fault(FaultKind::invalid_parameter, box.error());
  Addresses addresses;
  addresses.from.push_back(*box);
  const auto senders = find_senders(service, s, addresses);
  authorize(service, s, addresses, senders, Effective{});
  return *box;
}

base::Task<std::optional<ses::ReceivedMail>> find_original(Service& service, std::string id) {
  auto* received = &service.received;
  auto look = [received, id](store::Db& db) { return received->find(db, id); };
  co_return co_await service.store.read_value(std::move(look));
}

}  // namespace

base::Task<ses::MessageId> send_bounce(Service& service, BounceCall call) {
  auto s = submission_of(call);
  std::optional<mail::Mailbox> sender;
  std::exception_ptr refused;
  try {
    sender = check_sender(service, s);
  } catch (...) {
    refused = std::current_exception();
  }
  if (refused) {
    auto refusing = rethrow_refusal(service, refused);
    co_await refusing;
  }
  for (const auto& arn : call.recipient_arns) check_identity_arn(s, arn);

  auto finding = find_original(service, call.original);
  const auto original = co_await finding;
  check_bounceable(original, call.original, call.caller.scope, service.clock.now());
  check_bounce_sender(*sender, *original);
  auto dsn = dsn_about(service, original->scope, original->head, original->received);
  dsn.from = call.sender;
  dsn.to = original->sender;
  put_fields(call.fields, *original, dsn);

  s.authorized = true;
  s.destination = Destination{{original->sender}, {}, {}};
  s.content = RawContent{mail::build_dsn(dsn, service.random)};
  auto submitting = submit(service, std::move(s));
  co_return co_await submitting;
}

}  // namespace send

// SendBounce (SES §23); v1 alone has it.
#include "api/operations.h"
#include "api/send_common.h"
#include "aws/registry.h"
#include "model/ses_tables.h"
#include "model/ses_types.h"
#include "send/send_bounce.h"

namespace api {
namespace {

using namespace aws::ses;

mail::DsnFields extensions_of(std::optional<std::vector<ExtensionField>>& fields) {
  mail::DsnFields out;
  if (fields)
    for (auto& field : *fields) out.emplace_back(take(field.name), take(field.value));
  return out;
}

send::RecipientFields fields_of(RecipientDsnFields& in) {
  return {take(in.final_recipient),          take(in.action),     take(in.status),
          take(in.diagnostic_code),          take(in.remote_mta), in.last_attempt_date,
          extensions_of(in.extension_fields)};
}

send::BounceFields fields_of(SendBounceRequest& in) {
  send::BounceFields out;
  out.explanation = take(in.explanation);
  if (auto& dsn = in.message_dsn)
    out.message = {take(dsn->reporting_mta), dsn->arrival_date, extensions_of(dsn->extension_fields)};
  for (auto& info : *in.bounced_recipient_info_list) {
    send::BouncedRecipient one{take(info.recipient), take(info.bounce_type), std::nullopt};
    if (info.recipient_dsn_fields) one.fields = fields_of(*info.recipient_dsn_fields);
    out.recipients.push_back(std::move(one));
  }
  return out;
}

base::Task<SendBounceResponse> send_bounce(Context& context, SendBounceRequest in) {
  send::BounceCall call;
  call.caller = context.caller;
  call.original = take(in.original_message_id);
  call.sender = take(in.bounce_sender);
  call.sender_arn = std::move(in.bounce_sender_arn);
  for (auto& info : *in.bounced_recipient_info_list)
    if (info.recipient_arn) call.recipient_arns.push_back(std::move(*info.recipient_arn));
  call.fields = fields_of(in);
  auto sending = send::send_bounce(context.service, std::move(call));
  const auto id = co_await sending;
  SendBounceResponse out;
  out.message_id = id.str();
  co_return out;
}

}  // namespace

void register_bounce_v1(aws::Registry<Context>& registry) {
  registry.register_operation(aws::Api::ses, "SendBounce", &send_bounce,
                              {.resources = {"identity"}, .in_handler = true});
}

}  // namespace api

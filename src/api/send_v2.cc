// SendEmail of SES v2, with Simple and Raw content (SES §6.2).
#include "api/operations.h"
#include "api/send_common.h"
#include "aws/registry.h"
#include "base/fault.h"
#include "model/sesv2_tables.h"
#include "model/sesv2_types.h"

namespace api {
namespace {

using namespace aws::sesv2;
using base::Fault;
using base::FaultKind;

mail::Attachment attachment_of(Attachment& a) {
  mail::Attachment out;
  out.bytes = std::move(a.raw_content->bytes);
  out.file_name = take(a.file_name);
  if (a.content_disposition == "INLINE") out.disposition = mail::Attachment::Disposition::inline_;
  out.content_id = take(a.content_id);
  out.description = take(a.content_description);
  out.content_type = take(a.content_type);
  using Encoding = mail::Attachment::Encoding;
  if (a.content_transfer_encoding == "BASE64") out.transfer_encoding = Encoding::base64;
  if (a.content_transfer_encoding == "QUOTED_PRINTABLE") out.transfer_encoding = Encoding::quoted_printable;
  if (a.content_transfer_encoding == "SEVEN_BIT") out.transfer_encoding = Encoding::seven_bit;
  return out;
}

mail::SimpleMail simple_content(Message& m) {
  if (!m.body || (!m.body->text && !m.body->html))
    throw Fault(FaultKind::invalid_parameter, "The message must have a text or an HTML body.");
  auto mail = simple_mail_of(m);
  if (m.headers)
    for (auto& header : *m.headers) mail.headers.emplace_back(take(header.name), take(header.value));
  if (m.attachments)
    for (auto& attachment : *m.attachments) mail.attachments.push_back(attachment_of(attachment));
  return mail;
}

// Exactly one kind of content; what is not built says so.
void check_shape(const SendEmailRequest& in) {
  const auto& c = *in.content;
  int kinds = (c.simple ? 1 : 0) + (c.raw ? 1 : 0) + (c.template_ ? 1 : 0);
  if (kinds != 1)
    throw Fault(FaultKind::invalid_parameter, "Content must hold exactly one of Simple, Raw and Template.");
  if (c.template_)
    throw Fault(FaultKind::not_built,
                "SendEmail with Template content is not built yet in this version of Sesame.");
  if (c.simple && (!in.from_email_address || in.from_email_address->empty()))
    throw Fault::without_message(FaultKind::invalid_parameter);
}

base::Task<SendEmailResponse> send_email(Context& context, SendEmailRequest in) {
  check_shape(in);
  send::Submission s;
  s.door = send::Door::v2;
  s.caller = context.caller;
  if (in.from_email_address && !in.from_email_address->empty()) s.from = std::move(in.from_email_address);
  s.return_path = std::move(in.feedback_forwarding_email_address);
  if (in.destination) s.destination = destination_of(in.destination);
  if (in.content->simple) {
    s.operation = "SendEmail";
    s.reply_to = take(in.reply_to_addresses);
    s.content = simple_content(*in.content->simple);
  } else {
    s.operation = "SendRawEmail";
    s.content = send::RawContent{std::move(in.content->raw->data->bytes)};
  }
  s.tags = tags_of(in.email_tags);
  s.configuration_set = std::move(in.configuration_set_name);
  s.source_arn = in.from_email_address_identity_arn;
  s.from_arn = std::move(in.from_email_address_identity_arn);
  s.return_path_arn = std::move(in.feedback_forwarding_email_address_identity_arn);
  s.tenant = std::move(in.tenant_name);
  if (in.list_management_options) {
    s.contact_list = std::move(in.list_management_options->contact_list_name);
    s.topic = std::move(in.list_management_options->topic_name);
  }
  auto id = co_await send::submit(context.service, std::move(s));
  SendEmailResponse out;
  out.message_id = id.str();
  co_return out;
}

}  // namespace

void register_send_v2(aws::Registry<Context>& registry) {
  registry.register_operation(
      aws::Api::sesv2, "SendEmail", &send_email,
      {.resources = {"identity", "configuration-set", "template"}, .in_handler = true});
}

}  // namespace api

// SendEmail and SendBulkEmail of SES v2 (SES §6.2).
#include "api/operations.h"
#include "api/send_common.h"
#include "api/templates_common.h"
#include "aws/registry.h"
#include "base/fault.h"
#include "model/sesv2_tables.h"
#include "model/sesv2_types.h"
#include "send/bulk.h"

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

ses::HeaderList headers_of(std::optional<std::vector<MessageHeader>>& headers) {
  ses::HeaderList out;
  if (headers)
    for (auto& header : *headers) out.emplace_back(take(header.name), take(header.value));
  return out;
}

mail::SimpleMail simple_content(Message& m) {
  if (!m.body || (!m.body->text && !m.body->html))
    throw Fault(FaultKind::invalid_parameter, "The message must have a text or an HTML body.");
  auto mail = simple_mail_of(m);
  mail.headers = headers_of(m.headers);
  if (m.attachments)
    for (auto& attachment : *m.attachments) mail.attachments.push_back(attachment_of(attachment));
  return mail;
}

// Which template, by its name, its ARN or as it stands here (SES §6.2), and what goes into it.
send::TemplateContent template_content(const Context& context, Template& t) {
  auto given = [](const std::optional<std::string>& text) { return text && !text->empty(); };
  int ways = given(t.template_name) + given(t.template_arn) + t.template_content.has_value();
  if (ways != 1)
    throw Fault(FaultKind::invalid_parameter,
                "Template must hold exactly one of TemplateName, TemplateArn and TemplateContent.");
  send::TemplateContent out;
  if (t.template_content) {
    auto& c = *t.template_content;
    if (!given(c.subject) || (!given(c.text) && !given(c.html)))
      throw Fault(FaultKind::invalid_parameter,
                  "TemplateContent must have a subject and a text or an HTML part.");
    out.source = {std::move(c.subject), std::move(c.text), std::move(c.html)};
  } else {
    out.name = given(t.template_name) ? *t.template_name
                                      : template_name_of_arn(context.caller.scope, *t.template_arn);
  }
  out.data = take(t.template_data);
  out.headers = headers_of(t.headers);
  if (t.attachments)
    for (auto& attachment : *t.attachments) out.attachments.push_back(attachment_of(attachment));
  return out;
}

std::optional<bool> enabled(const std::optional<std::string>& status) {
  return status ? std::optional(*status == "ENABLED") : std::nullopt;
}

ses::TrackingOverrides tracking_of(const std::optional<ConfigurationOverrides>& overrides) {
  if (!overrides || !overrides->tracking) return {};
  return {enabled(overrides->tracking->open_tracking_enabled),
          enabled(overrides->tracking->click_tracking_enabled)};
}

// Exactly one kind of content, and a sender where nothing else says who it is (SES §6.2).
void check_shape(const SendEmailRequest& in) {
  const auto& c = *in.content;
  int kinds = (c.simple ? 1 : 0) + (c.raw ? 1 : 0) + (c.template_ ? 1 : 0);
  if (kinds != 1)
    throw Fault(FaultKind::invalid_parameter, "Content must hold exactly one of Simple, Raw and Template.");
  if (c.template_ && (!in.from_email_address || in.from_email_address->empty()))
    throw Fault(FaultKind::invalid_parameter, "Source cannot be empty");
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
  } else if (in.content->template_) {
    s.operation = "SendEmail";
    s.reply_to = take(in.reply_to_addresses);
    s.content = template_content(context, *in.content->template_);
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
  s.endpoint = std::move(in.endpoint_id);
  s.tracking = tracking_of(in.configuration_overrides);
  if (in.list_management_options) {
    s.contact_list = std::move(in.list_management_options->contact_list_name);
    s.topic = std::move(in.list_management_options->topic_name);
  }
  auto id = co_await send::submit(context.service, std::move(s));
  SendEmailResponse out;
  out.message_id = id.str();
  co_return out;
}

send::BulkEntry entry_of(BulkEmailEntry& given) {
  send::BulkEntry entry;
  entry.destination = destination_of(given.destination);
  entry.tags = tags_of(given.replacement_tags);
  if (given.replacement_email_content && given.replacement_email_content->replacement_template)
    entry.data = std::move(given.replacement_email_content->replacement_template->replacement_template_data);
  entry.headers = headers_of(given.replacement_headers);
  return entry;
}

base::Task<SendBulkEmailResponse> send_bulk_email(Context& context, SendBulkEmailRequest in) {
  if (!in.default_content->template_)
    throw Fault(FaultKind::invalid_parameter, "DefaultContent must hold a Template.");
  if (!in.from_email_address || in.from_email_address->empty())
    throw Fault(FaultKind::invalid_parameter, "Source cannot be empty");
  send::Submission s;
  s.door = send::Door::v2;
  s.operation = "SendBulkEmail";
  s.caller = context.caller;
  s.from = std::move(in.from_email_address);
  s.return_path = std::move(in.feedback_forwarding_email_address);
  s.reply_to = take(in.reply_to_addresses);
  s.content = template_content(context, *in.default_content->template_);
  s.tags = tags_of(in.default_email_tags);
  s.configuration_set = std::move(in.configuration_set_name);
  s.source_arn = in.from_email_address_identity_arn;
  s.from_arn = std::move(in.from_email_address_identity_arn);
  s.return_path_arn = std::move(in.feedback_forwarding_email_address_identity_arn);
  s.tenant = std::move(in.tenant_name);
  s.endpoint = std::move(in.endpoint_id);
  s.tracking = tracking_of(in.configuration_overrides);
  std::vector<send::BulkEntry> entries;
  entries.reserve(in.bulk_email_entries->size());
  for (auto& given : *in.bulk_email_entries) entries.push_back(entry_of(given));
  auto results = co_await send::submit_bulk(context.service, std::move(s), std::move(entries));
  SendBulkEmailResponse out;
  out.bulk_email_entry_results.emplace();
  for (auto& result : results) {
    BulkEmailEntryResult shown;
    shown.status = std::string(v2_name(result.status));
    if (!result.error.empty()) shown.error = std::move(result.error);
    if (result.status == send::BulkStatus::success) shown.message_id = result.id.str();
    out.bulk_email_entry_results->push_back(std::move(shown));
  }
  co_return out;
}

}  // namespace

void register_send_v2(aws::Registry<Context>& registry) {
  registry.register_operation(
      aws::Api::sesv2, "SendEmail", &send_email,
      {.resources = {"identity", "configuration-set", "template"}, .in_handler = true});
  registry.register_operation(
      aws::Api::sesv2, "SendBulkEmail", &send_bulk_email,
      {.resources = {"identity", "configuration-set", "template"}, .in_handler = true});
}

}  // namespace api

// The sends of SES v1: simple, raw, templated and bulk (SES §6.1).
#include "api/operations.h"
#include "api/send_common.h"
#include "aws/registry.h"
#include "base/fault.h"
#include "model/ses_tables.h"
#include "model/ses_types.h"
#include "send/bulk.h"

namespace api {
namespace {

using namespace aws::ses;

base::Task<SendEmailResponse> send_email(Context& context, SendEmailRequest in) {
  send::Submission s;
  s.door = send::Door::v1;
  s.operation = "SendEmail";
  s.caller = context.caller;
  s.from = take(in.source);
  s.return_path = std::move(in.return_path);
  s.reply_to = take(in.reply_to_addresses);
  s.destination = destination_of(in.destination);
  s.content = simple_mail_of(*in.message);
  s.tags = tags_of(in.tags);
  s.configuration_set = std::move(in.configuration_set_name);
  s.source_arn = std::move(in.source_arn);
  s.return_path_arn = std::move(in.return_path_arn);
  auto id = co_await send::submit(context.service, std::move(s));
  SendEmailResponse out;
  out.message_id = id.str();
  co_return out;
}

base::Task<SendRawEmailResponse> send_raw_email(Context& context, SendRawEmailRequest in) {
  send::Submission s;
  s.door = send::Door::v1;
  s.operation = "SendRawEmail";
  s.caller = context.caller;
  if (in.source && !in.source->empty()) s.from = std::move(in.source);
  if (in.destinations && !in.destinations->empty()) {
    s.destination.emplace();
    s.destination->to = std::move(*in.destinations);
  }
  s.content = send::RawContent{std::move(in.raw_message->data->bytes)};
  s.tags = tags_of(in.tags);
  s.configuration_set = std::move(in.configuration_set_name);
  s.source_arn = std::move(in.source_arn);
  s.from_arn = std::move(in.from_arn);
  s.return_path_arn = std::move(in.return_path_arn);
  auto id = co_await send::submit(context.service, std::move(s));
  SendRawEmailResponse out;
  out.message_id = id.str();
  co_return out;
}

base::Task<SendTemplatedEmailResponse> send_templated_email(Context& context, SendTemplatedEmailRequest in) {
  send::Submission s;
  s.door = send::Door::v1;
  s.operation = "SendTemplatedEmail";
  s.caller = context.caller;
  s.from = take(in.source);
  s.return_path = std::move(in.return_path);
  s.reply_to = take(in.reply_to_addresses);
  s.destination = destination_of(in.destination);
  send::TemplateContent content;
  content.name = take(in.template_);
  content.data = take(in.template_data);
  s.content = std::move(content);
  s.tags = tags_of(in.tags);
  s.configuration_set = std::move(in.configuration_set_name);
  s.source_arn = std::move(in.source_arn);
  s.return_path_arn = std::move(in.return_path_arn);
  auto id = co_await send::submit(context.service, std::move(s));
  SendTemplatedEmailResponse out;
  out.message_id = id.str();
  co_return out;
}

base::Task<SendBulkTemplatedEmailResponse> send_bulk(Context& context, SendBulkTemplatedEmailRequest in) {
  send::Submission s;
  s.door = send::Door::v1;
  s.operation = "SendBulkTemplatedEmail";
  s.caller = context.caller;
  s.from = take(in.source);
  s.return_path = std::move(in.return_path);
  s.reply_to = take(in.reply_to_addresses);
  send::TemplateContent content;
  content.name = take(in.template_);
  content.data = take(in.default_template_data);
  s.content = std::move(content);
  s.tags = tags_of(in.default_tags);
  s.configuration_set = std::move(in.configuration_set_name);
  s.source_arn = std::move(in.source_arn);
  s.return_path_arn = std::move(in.return_path_arn);
  std::vector<send::BulkEntry> entries;
  for (auto& given : *in.destinations) {
    send::BulkEntry entry;
    entry.destination = destination_of(given.destination);
    entry.tags = tags_of(given.replacement_tags);
    entry.data = std::move(given.replacement_template_data);
    entries.push_back(std::move(entry));
  }
  auto results = co_await send::submit_bulk(context.service, std::move(s), std::move(entries));
  SendBulkTemplatedEmailResponse out;
  out.status.emplace();
  for (auto& result : results) {
    BulkEmailDestinationStatus shown;
    shown.status = std::string(v1_name(result.status));
    if (!result.error.empty()) shown.error = std::move(result.error);
    if (result.status == send::BulkStatus::success) shown.message_id = result.id.str();
    out.status->push_back(std::move(shown));
  }
  co_return out;
}

}  // namespace

void register_send_v1(aws::Registry<Context>& registry) {
  registry.register_operation(aws::Api::ses, "SendEmail", &send_email,
                              {.resources = {"identity", "configuration-set"}, .in_handler = true});
  registry.register_operation(aws::Api::ses, "SendRawEmail", &send_raw_email,
                              {.resources = {"identity", "configuration-set"}, .in_handler = true});
  const aws::Access templated{.resources = {"identity", "configuration-set", "template"}, .in_handler = true};
  registry.register_operation(aws::Api::ses, "SendTemplatedEmail", &send_templated_email, templated);
  registry.register_operation(aws::Api::ses, "SendBulkTemplatedEmail", &send_bulk, templated);
}

}  // namespace api

// Custom verification mail in SES v2 (SES §14, §25.2).
#include "api/custom_verification_common.h"
#include "api/operations.h"
#include "model/sesv2_tables.h"
#include "model/sesv2_types.h"

namespace api {
namespace {

using namespace aws::sesv2;

base::Task<CreateCustomVerificationEmailTemplateResponse> create(
    Context& context, CreateCustomVerificationEmailTemplateRequest in) {
  ses::CustomVerification made;
  made.name = std::move(*in.template_name);
  made.from = std::move(*in.from_email_address);
  made.subject = std::move(*in.template_subject);
  made.content = std::move(*in.template_content);
  made.success_url = std::move(*in.success_redirection_url);
  made.failure_url = std::move(*in.failure_redirection_url);
  if (in.tags)
    for (auto& tag : *in.tags) made.tags.push_back({std::move(*tag.key), std::move(*tag.value)});
  co_await context.service.custom_verifications.create(context.caller, std::move(made));
  co_return CreateCustomVerificationEmailTemplateResponse{};
}

base::Task<GetCustomVerificationEmailTemplateResponse> get(Context& context,
                                                           GetCustomVerificationEmailTemplateRequest in) {
  auto made = co_await context.service.custom_verifications.find(context.caller.scope, *in.template_name);
  if (!made) ses::no_such_custom_verification(*in.template_name);
  GetCustomVerificationEmailTemplateResponse out;
  out.template_name = made->name;
  out.from_email_address = made->from;
  out.template_subject = made->subject;
  out.template_content = made->content;
  out.success_redirection_url = made->success_url;
  out.failure_redirection_url = made->failure_url;
  out.tags.emplace();
  for (const auto& tag : made->tags) {
    Tag shown;
    shown.key = tag.name;
    shown.value = tag.value;
    out.tags->push_back(std::move(shown));
  }
  co_return out;
}

base::Task<ListCustomVerificationEmailTemplatesResponse> list(
    Context& context, ListCustomVerificationEmailTemplatesRequest in) {
  auto size = in.page_size.value_or(50);
  if (size < 1 || size > 50)
    throw base::Fault(base::FaultKind::invalid_parameter, "The page size must be between 1 and 50");
  auto page = co_await custom_verification_page(context, in.next_token, static_cast<std::size_t>(size));
  ListCustomVerificationEmailTemplatesResponse out;
  out.custom_verification_email_templates.emplace();
  for (auto& made : page.items) {
    CustomVerificationEmailTemplateMetadata one;
    one.template_name = made.name;
    one.from_email_address = made.from;
    one.template_subject = made.subject;
    one.success_redirection_url = made.success_url;
    one.failure_redirection_url = made.failure_url;
    out.custom_verification_email_templates->push_back(std::move(one));
  }
  out.next_token = std::move(page.next);
  co_return out;
}

base::Task<UpdateCustomVerificationEmailTemplateResponse> update(
    Context& context, UpdateCustomVerificationEmailTemplateRequest in) {
  ses::CustomVerifications::Change change;
  change.name = std::move(*in.template_name);
  change.from = std::move(in.from_email_address);
  change.subject = std::move(in.template_subject);
  change.content = std::move(in.template_content);
  change.success_url = std::move(in.success_redirection_url);
  change.failure_url = std::move(in.failure_redirection_url);
  co_await context.service.custom_verifications.update(context.caller, std::move(change));
  co_return UpdateCustomVerificationEmailTemplateResponse{};
}

base::Task<DeleteCustomVerificationEmailTemplateResponse> remove(
    Context& context, DeleteCustomVerificationEmailTemplateRequest in) {
  bool was_there = co_await context.service.custom_verifications.remove(context.caller, *in.template_name);
  if (!was_there) ses::no_such_custom_verification(*in.template_name);
  co_return DeleteCustomVerificationEmailTemplateResponse{};
}

base::Task<SendCustomVerificationEmailResponse> send_mail(Context& context,
                                                          SendCustomVerificationEmailRequest in) {
  send::CustomVerificationRequest request;
  request.address = std::move(*in.email_address);
  request.template_name = std::move(*in.template_name);
  request.configuration_set = std::move(in.configuration_set_name);
  auto id = co_await send::send_custom_verification(context.service, context.caller, std::move(request));
  SendCustomVerificationEmailResponse out;
  out.message_id = id.str();
  co_return out;
}

}  // namespace

void register_custom_verification_v2(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::sesv2;
  const aws::Access kind{.resources = {"custom-verification-email-template"}};
  registry.register_operation(api, "CreateCustomVerificationEmailTemplate", &create, kind);
  registry.register_operation(api, "GetCustomVerificationEmailTemplate", &get, kind);
  registry.register_operation(api, "ListCustomVerificationEmailTemplates", &list);
  registry.register_operation(api, "UpdateCustomVerificationEmailTemplate", &update, kind);
  registry.register_operation(api, "DeleteCustomVerificationEmailTemplate", &remove, kind);
  registry.register_operation(api, "SendCustomVerificationEmail", &send_mail, kind);
}

}  // namespace api

// Custom verification mail in SES v1 (SES §14, §25.2).
#include "api/custom_verification_common.h"
#include "api/operations.h"
#include "model/ses_tables.h"
#include "model/ses_types.h"

namespace api {
namespace {

using namespace aws::ses;

base::Task<CreateCustomVerificationEmailTemplateResponse> create(
    Context& context, CreateCustomVerificationEmailTemplateRequest in) {
  ses::CustomVerification made;
  made.name = std::move(*in.template_name);
  made.from = std::move(*in.from_email_address);
  made.subject = std::move(*in.template_subject);
  made.content = std::move(*in.template_content);
  made.success_url = std::move(*in.success_redirection_url);
  made.failure_url = std::move(*in.failure_redirection_url);
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
  co_return out;
}

base::Task<ListCustomVerificationEmailTemplatesResponse> list(
    Context& context, ListCustomVerificationEmailTemplatesRequest in) {
  // SES §25.2: v1 serves 50 where another size is asked for.
  auto size = in.max_results && *in.max_results >= 1 && *in.max_results <= 50 ? *in.max_results : 50;
  auto page = co_await custom_verification_page(context, in.next_token, static_cast<std::size_t>(size));
  ListCustomVerificationEmailTemplatesResponse out;
  out.custom_verification_email_templates.emplace();
  for (auto& made : page.items) {
    CustomVerificationEmailTemplate one;
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

// SES §14: v1 does not mind a template that is not there (?).
base::Task<DeleteCustomVerificationEmailTemplateResponse> remove(
    Context& context, DeleteCustomVerificationEmailTemplateRequest in) {
  co_await context.service.custom_verifications.remove(context.caller, std::move(*in.template_name));
  co_return DeleteCustomVerificationEmailTemplateResponse{};
}

base::Task<SendCustomVerificationEmailResponse> send_mail(Context& context,
                                                          SendCustomVerificationEmailRequest in) {
  send::CustomVerificationRequest request;
  request.address = std::move(*in.email_address);
  request.template_name = std::move(*in.template_name);
  request.configuration_set = std::move(in.configuration_set_name);
  request.v1 = true;
  auto id = co_await send::send_custom_verification(context.service, context.caller, std::move(request));
  SendCustomVerificationEmailResponse out;
  out.message_id = id.str();
  co_return out;
}

}  // namespace

void register_custom_verification_v1(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::ses;
  registry.register_operation(api, "CreateCustomVerificationEmailTemplate", &create);
  registry.register_operation(api, "GetCustomVerificationEmailTemplate", &get);
  registry.register_operation(api, "ListCustomVerificationEmailTemplates", &list);
  registry.register_operation(api, "UpdateCustomVerificationEmailTemplate", &update);
  registry.register_operation(api, "DeleteCustomVerificationEmailTemplate", &remove);
  registry.register_operation(api, "SendCustomVerificationEmail", &send_mail,
                              {.resources = {"identity"}, .in_handler = true});
}

}  // namespace api

// E-mail templates in SES v2 (SES §13).
#include "api/operations.h"
#include "api/send_common.h"
#include "api/templates_common.h"
#include "base/fault.h"
#include "model/sesv2_tables.h"
#include "model/sesv2_types.h"

namespace api {
namespace {

using namespace aws::sesv2;
using base::Fault;
using base::FaultKind;

ses::TemplateSource source_of(EmailTemplateContent& c) {
  return {std::move(c.subject), std::move(c.text), std::move(c.html)};
}

base::Task<CreateEmailTemplateResponse> create_template(Context& context, CreateEmailTemplateRequest in) {
  std::vector<ses::Tag> tags;
  if (in.tags)
    for (auto& tag : *in.tags) tags.push_back({take(tag.key), take(tag.value)});
  auto source = source_of(*in.template_content);
  co_await context.service.templates.create(context.caller, std::move(*in.template_name), std::move(source),
                                            std::move(tags));
  co_return CreateEmailTemplateResponse{};
}

base::Task<UpdateEmailTemplateResponse> update_template(Context& context, UpdateEmailTemplateRequest in) {
  auto source = source_of(*in.template_content);
  co_await context.service.templates.update(context.caller, std::move(*in.template_name), std::move(source));
  co_return UpdateEmailTemplateResponse{};
}

base::Task<GetEmailTemplateResponse> get_template(Context& context, GetEmailTemplateRequest in) {
  auto found = co_await context.service.templates.find(context.caller.scope, *in.template_name);
  if (!found) throw ses::template_missing(*in.template_name);
  GetEmailTemplateResponse out;
  out.template_name = found->name;
  out.template_content.emplace();
  out.template_content->subject = found->current->source.subject;
  out.template_content->text = found->current->source.text;
  out.template_content->html = found->current->source.html;
  out.tags.emplace();
  for (auto& tag : found->tags) {
    Tag shown;
    shown.key = std::move(tag.name);
    shown.value = std::move(tag.value);
    out.tags->push_back(std::move(shown));
  }
  co_return out;
}

base::Task<DeleteEmailTemplateResponse> delete_template(Context& context, DeleteEmailTemplateRequest in) {
  bool was_there = co_await context.service.templates.remove(context.caller, *in.template_name);
  if (!was_there) throw ses::template_missing(*in.template_name);
  co_return DeleteEmailTemplateResponse{};
}

base::Task<ListEmailTemplatesResponse> list_templates(Context& context, ListEmailTemplatesRequest in) {
  auto size = in.page_size.value_or(10);
  if (size < 1 || size > 100)
    throw Fault(FaultKind::invalid_parameter, "The page size must be between 1 and 100");
  auto page = co_await template_page(context, std::move(in.next_token), static_cast<std::size_t>(size));
  ListEmailTemplatesResponse out;
  out.templates_metadata.emplace();
  for (auto& item : page.items) {
    EmailTemplateMetadata shown;
    shown.template_name = std::move(item.name);
    shown.created_timestamp = item.created;
    out.templates_metadata->push_back(std::move(shown));
  }
  out.next_token = std::move(page.next);
  co_return out;
}

base::Task<TestRenderEmailTemplateResponse> test_render_template(Context& context,
                                                                 TestRenderEmailTemplateRequest in) {
  Fault bad_data(FaultKind::invalid_parameter, "Template rendering data is invalid");
  auto made = co_await test_rendering(context, std::move(*in.template_name), std::move(*in.template_data),
                                      std::move(bad_data));
  if (made.failure) throw Fault(FaultKind::invalid_parameter, made.failure->message);
  TestRenderEmailTemplateResponse out;
  out.rendered_template = std::move(made.message);
  co_return out;
}

}  // namespace

void register_templates_v2(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::sesv2;
  const aws::Access access{.resources = {"template"}};
  registry.register_operation(api, "CreateEmailTemplate", &create_template, access);
  registry.register_operation(api, "UpdateEmailTemplate", &update_template, access);
  registry.register_operation(api, "GetEmailTemplate", &get_template, access);
  registry.register_operation(api, "DeleteEmailTemplate", &delete_template, access);
  registry.register_operation(api, "ListEmailTemplates", &list_templates);
  registry.register_operation(api, "TestRenderEmailTemplate", &test_render_template, access);
}

}  // namespace api

// E-mail templates in SES v1 (SES §13).
#include "api/operations.h"
#include "api/send_common.h"
#include "api/templates_common.h"
#include "base/fault.h"
#include "model/ses_tables.h"
#include "model/ses_types.h"

namespace api {
namespace {

using namespace aws::ses;
using base::Fault;
using base::FaultKind;

ses::TemplateSource source_of(Template& t) {
  return {std::move(t.subject_part), std::move(t.text_part), std::move(t.html_part)};
}

base::Task<CreateTemplateResponse> create_template(Context& context, CreateTemplateRequest in) {
  auto& given = *in.template_;
  auto source = source_of(given);
  co_await context.service.templates.create(context.caller, take(given.template_name), std::move(source), {});
  co_return CreateTemplateResponse{};
}

base::Task<UpdateTemplateResponse> update_template(Context& context, UpdateTemplateRequest in) {
  auto& given = *in.template_;
  auto source = source_of(given);
  co_await context.service.templates.update(context.caller, take(given.template_name), std::move(source));
  co_return UpdateTemplateResponse{};
}

base::Task<GetTemplateResponse> get_template(Context& context, GetTemplateRequest in) {
  auto found = co_await context.service.templates.current(context.caller.scope, *in.template_name);
  if (!found) throw ses::template_missing(*in.template_name);
  GetTemplateResponse out;
  out.template_.emplace();
  out.template_->template_name = found->name;
  out.template_->subject_part = found->source.subject;
  out.template_->text_part = found->source.text;
  out.template_->html_part = found->source.html;
  co_return out;
}

// SES §13: no fault if there is none.
base::Task<DeleteTemplateResponse> delete_template(Context& context, DeleteTemplateRequest in) {
  co_await context.service.templates.remove(context.caller, *in.template_name);
  co_return DeleteTemplateResponse{};
}

base::Task<ListTemplatesResponse> list_templates(Context& context, ListTemplatesRequest in) {
  auto size = in.max_items.value_or(10);
  if (size < 1 || size > 100) size = 100;  // SES §25.2
  auto page = co_await template_page(context, std::move(in.next_token), static_cast<std::size_t>(size));
  ListTemplatesResponse out;
  out.templates_metadata.emplace();
  for (auto& item : page.items) {
    TemplateMetadata shown;
    shown.name = std::move(item.name);
    shown.created_timestamp = item.created;
    out.templates_metadata->push_back(std::move(shown));
  }
  out.next_token = std::move(page.next);
  co_return out;
}

base::Task<TestRenderTemplateResponse> test_render_template(Context& context, TestRenderTemplateRequest in) {
  auto name = *in.template_name;
  auto bad_data = Fault::with_code(FaultKind::invalid_parameter, "InvalidRenderingParameter",
                                   "Template rendering data is invalid")
                      .with("TemplateName", name);
  auto made = co_await test_rendering(context, name, std::move(*in.template_data), std::move(bad_data));
  if (made.failure)
    throw Fault::with_code(
        FaultKind::invalid_parameter,
        made.failure->missing_attribute ? "MissingRenderingAttribute" : "InvalidRenderingParameter",
        made.failure->message)
        .with("TemplateName", name);
  TestRenderTemplateResponse out;
  out.rendered_template = std::move(made.message);
  co_return out;
}

}  // namespace

void register_templates_v1(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::ses;
  registry.register_operation(api, "CreateTemplate", &create_template);
  registry.register_operation(api, "UpdateTemplate", &update_template);
  registry.register_operation(api, "GetTemplate", &get_template);
  registry.register_operation(api, "DeleteTemplate", &delete_template);
  registry.register_operation(api, "ListTemplates", &list_templates);
  registry.register_operation(api, "TestRenderTemplate", &test_render_template);
}

}  // namespace api

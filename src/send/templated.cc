// Templated content in a send (SES §6.1, §13): checked at the call, stored as a recipe, made into a mail when
// it leaves (ARCHITECTURE 3.9).
#include "base/fault.h"
#include "base/limits.h"
#include "compose/render.h"
#include "mail/tags.h"
#include "send/steps.h"

namespace send {
namespace {

using base::Fault;
using base::FaultKind;

std::string tag_value(const std::vector<ses::Tag>& tags, std::string_view name) {
  for (const auto& tag : tags)
    if (tag.name == name) return tag.value;
  return {};
}

// SES §6.1; without any text there is nothing to fill in.
void check_data(const std::string& data) {
  if (!data.empty() && !mail::TemplateData::parse(data))
    throw Fault(FaultKind::invalid_parameter, "The template data is invalid");
}

// What could not be built whatever the template says is refused now: file names, header names and values.
void check_buildable(const Service& service, const TemplateContent& content) {
  if (content.headers.empty() && content.own_headers.empty() && content.attachments.empty()) return;
  mail::SimpleMail trial;
  trial.headers = ses::merged_headers(content.headers, content.own_headers);
  for (const auto& given : content.attachments) {
    auto& attachment = trial.attachments.emplace_back();
    attachment.file_name = given.file_name;  // its octets can always be put into a mail
    attachment.content_type = given.content_type;
    attachment.content_id = given.content_id;
  }
  auto built = mail::build(trial, service.random, service.clock.now());
  if (!built) throw Fault(FaultKind::invalid_parameter, built.error());
}

std::shared_ptr<const std::string> pack_recipe(const Submission& s, const TemplateContent& content,
                                               std::vector<mail::Attachment> attachments) {
  ses::Recipe r;
  r.version = content.found->id;
  r.template_name = content.name;
  if (r.version == 0) r.source = content.source;
  r.from = s.from.value_or("");
  r.reply_to = s.reply_to;
  r.headers = content.headers;
  r.attachments = std::move(attachments);
  r.data = content.data;
  r.size_limit = s.door == Door::v1 ? base::limits::kMessageBytesV1 : base::limits::kMessageBytesV2;
  return std::make_shared<const std::string>(ses::pack(r));
}

ses::RecipeOwn own_of(const Submission& s, TemplateContent& content, const Prepared& p) {
  ses::RecipeOwn own;
  if (s.destination) {
    own.to = s.destination->to;
    own.cc = s.destination->cc;
  }
  own.data = std::move(content.own_data);
  own.headers = std::move(content.own_headers);
  if (p.list) {
    own.remove = p.list->remove;
    own.add = p.list->add;
    own.unsubscribe_link = p.list->link;
  }
  own.feedback_a = tag_value(s.tags, mail::kFeedbackTagA);
  own.feedback_b = tag_value(s.tags, mail::kFeedbackTagB);
  return own;
}

}  // namespace

base::Task<void> find_template(Service& service, Submission& s) {
  auto* content = std::get_if<TemplateContent>(&s.content);
  if (!content || content->name.empty()) co_return;
  auto found = co_await service.templates.current(s.caller.scope, content->name);
  content->found = std::move(found);
}

void check_template(const Service& service, Submission& s) {
  auto& content = std::get<TemplateContent>(s.content);
  if (content.recipe) {  // an entry of a call whose template was checked
    check_data(content.own_data);
    if (!content.own_headers.empty()) check_buildable(service, content);
    return;
  }
  if (content.name.empty())
    content.found = ses::parse_template(0, {}, content.source, mail::TemplateDialect::simple);
  else if (!content.found)
    throw ses::template_missing(content.name);
  if (content.data.empty() && s.operation == "SendTemplatedEmail")
    throw Fault(FaultKind::invalid_parameter, "The template data is invalid");
  check_data(content.data);
  check_buildable(service, content);
}

mail::MessageFacts template_facts(const Submission& s) {
  mail::MessageFacts facts;
  facts.headers.emplace_back("From", mail::header_address(s.from.value_or("")));
  std::string to;
  if (s.destination)
    for (const auto& address : s.destination->to)
      to += (to.empty() ? "" : ", ") + mail::header_address(address);
  if (!to.empty()) facts.headers.emplace_back("To", std::move(to));
  facts.headers.emplace_back("MIME-Version", "1.0");
  return facts;
}

std::shared_ptr<const std::string> recipe_of(const Submission& s) {
  const auto& content = std::get<TemplateContent>(s.content);
  return pack_recipe(s, content, content.attachments);
}

void fill_recipe(const Service& service, Submission& s, Prepared& p) {
  auto& content = std::get<TemplateContent>(s.content);
  p.mail.flags |= ses::kTemplated;
  p.meta.templated = true;
  p.mail.content = content.recipe ? content.recipe : pack_recipe(s, content, std::move(content.attachments));
  auto own = own_of(s, content, p);
  p.mail.own = std::make_shared<const std::string>(ses::pack(own));
  p.mail.size = p.mail.content->size() + p.mail.own->size();
  if (!service.settings.strict_templates || content.not_rendered) return;

  auto recipe = ses::unpack_recipe(*p.mail.content);
  compose::RenderJob job{
      service.settings, service.identities.link_secret(), p.mail, *content.found, recipe, own};
  auto made = compose::render(job);
  if (made || made.error().bad_content) return;  // bad content is not the call's fault (SES §21)
  if (made.error().missing_attribute)
    throw Fault::with_code(FaultKind::invalid_parameter, "MissingRenderingAttribute", made.error().message)
        .with("TemplateName", content.name);
  throw Fault(FaultKind::invalid_parameter, made.error().message);
}

}  // namespace send

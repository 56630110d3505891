#include "api/templates_common.h"

#include <charconv>

#include "base/fault.h"
#include "mail/message_id.h"

namespace api {

using base::Fault;
using base::FaultKind;

base::Task<Page<ses::TemplateItem>> template_page(Context& context, std::optional<std::string> token,
                                                  std::size_t size) {
  PageKey key{context.service.identities.link_secret(), "templates", context.caller.scope, {}};
  std::optional<std::int64_t> before;
  if (token && !token->empty()) {
    auto after = read_page_token(key, *token);
    std::int64_t number = 0;
    if (!after || std::from_chars(after->data(), after->data() + after->size(), number).ec != std::errc())
      throw Fault(FaultKind::invalid_parameter, "Invalid PageToken <" + *token + ">.");
    before = number;
  }
  Page<ses::TemplateItem> page;
  page.items = co_await context.service.templates.list(context.caller.scope, before, size + 1);
  if (page.items.size() > size) {
    page.items.resize(size);
    page.next = make_page_token(key, std::to_string(page.items.back().number));
  }
  co_return page;
}

base::Task<TestRendering> test_rendering(Context& context, std::string name, std::string data,
                                         base::Fault data_fault) {
  auto& service = context.service;
  auto found = co_await service.templates.current(context.caller.scope, name);
  if (!found) throw ses::template_missing(name);
  auto parsed = mail::TemplateData::parse(data);
  if (!parsed) throw data_fault;
  TestRendering out;
  auto parts = compose::render_parts(*found, *parsed);
  if (!parts) {
    out.failure = parts.error();
    co_return out;
  }
  ses::Mail mail;
  mail.scope = context.caller.scope;
  mail.accepted = service.clock.now();
  mail.id = ses::MessageId(mail::make_message_id(mail.scope.region.str(), mail.accepted, service.random));
  out.message = compose::test_message(*parts, service.settings, mail);
  co_return out;
}

std::string template_name_of_arn(const ses::Scope& scope, const std::string& arn) {
  auto at = arn.find(":template/");
  if (!arn.starts_with("arn:") || at == std::string::npos)
    throw Fault(FaultKind::invalid_parameter, "Invalid ARN: " + arn);
  auto name = arn.substr(at + 10);
  // Of another region or account: it is not here, whatever has its name.
  auto own = ":ses:" + scope.region.str() + ":" + scope.account.str();
  if (!arn.substr(0, at).ends_with(own)) throw ses::template_missing(name);
  return name;
}

}  // namespace api

// What the template operations of v1 and v2 share: pages, test renderings, references to a template.
#pragma once

#include <optional>
#include <string>

#include "api/context.h"
#include "api/paging.h"
#include "compose/render.h"

namespace api {

// SES §25.2: newest first; the kind of resource is one for both APIs.
base::Task<Page<ses::TemplateItem>> template_page(Context& context, std::optional<std::string> token,
                                                  std::size_t size);

struct TestRendering {
  std::string message;
  std::optional<compose::RenderFailure> failure;
};
// Throws Fault if there is no such template, or `data_fault` if the data is no JSON object.
base::Task<TestRendering> test_rendering(Context& context, std::string name, std::string data,
                                         base::Fault data_fault);

// NAME of arn:aws:ses:REGION:ACCOUNT:template/NAME; throws Fault for anything else.
std::string template_name_of_arn(const ses::Scope& scope, const std::string& arn);

}  // namespace api

#include "api/configuration_sets_common.h"

#include <array>

#include "base/encoding.h"

namespace api {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 3> kSources = {
    {{"messageTag", "MESSAGE_TAG"}, {"emailHeader", "EMAIL_HEADER"}, {"linkTag", "LINK_TAG"}}};

}  // namespace

std::optional<Page<ses::ConfigurationSetPtr>> configuration_set_page(Context& context,
                                                                     const SetPageRequest& request) {
  auto part = base::ascii_lower(request.name_contains.value_or(""));
  PageKey key{context.service.identities.link_secret(), "configuration-sets", context.caller.scope, part};
  std::optional<std::string> after;
  if (request.token && !request.token->empty()) {
    after = read_page_token(key, *request.token);
    if (!after) return std::nullopt;
  }
  auto sets = context.service.configuration_sets.all(context.caller.scope);
  std::erase_if(sets, [&](const ses::ConfigurationSetPtr& set) {
    return base::ascii_lower(set->name).find(part) == std::string::npos;
  });
  return cut_page(sets, key, after, request.size,
                  [](const ses::ConfigurationSetPtr& set) -> const std::string& { return set->name; });
}

base::Task<std::optional<std::vector<ses::Tag>>> configuration_set_tags(Context& context, std::string name) {
  co_return context.service.configuration_sets.tags(context.caller.scope, name);
}

base::Task<bool> edit_configuration_set_tags(Context& context, std::string name,
                                             std::function<void(std::vector<ses::Tag>&)> edit) {
  co_return co_await context.service.configuration_sets.edit_tags(context.caller, std::move(name),
                                                                  std::move(edit));
}

std::string v1_dimension_source(const std::string& source) {
  for (const auto& [v1, v2] : kSources)
    if (source == v2) return v1;
  return source;
}

std::string v2_dimension_source(const std::string& source) {
  for (const auto& [v1, v2] : kSources)
    if (source == v1) return v2;
  return source;
}

}  // namespace api

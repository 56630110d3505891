// TagResource, UntagResource, ListTagsForResource (SES §25.3): the ARN says which noun is asked.
#include <algorithm>
#include <array>

#include "api/configuration_sets_common.h"
#include "api/operations.h"
#include "api/taggable.h"
#include "base/encoding.h"
#include "base/fault.h"
#include "model/sesv2_tables.h"
#include "model/sesv2_types.h"

namespace api {
namespace {

using namespace aws::sesv2;
using base::Fault;
using base::FaultKind;

[[noreturn]] void refuse(std::string text) { throw Fault(FaultKind::invalid_parameter, std::move(text)); }

// Kinds without functions bear tags in SES; their nouns do not keep any here yet.
constexpr Taggable kKinds[] = {
    {"identity", "EmailIdentity", &identity_tags, &edit_identity_tags},
    {"configuration-set", "ConfigurationSet", &configuration_set_tags, &edit_configuration_set_tags},
    {"template", "Template", &template_tags, &edit_template_tags},
    {"contact-list", "ContactList", &contact_list_tags, &edit_contact_list_tags},
    {"custom-verification-email-template", "CustomVerificationEmailTemplate", &custom_verification_tags,
     &edit_custom_verification_tags},
    {"dedicated-ip-pool", ""},
    {"tenant", ""},
    {"deliverability-test-report", ""},
    {"multi-region-endpoint", ""},
};

struct Target {
  const Taggable* kind = nullptr;
  std::string name, region, account;
};

// arn:aws:ses:REGION:ACCOUNT:KIND/NAME
Target parse_target(const std::string& arn) {
  constexpr std::size_t kParts = 6;
  auto parts = base::split(arn, ':');
  if (parts.size() < kParts || parts[0] != "arn" || !parts[1].starts_with("aws") || parts[2] != "ses")
    refuse("Invalid ARN: " + arn);
  auto resource = std::string_view(arn).substr(static_cast<std::size_t>(parts[5].data() - arn.data()));
  auto slash = resource.find('/');
  if (slash == std::string_view::npos || slash + 1 == resource.size() || parts[3].empty() || parts[4].empty())
    refuse("Invalid ARN: " + arn);
  auto* end = std::end(kKinds);
  auto* kind = std::find_if(std::begin(kKinds), end,
                            [&](const Taggable& k) { return k.kind == resource.substr(0, slash); });
  if (kind == end) refuse("Invalid ARN: " + arn);
  return {kind, std::string(resource.substr(slash + 1)), std::string(parts[3]), std::string(parts[4])};
}

// SES §25.3: another account is said first.
Target require_own(Context& context, const std::string& arn) {
  auto target = parse_target(arn);
  if (target.account != context.caller.scope.account.str())
    refuse("Operations on a resource created in a different account is not allowed");
  return target;
}

void require_built(const Taggable& kind) {
  if (!kind.list)
    throw Fault(FaultKind::not_built, "Tags of " + std::string(kind.kind) + " resources are not built yet.");
}

[[noreturn]] void missing(const Target& target) {
  throw Fault(FaultKind::not_found,
              "No " + std::string(target.kind->noun) + " present with name: " + target.name);
}

base::Task<TagResourceResponse> tag_resource(Context& context, TagResourceRequest in) {
  auto target = require_own(context, *in.resource_arn);
  if (target.region != context.caller.scope.region.str()) refuse("Failed to tag resource");
  require_built(*target.kind);
  std::vector<ses::Tag> tags;
  for (auto& tag : *in.tags) tags.push_back({std::move(*tag.key), std::move(*tag.value)});
  auto edit = ses::add_tags(std::move(tags));
  bool there = co_await target.kind->edit(context, target.name, std::move(edit));
  if (!there) missing(target);
  co_return TagResourceResponse{};
}

base::Task<UntagResourceResponse> untag_resource(Context& context, UntagResourceRequest in) {
  if (!in.tag_keys || in.tag_keys->empty())
    throw Fault::with_code(FaultKind::modelled, "ValidationException", "");
  auto target = require_own(context, *in.resource_arn);
  if (target.region != context.caller.scope.region.str()) refuse("Failed to untag resource");
  require_built(*target.kind);
  auto edit = ses::remove_tags(std::move(*in.tag_keys));
  bool there = co_await target.kind->edit(context, target.name, std::move(edit));
  if (!there) missing(target);
  co_return UntagResourceResponse{};
}

base::Task<ListTagsForResourceResponse> list_tags_for_resource(Context& context,
                                                               ListTagsForResourceRequest in) {
  auto target = require_own(context, *in.resource_arn);
  require_built(*target.kind);
  // SES §25.3: looked for in the endpoint's region, whatever the ARN says; but then without tags.
  auto found = co_await target.kind->list(context, target.name);
  if (!found) missing(target);
  ListTagsForResourceResponse out;
  out.tags.emplace();
  if (target.region != context.caller.scope.region.str()) co_return out;
  for (auto& tag : *found) {
    Tag shown;
    shown.key = std::move(tag.name);
    shown.value = std::move(tag.value);
    out.tags->push_back(std::move(shown));
  }
  co_return out;
}

}  // namespace

base::Task<TagsFound> tags_of_resource(Context& context, std::string_view kind, std::string name) {
  for (const auto& known : kKinds) {
    if (known.kind != kind || !known.list) continue;
    co_return co_await known.list(context, std::move(name));
  }
  co_return std::nullopt;
}

base::Task<TagsFound> identity_tags(Context& context, std::string name) {
  auto identity = context.service.identities.find(context.caller.scope, name);
  co_return identity ? TagsFound(identity->tags) : std::nullopt;
}

base::Task<bool> edit_identity_tags(Context& context, std::string name, ses::TagEdit edit) {
  co_return co_await context.service.identities.edit_tags(context.caller, std::move(name), std::move(edit));
}

base::Task<TagsFound> template_tags(Context& context, std::string name) {
  auto found = co_await context.service.templates.find(context.caller.scope, std::move(name));
  co_return found ? TagsFound(std::move(found->tags)) : std::nullopt;
}

base::Task<bool> edit_template_tags(Context& context, std::string name, ses::TagEdit edit) {
  co_return co_await context.service.templates.edit_tags(context.caller, std::move(name), std::move(edit));
}

base::Task<TagsFound> contact_list_tags(Context& context, std::string name) {
  auto list = context.service.contact_lists.find(context.caller.scope, name);
  co_return list ? TagsFound(list->tags) : std::nullopt;
}

base::Task<bool> edit_contact_list_tags(Context& context, std::string name, ses::TagEdit edit) {
  auto& lists = context.service.contact_lists;
  co_return co_await lists.edit_tags(context.caller, std::move(name), std::move(edit));
}

base::Task<TagsFound> custom_verification_tags(Context& context, std::string name) {
  auto& templates = context.service.custom_verifications;
  auto found = co_await templates.find(context.caller.scope, std::move(name));
  co_return found ? TagsFound(std::move(found->tags)) : std::nullopt;
}

base::Task<bool> edit_custom_verification_tags(Context& context, std::string name, ses::TagEdit edit) {
  auto& templates = context.service.custom_verifications;
  co_return co_await templates.edit_tags(context.caller, std::move(name), std::move(edit));
}

void register_tags_v2(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::sesv2;
  const aws::Access taggable{.resources = {"configuration-set", "contact-list",
                                           "custom-verification-email-template", "dedicated-ip-pool",
                                           "deliverability-test-report", "identity", "template", "tenant"}};
  registry.register_operation(api, "TagResource", &tag_resource, taggable);
  registry.register_operation(api, "UntagResource", &untag_resource, taggable);
  registry.register_operation(api, "ListTagsForResource", &list_tags_for_resource, taggable);
}

}  // namespace api

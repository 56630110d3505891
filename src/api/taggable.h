// What can bear tags in SES v2 (SES §25.3). A noun joins with two functions declared here and a line in the
// table of tags_v2.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/task.h"
#include "ses/tags.h"

namespace api {

using TagsFound = std::optional<std::vector<ses::Tag>>;  // nullopt: there is no such resource

struct Taggable {
  std::string_view kind;  // in the ARN: "identity" of …:identity/NAME
  std::string_view noun;  // in "No EmailIdentity present with name: NAME"; empty: not built yet
  base::Task<TagsFound> (*list)(Context& context, std::string name) = nullptr;
  // Runs the edit in the noun's own transaction; false if there is no such resource.
  base::Task<bool> (*edit)(Context& context, std::string name, ses::TagEdit edit) = nullptr;
};

// Of any kind that keeps tags; nullopt for others too.
base::Task<TagsFound> tags_of_resource(Context& context, std::string_view kind, std::string name);

base::Task<TagsFound> identity_tags(Context& context, std::string name);
base::Task<bool> edit_identity_tags(Context& context, std::string name, ses::TagEdit edit);
base::Task<TagsFound> template_tags(Context& context, std::string name);
base::Task<bool> edit_template_tags(Context& context, std::string name, ses::TagEdit edit);
base::Task<TagsFound> contact_list_tags(Context& context, std::string name);
base::Task<bool> edit_contact_list_tags(Context& context, std::string name, ses::TagEdit edit);
base::Task<TagsFound> custom_verification_tags(Context& context, std::string name);
base::Task<bool> edit_custom_verification_tags(Context& context, std::string name, ses::TagEdit edit);

}  // namespace api

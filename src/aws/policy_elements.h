// What the texts within a policy must keep to: actions, resources, principals, statement ids. Each throws
// base::Fault MalformedPolicyDocument, in IAM's words where known. Private to the room; pure.
#pragma once

#include <string>
#include <string_view>

#include "aws/policy_form.h"

namespace aws {

[[noreturn]] void malformed(std::string text);
// The beginning of a text of the document, for a reason.
std::string shown(std::string_view text);

void check_sid(std::string_view sid, PolicyUse use);
ActionPattern read_action(std::string_view text, PolicyUse use);
PolicyText read_resource(std::string_view text, bool variables);
// `kind`: AWS, Service, Federated or CanonicalUser.
void add_principal(Principals& principals, std::string_view kind, std::string_view name);

}  // namespace aws

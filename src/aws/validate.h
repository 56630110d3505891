// The constraints of the model, checked over a decoded request with Amazon's wording: all that is broken in
// one text, `2 validation errors detected: Value at 'message.subject' failed to satisfy constraint: Member
// must not be null; …`. What the service checks with words of its own is exempt: model/overrides.json. Pure;
// any thread. SES §3, §4, §25.2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/shape.h"

namespace aws {

// One entry per broken constraint, in the order of the text.
std::vector<std::string> broken_constraints(const StructInfo& info, const void* object);

// Throws base::Fault{validation} with all of them.
void validate(const StructInfo& info, const void* object);

template <class T>
void validate(const T& request) {
  validate(describe(&request), &request);
}

// For a handler whose checks come in another order: "Value at 'path' failed to satisfy constraint: …".
std::string constraint_text(std::string_view path, std::string_view constraint);
std::string enum_constraint(
    const std::vector<std::string_view>& values);  // "Member must satisfy enum value set: [A, B]"
// Throws base::Fault{validation} with these entries; does nothing where there are none.
void throw_broken(const std::vector<std::string>& broken);

}  // namespace aws

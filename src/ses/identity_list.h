// What the lists of identities may be narrowed to, and the faults of a filter (SES §25.2). Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ses/identity.h"

namespace ses {

struct IdentityFilter {
  std::optional<std::string> name_contains;  // trimmed, lower case
  std::optional<IdentityKind> kind;
  std::optional<VerificationStatus> status;

  bool empty() const { return !name_contains && !kind && !status; }
  bool admits(const Identity& identity) const;
  std::string text() const;  // the same for filters that admit the same; binds page tokens
};

// The Filter of ListEmailIdentities; Fault invalid_parameter.
IdentityFilter parse_identity_filter(const std::map<std::string, std::string>& given);

}  // namespace ses

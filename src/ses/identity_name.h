// Names of identities: what is an address, what is a domain, and the one form each is kept in (SES §8.1):
// domains as A-labels in lower case, addresses with the case of their local part. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ses/identity.h"

namespace ses {

IdentityKind kind_of_name(std::string_view name);  // what has an '@' is meant as an address

// The form names are kept and looked up in; nullopt if it is no address or domain.
std::optional<std::string> normal_domain(std::string_view domain);
std::optional<std::string> normal_address(std::string_view address, bool allow_utf8);
std::optional<std::string> normal_name(std::string_view name, bool allow_utf8 = true);

// The same for names that a call gives: Fault invalid_parameter if they are none.
std::string require_domain(std::string_view domain);                     // "Domain X is invalid."
std::string require_address(std::string_view address, bool allow_utf8);  // "Invalid email address<X>."
std::string require_name(std::string_view name, bool allow_utf8);
// The deletes of v1, which do not mind an identity that is not there, refuse what cannot be one (SES §8.6).
void require_deletable(std::string_view name);

std::string_view domain_of(std::string_view name);                // behind the '@', or the domain itself
std::optional<std::string_view> parent_domain(std::string_view);  // nullopt when no dot would be left in it

}  // namespace ses

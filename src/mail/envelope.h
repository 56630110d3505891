// Small helpers on bare addresses (local@domain). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace mail {

// The domain after the last '@', or "" where there is none.
std::string_view domain_of(std::string_view address);
std::string_view local_of(std::string_view address);

// Domains compare case-insensitively, local parts exactly (SES §5.1).
bool same_address(std::string_view a, std::string_view b);

// The form addresses are keyed by: the domain in lower case, the local part as it is.
std::string address_key(std::string_view address);
// The same with the label gone: user+label@D -> user@d, as identities are looked up.
std::string identity_key(std::string_view address);

}  // namespace mail

// Domain names: IDNA (UTS #46, libidn2), host name syntax, and the organisational domain (public suffix list
// built into libpsl). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mail {

// The A-label form in lower case, without a final dot; nullopt if the text is no domain name.
std::optional<std::string> ascii_domain(std::string_view domain);
// The U-label form, for showing; the domain itself where it does not decode.
std::string unicode_domain(std::string_view domain);

// Letters, digits, hyphens in at least two labels of 1..63, 253 in all, no label with a hyphen at its ends,
// the last not all digits (so not an IPv4 address). An underscore passes only when `allow_underscore`, for
// DNS owner names that are not hosts.
bool is_domain_name(std::string_view domain, bool allow_underscore = false);

// example.co.uk of a.b.example.co.uk (RFC 7489 §3.2); the domain itself when it is a public suffix.
std::string organizational_domain(std::string_view domain);

// The same domain, or one below it, whatever the letter case.
bool is_at_or_below(std::string_view name, std::string_view domain);

}  // namespace mail

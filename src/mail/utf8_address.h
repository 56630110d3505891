// Addresses in delivery status notifications (RFC 3464 §2.3.1, RFC 6533 §3): "rfc822; a@b", or "utf-8; …"
// with each character that is not ASCII as \x{HEX}, so that the report stays 7bit. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace mail {

// `address` is bare UTF-8. One with a type of its own ("rfc822;a@b") stays as it is, and so does an ASCII
// local part: its domain becomes A-labels.
std::string typed_address(std::string_view address);
// The bare address of a field's value; without angle brackets, name or comment.
std::string address_of_typed(std::string_view value);
// RFC 3461 §4: "+2B" is "+". Not every system decodes what ORCPT gave before it puts it into a report.
std::string without_xtext(std::string_view text);

}  // namespace mail

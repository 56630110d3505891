// Conversion between UTF-8 and other charsets, by glibc's iconv. Pure (descriptors are per thread); any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mail {

bool is_known_charset(std::string_view charset);
bool is_utf8_charset(std::string_view charset);   // UTF-8, utf8
bool is_ascii_charset(std::string_view charset);  // US-ASCII and its aliases

// nullopt: the charset is unknown, or the text is not representable in it (or not valid UTF-8).
std::optional<std::string> from_utf8(std::string_view utf8, std::string_view charset);
// Octets that are not valid in the charset become U+FFFD; nullopt only for an unknown charset.
std::optional<std::string> to_utf8(std::string_view bytes, std::string_view charset);

// Valid UTF-8: each octet that belongs to no character becomes U+FFFD.
std::string repair_utf8(std::string_view text);

}  // namespace mail

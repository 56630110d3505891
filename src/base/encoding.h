// Text encodings of bytes: base64 (RFC 4648 §4), hexadecimal, percent (RFC 3986), and ASCII helpers that do
// not look at the locale. All are pure; decoders answer nullopt for what is not in the encoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

std::string base64_encode(std::string_view bytes);
std::string base64url_encode(std::string_view bytes);  // no padding, RFC 4648 §5
// Padding may be missing; blanks, CR and LF are skipped when `skip_space`.
std::optional<std::string> base64_decode(std::string_view text, bool skip_space = false);
std::optional<std::string> base64url_decode(std::string_view text);
// The same into `out`, which has room for three quarters of the text and three octets, and may be the place
// of the text itself or lie before it; how many octets came out.
std::optional<std::size_t> base64_decode_into(std::string_view text, bool skip_space, char* out);

std::string hex_encode(std::string_view bytes);  // lower case
std::optional<std::string> hex_decode(std::string_view text);

// Percent-decodes; '+' becomes a blank only when `plus_is_space`. A '%' not followed by two digits stays.
std::string percent_decode(std::string_view text, bool plus_is_space = false);
// Encodes all but the unreserved characters of RFC 3986 §2.3; '/' too unless `keep_slash`.
std::string percent_encode(std::string_view text, bool keep_slash = false);

std::string ascii_lower(std::string_view text);
std::string ascii_upper(std::string_view text);
bool iequals(std::string_view a, std::string_view b);  // ASCII case-insensitive
std::string_view trim(std::string_view text);          // blanks, tabs, CR, LF
std::vector<std::string_view> split(std::string_view text, char separator);
bool is_ascii(std::string_view text);
bool is_utf8(std::string_view text);
// Code units the text would take in UTF-16, which is what Amazon's lengths count.
std::size_t utf16_length(std::string_view utf8);

// Compares in time that depends on the lengths only.
bool constant_time_equal(std::string_view a, std::string_view b);

std::string sha256(std::string_view bytes);  // 32 raw bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace base

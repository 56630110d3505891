// Content transfer encodings (RFC 2045 §6). For building mail: appending encoders that put CRLF line ends,
// fast enough not to be seen beside a signature. For reading it: decoders that refuse nothing. Pure; any
// thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mail {

struct TextFacts {
  std::size_t eight_bit = 0;     // octets above 127
  std::size_t longest_line = 0;  // without its line break
  bool nul = false;
  bool bare_cr = false;    // a CR that is not followed by LF
  bool bare_feed = false;  // an LF without CR before it
  bool is_7bit() const { return eight_bit == 0 && !nul && longest_line <= 998; }
  bool has_clean_ends() const { return !bare_cr && !bare_feed; }
};
TextFacts look_at(std::string_view text);
std::size_t count_eight_bit(std::string_view text);

// CR, LF and CRLF each become CRLF.
void append_crlf(std::string_view text, std::string& out);
// Quoted-printable. In text every line break becomes a CRLF; `binary` keeps a bare CR or LF as =0D, =0A.
void append_quoted_printable(std::string_view bytes, bool binary, std::string& out);
// Lines of 76 characters.
void append_base64(std::string_view bytes, std::string& out);

enum class TransferEncoding { none, base64, quoted_printable };
// Of a Content-Transfer-Encoding value; none for what is unknown.
TransferEncoding transfer_encoding_of(std::string_view header_value);
// What does not belong to the encoding is skipped (base64, RFC 2045 §6.8) or kept as it is (quoted-printable,
// §6.7).
std::string decode_transfer(std::string_view encoded, TransferEncoding encoding);

}  // namespace mail

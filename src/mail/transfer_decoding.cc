#include <array>
#include <cstdint>

#include "base/encoding.h"
#include "mail/transfer_encoding.h"

namespace mail {
namespace {

// 0..63, or 64 for what is not of the alphabet.
constexpr std::array<std::uint8_t, 256> make_base64_table() {
  std::array<std::uint8_t, 256> table{};
  for (auto& entry : table) entry = 64;
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}
constexpr auto kBase64 = make_base64_table();

std::string decode_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    if (c == '=') break;
    const auto value = kBase64[static_cast<unsigned char>(c)];
    if (value == 64) continue;
    bits = bits << 6 | value;
    if (++count % 4 == 0) {
      out += static_cast<char>(bits >> 16);
      out += static_cast<char>(bits >> 8);
      out += static_cast<char>(bits);
      bits = 0;
    }
  }
  if (count % 4 == 2) out += static_cast<char>(bits >> 4);
  if (count % 4 == 3) {
    out += static_cast<char>(bits >> 10);
    out += static_cast<char>(bits >> 2);
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string decode_quoted_line(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const int high = line[i] == '=' && i + 2 < line.size() ? hex_digit(line[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(line[i + 2]) : -1;
    if (low < 0) {
      out += line[i];
      continue;
    }
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

std::string decode_quoted(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto end = text.find('\n');
    const bool last = end == std::string_view::npos;
    auto line = text.substr(0, end);
    text.remove_prefix(last ? text.size() : end + 1);
    const bool crlf = !line.empty() && line.back() == '\r';
    if (crlf) line.remove_suffix(1);
    // RFC 2045 §6.7 (3): blanks at the end of a line were added on the way.
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    const bool soft = !line.empty() && line.back() == '=';
    if (soft) line.remove_suffix(1);
    out += decode_quoted_line(line);
    if (!soft && !last) out += crlf ? "\r\n" : "\n";
  }
  return out;
}

}  // namespace

TransferEncoding transfer_encoding_of(std::string_view header) {
  const auto name = base::trim(header);
  if (base::iequals(name, "base64")) return TransferEncoding::base64;
  if (base::iequals(name, "quoted-printable")) return TransferEncoding::quoted_printable;
  return TransferEncoding::none;
}

std::string decode_transfer(std::string_view encoded, TransferEncoding encoding) {
  switch (encoding) {
    case TransferEncoding::base64:
      return decode_base64(encoded);
    case TransferEncoding::quoted_printable:
      return decode_quoted(encoded);
    case TransferEncoding::none:
      break;
  }
  return std::string(encoded);
}

}  // namespace mail

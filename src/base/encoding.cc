#include "base/encoding.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <stdexcept>

namespace base {
namespace {

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kBase64Url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<signed char, 256> inverse(const char* alphabet) {
  std::array<signed char, 256> table{};
  for (auto& v : table) v = -1;
  for (int i = 0; i < 64; ++i) table[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
  return table;
}
constexpr auto kInverse = inverse(kBase64);
constexpr auto kInverseUrl = inverse(kBase64Url);

std::string encode64(std::string_view in, const char* alphabet, bool pad) {
  std::string out;
  out.resize((in.size() + 2) / 3 * 4);
  char* p = out.data();
  std::size_t i = 0;
  auto at = [&](std::size_t k) { return static_cast<unsigned>(static_cast<unsigned char>(in[k])); };
  for (; i + 3 <= in.size(); i += 3) {
    unsigned v = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    *p++ = alphabet[v >> 18];
    *p++ = alphabet[v >> 12 & 63];
    *p++ = alphabet[v >> 6 & 63];
    *p++ = alphabet[v & 63];
  }
  if (i < in.size()) {
    bool two = i + 2 == in.size();
    unsigned v = at(i) << 16 | (two ? at(i + 1) << 8 : 0);
    *p++ = alphabet[v >> 18];
    *p++ = alphabet[v >> 12 & 63];
    if (two) *p++ = alphabet[v >> 6 & 63];
    while (pad && p < out.data() + out.size()) *p++ = '=';
  }
  out.resize(static_cast<std::size_t>(p - out.data()));
  return out;
}

// What is written never overtakes what was read.
std::optional<std::size_t> decode64_into(std::string_view in, const std::array<signed char, 256>& table,
                                         bool skip_space, char* out) {
  char* p = out;
  unsigned bits = 0;
  int have = 0;
  std::size_t i = 0;
  for (; i < in.size(); ++i) {
    auto c = static_cast<unsigned char>(in[i]);
    int v = table[c];
    if (v < 0) {
      if (skip_space && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) continue;
      break;
    }
    bits = bits << 6 | static_cast<unsigned>(v);
    if (++have == 4) {
      *p++ = static_cast<char>(bits >> 16);
      *p++ = static_cast<char>(bits >> 8);
      *p++ = static_cast<char>(bits);
      bits = 0;
      have = 0;
    }
  }
  int padding = 0;
  for (; i < in.size(); ++i) {
    char c = in[i];
    if (c == '=') {
      ++padding;
    } else if (!(skip_space && (c == ' ' || c == '\t' || c == '\r' || c == '\n'))) {
      return std::nullopt;
    }
  }
  if (have == 1 || padding > 2 || (padding && have + padding != 4)) return std::nullopt;
  if (have == 2) *p++ = static_cast<char>(bits >> 4);
  if (have == 3) {
    *p++ = static_cast<char>(bits >> 10);
    *p++ = static_cast<char>(bits >> 2);
  }
  return static_cast<std::size_t>(p - out);
}

std::optional<std::string> decode64(std::string_view in, const std::array<signed char, 256>& table,
                                    bool skip_space) {
  std::string out;
  out.resize(in.size() / 4 * 3 + 3);
  auto size = decode64_into(in, table, skip_space, out.data());
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

bool unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string base64_encode(std::string_view bytes) { return encode64(bytes, kBase64, true); }
std::string base64url_encode(std::string_view bytes) { return encode64(bytes, kBase64Url, false); }
std::optional<std::string> base64_decode(std::string_view text, bool skip_space) {
  return decode64(text, kInverse, skip_space);
}
std::optional<std::string> base64url_decode(std::string_view text) {
  return decode64(text, kInverseUrl, false);
}
std::optional<std::size_t> base64_decode_into(std::string_view text, bool skip_space, char* out) {
  return decode64_into(text, kInverse, skip_space, out);
}

std::string hex_encode(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (char c : bytes) {
    auto u = static_cast<unsigned char>(c);
    out += kHex[u >> 4];
    out += kHex[u & 15];
  }
  return out;
}

std::optional<std::string> hex_decode(std::string_view text) {
  if (text.size() % 2) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    int hi = hex_value(text[i]), lo = hex_value(text[i + 1]);
    if (hi < 0 || lo < 0) return std::nullopt;
    out += static_cast<char>(hi << 4 | lo);
  }
  return out;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      int hi = hex_value(text[i + 1]), lo = hex_value(text[i + 2]);
      if (hi >= 0 && lo >= 0) {
        out += static_cast<char>(hi << 4 | lo);
        i += 2;
        continue;
      }
    }
    out += plus_is_space && text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

std::string percent_encode(std::string_view text, bool keep_slash) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + 16);
  for (char c : text) {
    if (unreserved(c) || (keep_slash && c == '/')) {
      out += c;
    } else {
      auto u = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[u >> 4];
      out += kHex[u & 15];
    }
  }
  return out;
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = lower(c);
  return out;
}

std::string ascii_upper(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = upper(c);
  return out;
}

bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

std::string_view trim(std::string_view text) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool is_ascii(std::string_view text) {
  for (char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

bool is_utf8(std::string_view text) {
  std::size_t i = 0;
  auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  while (i < text.size()) {
    unsigned c = byte(i);
    if (c < 0x80) {
      ++i;
      continue;
    }
    std::size_t n = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4 || i + n >= text.size()) return false;
    unsigned first = byte(i + 1);
    if (c == 0xe0 && first < 0xa0) return false;
    if (c == 0xed && first > 0x9f) return false;
    if (c == 0xf0 && first < 0x90) return false;
    if (c == 0xf4 && first > 0x8f) return false;
    for (std::size_t k = 1; k <= n; ++k)
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    i += n + 1;
  }
  return true;
}

std::size_t utf16_length(std::string_view utf8) {
  std::size_t units = 0;
  for (char c : utf8) {
    auto u = static_cast<unsigned char>(c);
    if ((u & 0xc0) != 0x80) ++units;
    if (u >= 0xf0) ++units;
  }
  return units;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string sha256(std::string_view bytes) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  unsigned length = 0;
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
            reinterpret_cast<unsigned char*>(out.data()), &length))
    throw std::runtime_error("HMAC failed");
  return out;
}

}  // namespace base

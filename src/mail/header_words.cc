// RFC 2047: encoded words, both ways.
#include <algorithm>
#include <optional>

#include "base/encoding.h"
#include "mail/charset.h"
#include "mail/header.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t kMaxWord = 64;  // of the 75 allowed, so that the first fits beside a header's name
constexpr std::size_t kMaxPlainWord = 700;     // longer runs without a blank cannot be folded: encode them
constexpr std::size_t kMaxDecodedWord = 2048;  // some senders ignore the limit of 75
constexpr char kHex[] = "0123456789ABCDEF";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string decode_q(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') {
      out += ' ';
    } else if (text[i] == '=' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
               hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

struct Word {
  std::string_view charset;
  std::string bytes;
  std::size_t end;  // of the word in the text
};

// The encoded word that begins at `pos` ("=?").
std::optional<Word> word_at(std::string_view value, std::size_t pos) {
  value = value.substr(0, pos + kMaxDecodedWord);  // no search runs further: the whole stays linear
  auto charset_end = value.find('?', pos + 2);
  if (charset_end == npos || charset_end + 2 >= value.size() || value[charset_end + 2] != '?')
    return std::nullopt;
  auto text = charset_end + 3;
  auto end = value.find("?=", text);
  if (end == npos) return std::nullopt;
  auto charset = value.substr(pos + 2, charset_end - pos - 2);
  charset = charset.substr(0, charset.find('*'));  // RFC 2231 §5: a language tag
  auto payload = value.substr(text, end - text);
  if (charset.empty() || charset.size() > 40 || payload.find_first_of(" \t?") != npos) return std::nullopt;
  Word word{charset, {}, end + 2};
  char encoding = value[charset_end + 1];
  if (encoding == 'Q' || encoding == 'q') {
    word.bytes = decode_q(payload);
  } else if (encoding == 'B' || encoding == 'b') {
    auto bytes = base::base64_decode(payload);
    if (!bytes) return std::nullopt;
    word.bytes = std::move(*bytes);
  } else {
    return std::nullopt;
  }
  if (!is_known_charset(charset)) return std::nullopt;
  return word;
}

// Decoded text must not bring line breaks into a value.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  return text;
}

bool is_q_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '!' || c == '*' ||
         c == '+' || c == '-' || c == '/';
}

std::size_t q_length(std::string_view bytes) {
  std::size_t n = 0;
  for (char c : bytes) n += is_q_safe(c) || c == ' ' ? 1 : 3;
  return n;
}

std::size_t b_length(std::string_view bytes) { return (bytes.size() + 2) / 3 * 4; }

void put_word(std::string& out, std::string_view bytes, std::string_view charset, bool q) {
  if (!out.empty()) out += ' ';
  out.append("=?").append(charset).append(q ? "?Q?" : "?B?");
  if (!q) {
    out += base::base64_encode(bytes);
  } else {
    for (char c : bytes) {
      auto u = static_cast<unsigned char>(c);
      if (is_q_safe(c))
        out += c;
      else if (c == ' ')
        out += '_';
      else
        (((out += '=') += kHex[u >> 4]) += kHex[u & 15]);
    }
  }
  out += "?=";
}

std::size_t next_character(std::string_view utf8, std::size_t pos) {
  do ++pos;
  while (pos < utf8.size() && (static_cast<unsigned char>(utf8[pos]) & 0xc0) == 0x80);
  return pos;
}

// `utf8` is valid and representable in `charset`. RFC 2047 §5: no word may split a character.
std::string encode(std::string_view utf8, std::string_view charset) {
  auto convert = [&](std::string_view text) { return from_utf8(text, charset).value_or(std::string()); };
  auto all = convert(utf8);
  bool q = q_length(all) <= b_length(all);
  std::size_t room = kMaxWord - 7 - std::min<std::size_t>(charset.size(), 40);
  bool direct = is_utf8_charset(charset);
  std::string out;
  out.reserve(utf8.size() * 2 + 32);
  for (std::size_t begin = 0; begin < utf8.size();) {
    std::size_t end = begin;
    std::string bytes;
    while (end < utf8.size()) {
      auto next = next_character(utf8, end);
      auto text = utf8.substr(begin, next - begin);
      auto tried = direct ? std::string(text) : convert(text);
      if ((q ? q_length(tried) : b_length(tried)) > room && end > begin) break;
      bytes = std::move(tried);
      end = next;
    }
    put_word(out, bytes, charset, q);
    begin = end;
  }
  return out;
}

std::string encode_in(std::string_view utf8, std::string_view charset) {
  auto text = one_line(repair_utf8(utf8));
  bool fits =
      !charset.empty() && charset.size() <= 40 && !is_ascii_charset(charset) && from_utf8(text, charset);
  return encode(text, fits ? charset : "UTF-8");
}

bool is_plain(std::string_view text) {
  std::size_t run = 0;
  for (char c : text) {
    auto u = static_cast<unsigned char>(c);
    if ((u < 32 && c != '\t') || u > 126) return false;
    run = c == ' ' || c == '\t' ? 0 : run + 1;
    if (run > kMaxPlainWord) return false;
  }
  return text.find("=?") == npos;
}

bool is_phrase_char(char c) {
  return is_q_safe(c) || c == ' ' || std::string_view("#$%&'=?^_`{|}~").find(c) != npos;
}

}  // namespace

std::string decode_words(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  std::string bytes;  // of neighbouring words of one charset: some senders split characters between words
  std::string_view charset;
  auto flush = [&] {
    if (!charset.empty()) out += one_line(to_utf8(bytes, charset).value_or(std::string()));
    bytes.clear();
    charset = {};
  };
  std::size_t pos = 0;
  while (pos < value.size()) {
    auto start = value.find("=?", pos);
    std::optional<Word> word = start == npos ? std::nullopt : word_at(value, start);
    auto end = start == npos ? value.size() : word ? start : start + 2;
    auto between = value.substr(pos, end - pos);
    bool joined = word && !charset.empty() && between.find_first_not_of(" \t") == npos;
    if (!joined || !base::iequals(charset, word->charset)) flush();
    if (!joined) out += repair_utf8(between);
    if (word) {
      charset = word->charset;
      bytes += word->bytes;
    }
    pos = word ? word->end : end;
  }
  flush();
  return out;
}

std::string encode_words(std::string_view utf8, std::string_view charset) {
  if (is_plain(utf8)) return std::string(utf8);
  auto text = one_line(std::string(utf8));
  if (is_plain(text)) return text;
  return encode_in(text, charset);
}

std::string encode_phrase(std::string_view utf8, std::string_view charset) {
  auto text = one_line(std::string(utf8));
  if (!is_plain(text)) return encode_in(text, charset);
  if (std::all_of(text.begin(), text.end(), is_phrase_char)) return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace mail

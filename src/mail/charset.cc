#include "mail/charset.h"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>

#include "base/encoding.h"

namespace mail {
namespace {

// More than all names that glibc knows, of which there are about 1150: to open one costs a hundred times what
// it costs to find it again, and a stranger's mail may name another in each word. Kept, they are some octets.
constexpr std::size_t kMaxCached = 4096;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// Names reach iconv_open only if they are plain: a '/' would select options ("//TRANSLIT").
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  });
}

class Converter {
 public:
  Converter(const std::string& to, const std::string& from) : cd_(iconv_open(to.c_str(), from.c_str())) {}
  ~Converter() {
    if (ok()) iconv_close(cd_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool ok() const { return cd_ != reinterpret_cast<iconv_t>(-1); }

  // `strict`: false at the first octets that do not convert; else they become U+FFFD (the output is UTF-8
  // then).
  bool convert(std::string_view in, bool strict, std::string& out) {
    iconv(cd_, nullptr, nullptr, nullptr, nullptr);
    auto* src = const_cast<char*>(in.data());
    std::size_t left = in.size();
    while (left > 0) {
      if (step(&src, &left, out)) break;
      if (errno == E2BIG) continue;
      if (strict) return false;
      out += kReplacement;
      ++src;
      --left;
    }
    return step(nullptr, nullptr, out);
  }

 private:
  bool step(char** src, std::size_t* left, std::string& out) {
    char buffer[4096];
    char* dst = buffer;
    std::size_t room = sizeof buffer;
    errno = 0;
    auto rc = iconv(cd_, src, left, &dst, &room);
    int error = errno;
    out.append(buffer, sizeof buffer - room);
    errno = error;
    return rc != static_cast<std::size_t>(-1);
  }

  iconv_t cd_;
};

Converter* converter(std::string_view to, std::string_view from) {
  if (!is_plain_name(to) || !is_plain_name(from)) return nullptr;
  thread_local std::map<std::pair<std::string, std::string>, std::unique_ptr<Converter>> cache;
  std::pair key{base::ascii_upper(to), base::ascii_upper(from)};
  if (auto found = cache.find(key); found != cache.end()) return found->second.get();
  auto made = std::make_unique<Converter>(key.first, key.second);
  if (!made->ok()) return nullptr;
  if (cache.size() >= kMaxCached) cache.clear();
  return (cache[key] = std::move(made)).get();
}

// Length of the well-formed UTF-8 character at the front (RFC 3629 §4), 0 if there is none.
std::size_t character_length(std::string_view s) {
  auto at = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  unsigned char c = at(0);
  std::size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
  if (n == 0 || s.size() < n) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((at(i) & 0xc0) != 0x80) return 0;
  if ((c == 0xe0 && at(1) < 0xa0) || (c == 0xed && at(1) > 0x9f)) return 0;
  if ((c == 0xf0 && at(1) < 0x90) || (c == 0xf4 && at(1) > 0x8f)) return 0;
  return n;
}

}  // namespace

bool is_utf8_charset(std::string_view charset) {
  return base::iequals(charset, "UTF-8") || base::iequals(charset, "UTF8");
}

bool is_ascii_charset(std::string_view charset) {
  return base::iequals(charset, "US-ASCII") || base::iequals(charset, "ASCII") ||
         base::iequals(charset, "ISO646-US") || base::iequals(charset, "ANSI_X3.4-1968");
}

bool is_known_charset(std::string_view charset) {
  return is_utf8_charset(charset) || is_ascii_charset(charset) || converter(charset, "UTF-8") != nullptr;
}

std::optional<std::string> from_utf8(std::string_view utf8, std::string_view charset) {
  if (is_utf8_charset(charset)) {
    if (!base::is_utf8(utf8)) return std::nullopt;
    return std::string(utf8);
  }
  auto* c = converter(charset, "UTF-8");
  std::string out;
  out.reserve(utf8.size());
  if (!c || !c->convert(utf8, true, out)) return std::nullopt;
  return out;
}

std::optional<std::string> to_utf8(std::string_view bytes, std::string_view charset) {
  // What calls itself ASCII and is not has most often been UTF-8.
  if (is_utf8_charset(charset) || is_ascii_charset(charset)) return repair_utf8(bytes);
  auto* c = converter("UTF-8", charset);
  if (!c) return std::nullopt;
  std::string out;
  out.reserve(bytes.size() * 2);
  c->convert(bytes, false, out);
  return out;
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto n = character_length(text);
    if (n == 0) {
      out += kReplacement;
      text.remove_prefix(1);
    } else {
      out.append(text.substr(0, n));
      text.remove_prefix(n);
    }
  }
  return out;
}

}  // namespace mail

#include "mail/content_type.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/encoding.h"
#include "mail/charset.h"
#include "mail/header.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t kMaxValue = 64 * 1024;
constexpr std::size_t kMaxParameters = 200;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
// RFC 2045 §5.1
bool is_token_char(char c) {
  auto u = static_cast<unsigned char>(c);
  return u > 32 && u != 127 && std::string_view("()<>@,;:\\\"/[]?=").find(c) == npos;
}

std::string expected(std::string_view what, std::string_view got) {
  auto shown = got.empty() ? std::string("null") : repair_utf8(got.substr(0, 100));
  return fmt::format("Expected {}, got '{}'", what, shown);
}

// Reads tokens, quoted strings and single characters off a value; skips blanks and comments.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  void skip() {
    while (pos_ < text_.size()) {
      if (is_blank(text_[pos_])) {
        ++pos_;
      } else if (text_[pos_] == '(') {
        comment();
      } else {
        return;
      }
    }
  }
  bool end() {
    skip();
    return pos_ >= text_.size();
  }
  bool take(char c) {
    skip();
    if (pos_ >= text_.size() || text_[pos_] != c) return false;
    ++pos_;
    return true;
  }
  std::string_view token() {
    skip();
    auto begin = pos_;
    while (pos_ < text_.size() && is_token_char(text_[pos_])) ++pos_;
    return text_.substr(begin, pos_ - begin);
  }
  // What stands here, for a fault text.
  std::string_view got() {
    skip();
    auto rest = text_.substr(pos_);
    std::size_t n = 0;
    while (n < rest.size() && is_token_char(rest[n])) ++n;
    return rest.substr(0, n ? n : 1);
  }
  std::optional<std::string> quoted() {
    if (!take('"')) return std::nullopt;
    std::string out;
    while (pos_ < text_.size() && text_[pos_] != '"') {
      if (text_[pos_] == '\\' && pos_ + 1 < text_.size()) ++pos_;
      if (text_[pos_] != '\r' && text_[pos_] != '\n') out += text_[pos_];
      ++pos_;
    }
    if (pos_ < text_.size()) ++pos_;
    return out;
  }
  // A value without quotes. Senders leave out quotes around '=', '/' and the like, so it runs to the next
  // blank or, when `to_semicolon`, over blanks too.
  std::string_view bare_value(bool to_semicolon) {
    skip();
    auto begin = pos_;
    while (pos_ < text_.size() && text_[pos_] != ';' && (to_semicolon || !is_blank(text_[pos_]))) ++pos_;
    return base::trim(text_.substr(begin, pos_ - begin));
  }
  void skip_parameter() {
    while (pos_ < text_.size() && text_[pos_] != ';') {
      if (text_[pos_] == '"')
        static_cast<void>(quoted());
      else
        ++pos_;
    }
  }

 private:
  void comment() {
    std::size_t depth = 0;
    for (; pos_ < text_.size(); ++pos_) {
      if (text_[pos_] == '\\') {
        ++pos_;
      } else if (text_[pos_] == '(') {
        ++depth;
      } else if (text_[pos_] == ')' && --depth == 0) {
        ++pos_;
        return;
      }
    }
    pos_ = text_.size();
  }

  std::string_view text_;
  std::size_t pos_ = 0;
};

// RFC 2231: sections of one parameter by number, and whether each is percent-encoded.
struct Section {
  std::string text;
  bool encoded;
};
using Sections = std::map<unsigned, Section>;

class Parameters {
 public:
  void add(std::string_view raw_name, std::string value) {
    auto name = base::ascii_lower(raw_name);
    bool encoded = name.ends_with('*');
    if (encoded) name.pop_back();
    auto star = name.rfind('*');
    unsigned number = 0;
    bool numbered = star != std::string::npos && star > 0 && read_number(name.substr(star + 1), number);
    if (numbered) name.resize(star);
    if (!encoded && !numbered) {
      plain_.emplace_back(std::move(name), std::move(value));
    } else if (number < kMaxParameters) {
      sections_[std::move(name)].emplace(number, Section{std::move(value), encoded});
    }
  }

  // RFC 2231 values win over plain ones of the same name, which are for readers that do not know it.
  std::vector<std::pair<std::string, std::string>> finish() && {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& [name, sections] : sections_) out.emplace_back(name, join(sections));
    for (auto& [name, value] : plain_)
      if (!sections_.contains(name)) out.emplace_back(std::move(name), repair_utf8(value));
    return out;
  }

 private:
  static bool read_number(std::string_view text, unsigned& out) {
    if (text.empty() || text.size() > 3) return false;
    for (char c : text) {
      if (c < '0' || c > '9') return false;
      out = out * 10 + static_cast<unsigned>(c - '0');
    }
    return true;
  }

  static std::string join(const Sections& sections) {
    std::string charset, bytes;
    bool first = true;
    for (const auto& [number, section] : sections) {
      std::string_view text = section.text;
      if (first && section.encoded) {  // charset'language'text
        auto one = text.find('\'');
        auto two = one == npos ? npos : text.find('\'', one + 1);
        if (two != npos) {
          charset = text.substr(0, one);
          text.remove_prefix(two + 1);
        }
      }
      bytes += section.encoded ? base::percent_decode(text) : std::string(text);
      first = false;
    }
    auto utf8 = charset.empty() ? std::nullopt : to_utf8(bytes, charset);
    return utf8 ? *utf8 : repair_utf8(bytes);
  }

  std::vector<std::pair<std::string, std::string>> plain_;
  std::map<std::string, Sections> sections_;
};

// `lenient` reads what can be read and never faults: for file names, which must not hide behind an error.
std::optional<std::string> parse_parameters(Lexer& lexer, bool lenient, ContentType& out) {
  Parameters parameters;
  std::optional<std::string> fault;
  for (std::size_t n = 0; !lexer.end() && n < kMaxParameters; ++n) {
    if (!lexer.take(';')) {
      fault = expected("';'", lexer.got());
      if (!lenient) break;
      lexer.skip_parameter();
      continue;
    }
    if (lexer.end()) break;  // a ';' at the end is common
    auto name = lexer.token();
    if (name.empty() && lenient) {
      lexer.skip_parameter();
      continue;
    }
    if (name.empty()) {
      fault = expected("parameter name", lexer.got());
      break;
    }
    if (!lexer.take('=')) {
      fault = expected("'='", lexer.got());
      if (!lenient) break;
      lexer.skip_parameter();
      continue;
    }
    if (auto quoted = lexer.quoted()) {
      parameters.add(name, std::move(*quoted));
    } else {
      auto value = lexer.bare_value(lenient);
      if (value.empty() && !lenient) {
        fault = expected("parameter value", lexer.got());
        break;
      }
      parameters.add(name, std::string(value));
    }
  }
  out.parameters = std::move(parameters).finish();
  return lenient ? std::nullopt : fault;
}

std::optional<std::string> parse(std::string_view value, bool has_subtype, bool lenient, ContentType& out) {
  Lexer lexer(value.substr(0, kMaxValue));
  out.type = base::ascii_lower(lexer.token());
  if (out.type.empty() && !lenient) return expected(has_subtype ? "MIME type" : "disposition", lexer.got());
  if (has_subtype && (!lenient || lexer.take('/'))) {
    if (!lenient && !lexer.take('/')) return expected("'/'", lexer.got());
    out.subtype = base::ascii_lower(lexer.token());
    if (out.subtype.empty() && !lenient) return expected("MIME subtype", lexer.got());
  }
  return parse_parameters(lexer, lenient, out);
}

}  // namespace

const std::string* ContentType::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (base::iequals(key, name)) return &value;
  return nullptr;
}

bool ContentType::is(std::string_view media_type) const {
  auto slash = media_type.find('/');
  if (slash == npos || !base::iequals(type, media_type.substr(0, slash))) return false;
  auto wanted = media_type.substr(slash + 1);
  return wanted.empty() || base::iequals(subtype, wanted);
}

base::Result<ContentType, std::string> parse_content_type(std::string_view value) {
  ContentType out;
  if (auto fault = parse(value, true, false, out)) return base::Failure{*fault};
  return out;
}

ContentType read_content_type(std::string_view value) {
  ContentType out;
  parse(value, true, true, out);
  return out;
}

base::Result<ContentType, std::string> parse_disposition(std::string_view value) {
  ContentType out;
  if (auto fault = parse(value, false, false, out)) return base::Failure{*fault};
  return out;
}

std::string part_file_name(std::string_view content_disposition, std::string_view content_type) {
  ContentType disposition, type;
  parse(content_disposition, false, true, disposition);
  auto* name = disposition.parameter("filename");
  if (!name || name->empty()) {
    parse(content_type, true, true, type);
    name = type.parameter("name");
  }
  return name ? decode_words(*name) : std::string();
}

}  // namespace mail

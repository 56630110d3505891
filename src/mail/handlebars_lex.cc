// The words of the language, as handlebars.js cuts them (its handlebars.l).
#include "mail/handlebars_lex.h"

#include <algorithm>

namespace mail::handlebars {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name_char(char c) {
  if (c == '\0' || is_space(c)) return false;
  return std::string_view("!\"#%&'()*+,./;<=>@[\\]^`{|}~").find(c) == std::string_view::npos;
}

// What may follow a literal.
bool ends_literal(char c) { return c == '~' || c == '}' || c == ')' || c == ']' || is_space(c); }

}  // namespace

void Lexer::read_content(std::vector<std::string>& pieces) {
  std::size_t begin = pos_;
  for (;;) {
    std::size_t open = source_.find("{{", pos_);
    if (open == std::string_view::npos) {
      pos_ = source_.size();
      if (begin < pos_) pieces.emplace_back(source_.substr(begin));
      return;
    }
    bool escaped = open > begin && source_[open - 1] == '\\';
    bool twice = escaped && open > begin + 1 && source_[open - 2] == '\\';
    if (std::size_t end = open - (escaped ? 1 : 0); end > begin)
      pieces.emplace_back(source_.substr(begin, end - begin));
    pos_ = begin = open;
    if (!escaped || twice) return;
    // `\{{`: plain text up to the next tag.
    std::size_t next = source_.find("{{", open + 2);
    if (next == std::string_view::npos) next = source_.size();
    std::size_t end = next;
    for (int i = 0; i < 2 && end > open + 2 && next < source_.size() && source_[end - 1] == '\\'; ++i) --end;
    pieces.emplace_back(source_.substr(open, end - open));
    pos_ = begin = end;
  }
}

bool Lexer::lone_inverse(std::size_t after, Tag& tag) {
  while (after < source_.size() && is_space(source_[after])) ++after;
  bool strip = after < source_.size() && source_[after] == '~';
  if (strip) ++after;
  if (source_.substr(after, 2) != "}}") return false;
  tag.opener = Opener::inverse;
  tag.strip.close = strip;
  pos_ = after + 2;
  return true;
}

Tag Lexer::read_comment(Tag tag, std::size_t begin) {
  tag.opener = Opener::comment;
  bool dashes = at("--");
  std::size_t from = dashes ? pos_ : begin;
  for (;; ++from) {
    from = source_.find(dashes ? "--" : "}}", from);
    if (from == std::string_view::npos) fail("a comment is not closed");
    if (!dashes) break;
    std::size_t after = from + 2;
    if (after < source_.size() && source_[after] == '~') ++after;
    if (source_.substr(after, 2) == "}}") {
      from = after;
      break;
    }
  }
  tag.strip.close = source_[from - 1] == '~';
  pos_ = from + 2;
  return tag;
}

Tag Lexer::read_opener() {
  Tag tag;
  tag.at = pos_;
  if (pos_ >= source_.size()) return tag;
  if (at("{{{{")) fail("raw blocks are not supported");
  pos_ += 2;
  tag.strip.open = take('~');
  std::size_t begin = pos_;
  auto opened = [&](Opener opener, std::size_t length) {
    tag.opener = opener;
    pos_ = begin + length;
    return tag;
  };
  switch (peek()) {
    case '>':
      return opened(Opener::partial, 1);
    case '#':
      if (peek(1) == '>') fail("partial blocks are not supported");
      return peek(1) == '*' ? opened(Opener::inline_block, 2) : opened(Opener::block, 1);
    case '/':
      return opened(Opener::end_block, 1);
    case '^':
      return lone_inverse(begin + 1, tag) ? tag : opened(Opener::inverted_block, 1);
    case '{':
      return opened(Opener::unescaped, 1);
    case '&':
      return opened(Opener::output, 1);
    case '!':
      ++pos_;
      return read_comment(tag, begin + 1);
    case '*':
      fail("decorators are not supported");
    default:
      break;
  }
  skip_space();
  if (at("else") && !is_name_char(peek(4)))
    return lone_inverse(pos_ + 4, tag) ? tag : opened(Opener::inverse_chain, pos_ + 4 - begin);
  return opened(Opener::output, 0);
}

bool Lexer::read_close(bool unescaped) {
  skip_space();
  if (unescaped && !take('}')) fail("`}}}` was expected");
  if (!unescaped && at("}}}")) fail("`}}` was expected, there is `}}}`");
  bool strip = take('~');
  if (!at("}}")) fail("`}}` was expected");
  pos_ += 2;
  return strip;
}

void Lexer::skip_space() {
  while (pos_ < source_.size() && is_space(source_[pos_])) ++pos_;
}

bool Lexer::at_close() {
  skip_space();
  return peek() == '}' || peek() == '~';
}

bool Lexer::take(char c) {
  if (peek() != c || pos_ >= source_.size()) return false;
  ++pos_;
  return true;
}

std::string Lexer::read_name() {
  std::size_t begin = pos_;
  while (pos_ < source_.size() && is_name_char(source_[pos_])) ++pos_;
  if (begin == pos_) fail(pos_ < source_.size() ? "a name was expected" : "a tag is not closed");
  return std::string(source_.substr(begin, pos_ - begin));
}

std::string Lexer::read_bracketed() {
  std::string out;
  for (++pos_; pos_ < source_.size(); ++pos_) {
    if (source_[pos_] == ']') {
      ++pos_;
      return out;
    }
    if (source_[pos_] == '\\' && (peek(1) == '\\' || peek(1) == ']')) ++pos_;
    out += source_[pos_];
  }
  fail("`]` is missing");
}

std::string Lexer::read_quoted() {
  std::string out;
  char quote = source_[pos_];
  for (++pos_; pos_ < source_.size(); ++pos_) {
    if (source_[pos_] == quote) {
      ++pos_;
      return out;
    }
    if (source_[pos_] == '\\' && peek(1) == quote) ++pos_;
    out += source_[pos_];
  }
  fail("a quoted text is not closed");
}

std::string_view Lexer::read_number() {
  std::size_t end = pos_;
  auto digits = [&] {
    std::size_t begin = end;
    while (end < source_.size() && is_digit(source_[end])) ++end;
    return end > begin;
  };
  if (peek() == '-') ++end;
  if (!digits()) return {};
  if (end < source_.size() && source_[end] == '.') {
    ++end;
    if (!digits()) return {};
  }
  if (end >= source_.size() || !ends_literal(source_[end]) || end - pos_ > 40) return {};
  std::string_view out = source_.substr(pos_, end - pos_);
  pos_ = end;
  return out;
}

bool Lexer::take_word(std::string_view word) {
  if (!at(word) || !ends_literal(peek(word.size()))) return false;
  pos_ += word.size();
  return true;
}

bool Lexer::take_params_opening() {
  std::size_t begin = pos_;
  if (at("as") && is_space(peek(2))) {
    pos_ += 2;
    skip_space();
    if (take('|')) return true;
  }
  pos_ = begin;
  return false;
}

}  // namespace mail::handlebars

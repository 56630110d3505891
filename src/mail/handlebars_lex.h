// The tags of a template, read from left to right; private to the engine. Owned by one parse, one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/handlebars_ast.h"

namespace mail::handlebars {

// What opens a tag.
enum class Opener {
  output,
  unescaped,
  block,
  inline_block,
  inverted_block,
  end_block,
  inverse,
  inverse_chain,
  partial,
  comment,
  end
};

struct Tag {
  Opener opener = Opener::end;
  Strip strip;
  std::size_t at = 0;
  std::string path;  // of the closing tag of a block
};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  // The text up to the next tag, in one or, around `\{{`, several pieces.
  void read_content(std::vector<std::string>& pieces);
  // The opening of the tag that stands here, and all of a comment or a lone `else`.
  Tag read_opener();
  // `}}` or `~}}`, or with `unescaped` `}}}`; whether it has a `~`.
  bool read_close(bool unescaped = false);

  void skip_space();
  bool at_close();
  bool take(char c);
  bool at(std::string_view text) const { return source_.substr(pos_, text.size()) == text; }
  char peek(std::size_t ahead = 0) const {
    return pos_ + ahead < source_.size() ? source_[pos_ + ahead] : '\0';
  }
  std::size_t pos() const { return pos_; }
  void back_to(std::size_t pos) { pos_ = pos; }

  std::string read_name();       // an identifier
  std::string read_bracketed();  // [a b]
  std::string read_quoted();
  std::string_view read_number();  // empty: there is none here
  bool take_word(std::string_view word);
  bool take_params_opening();  // as |

  [[noreturn]] void fail(const char* what) const { throw SyntaxFault{pos_, what}; }

 private:
  Tag read_comment(Tag tag, std::size_t begin);
  bool lone_inverse(std::size_t after, Tag& tag);

  std::string_view source_;
  std::size_t pos_ = 0;
};

}  // namespace mail::handlebars

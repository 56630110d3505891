#include "aws/policy_position.h"

namespace aws {
namespace {

// Reads a document once, from left to right, and knows where it is.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<StatementSpan> run() {
    while (at_ < text_.size()) step();
    return std::move(found_);
  }

 private:
  void step() {
    char c = text_[at_];
    if (c == '"') return string();
    if (c == '{' || c == '[') return open(c);
    if (c == '}' || c == ']') return close(c);
    advance();
  }

  // Depth 1 is the document; its member Statement is an object, or an array of them.
  void open(char c) {
    bool one = c == '{' && statements_ && (depth_ == 1 || (depth_ == 2 && in_array_));
    if (c == '[' && depth_ == 1 && statements_) in_array_ = true;
    if (one) {
      begin_ = here_;
      statement_depth_ = depth_;
    }
    ++depth_;
    advance();
  }

  void close(char c) {
    advance();
    if (depth_ > 0) --depth_;
    if (c == '}' && begin_ && depth_ == statement_depth_) {
      found_.push_back({*begin_, here_});
      begin_.reset();
    }
    if (c == ']' && depth_ == 1) in_array_ = false;
  }

  void string() {
    advance();
    const auto from = at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\') advance();
      if (at_ < text_.size()) advance();
    }
    auto word = text_.substr(from, at_ - from);
    if (at_ < text_.size()) advance();
    if (depth_ == 1 && names_a_member()) statements_ = word == "Statement";
  }

  bool names_a_member() const {
    auto next = text_.find_first_not_of(" \t\r\n", at_);
    return next != std::string_view::npos && text_[next] == ':';
  }

  void advance() {
    if (text_[at_++] == '\n') {
      ++here_.line;
      here_.column = 1;
    } else {
      ++here_.column;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  TextPosition here_;
  std::size_t depth_ = 0, statement_depth_ = 0;
  bool statements_ = false, in_array_ = false;
  std::optional<TextPosition> begin_;
  std::vector<StatementSpan> found_;
};

}  // namespace

std::vector<StatementSpan> statement_spans(std::string_view document) { return Scanner(document).run(); }

}  // namespace aws

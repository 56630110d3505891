// The tree of a parsed template, private to the engine (handlebars_*.cc). Its shape follows handlebars.js, so
// that the rules for white space can be the same. Immutable once parsed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mail/handlebars.h"

namespace mail::handlebars {

inline constexpr std::size_t kMaxNesting = 100;       // blocks within blocks, `else if` chains
inline constexpr std::size_t kMaxNodes = 50'000;      // of one template
inline constexpr std::size_t kMaxOutput = 40u << 20;  // octets of one rendering
inline constexpr std::size_t kMaxSteps = 4'000'000;   // nodes visited by one rendering
inline constexpr std::size_t kMaxPartialDepth = 50;   // partials that call partials
inline constexpr std::size_t kMaxDataDepth = 64;      // of the JSON

struct Path {
  std::string original;  // as written, without brackets
  std::vector<std::string> parts;
  int depth = 0;        // how often `../`
  bool data = false;    // @name
  bool scoped = false;  // begins with `.` or `this`: never a helper or a block parameter
  // A block parameter in scope: how many frames out, and which of the frame; -1: none.
  int param_frame = -1;
  int param_index = 0;
};

struct Expr {
  enum class Kind { path, text, number, boolean, null, lookup };
  Kind kind = Kind::null;
  Path path;
  std::string text;  // also the number as written
  double number = 0;
  bool flag = false;
  std::vector<Expr> params;  // of lookup: two
};

struct Strip {
  bool open = false, close = false;
};

enum class Helper { none, if_, unless, each, with, lookup, log, inline_, unknown };

struct Program;

// What stands between `{{` and `}}`.
struct Call {
  Expr head;
  bool braced = false;  // {{{x}}}
  Helper helper = Helper::none;
  std::vector<Expr> params;
  std::vector<std::pair<std::string, Expr>> hash;
  std::vector<std::string> block_params;
  Strip open_strip, inverse_strip, close_strip;  // of a block
  std::unique_ptr<Program> program, inverse;
  std::string indent;       // of a partial that stands alone on its line
  std::string placeholder;  // `{{amazonSESUnsubscribeUrl}}`: printed as it is
};

struct Node {
  enum class Kind { content, output, block, partial, comment, inline_partial };
  Kind kind = Kind::content;
  bool left_stripped = false, right_stripped = false;
  Strip strip;
  std::string original, value;  // of content
  std::unique_ptr<Call> call;
};

struct Program {
  std::vector<Node> body;
  bool chained = false;       // holds one `else if`
  bool takes_params = false;  // `as |x|`
  std::vector<std::pair<std::string, const Program*>> inlines;
};

struct SyntaxFault {
  std::size_t at;
  std::string what;
};

// Throws SyntaxFault.
std::unique_ptr<Program> parse_source(std::string_view source);
// handlebars' rules for `~` and for tags that stand alone on a line.
void control_whitespace(Program& root);
bool is_simple(const Program& root);  // the dialect of inline content

}  // namespace mail::handlebars

namespace mail {

struct Template::Impl {
  std::unique_ptr<handlebars::Program> root;
  std::size_t source_size = 0;
};

}  // namespace mail

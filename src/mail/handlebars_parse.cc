// The parser: tags into a tree (SES §13). The language and its quirks are those of handlebars.js; what it has
// beyond SES (raw blocks, partial blocks, decorators, foreign helpers) is refused here, not when rendering.
#include <algorithm>
#include <charconv>
#include <optional>

#include "mail/handlebars_lex.h"

namespace mail::handlebars {
namespace {

Helper helper_of(const Path& path) {
  if (path.data || path.scoped || path.depth != 0 || path.parts.size() != 1) return Helper::none;
  static constexpr std::pair<std::string_view, Helper> kTable[] = {
      {"if", Helper::if_},    {"unless", Helper::unless}, {"each", Helper::each},
      {"with", Helper::with}, {"lookup", Helper::lookup}, {"log", Helper::log}};
  for (const auto& [name, helper] : kTable)
    if (path.parts[0] == name) return helper;
  return Helper::none;
}

struct Inverse {
  Strip strip;
  std::unique_ptr<Program> program;
};

class Parser {
 public:
  explicit Parser(std::string_view source) : lex_(source) {}
  std::unique_ptr<Program> parse() {
    Tag end;
    auto root = parse_program(end);
    if (end.opener == Opener::end_block) throw SyntaxFault{end.at, "`{{/" + end.path + "}}` closes nothing"};
    if (end.opener != Opener::end) throw SyntaxFault{end.at, "`else` stands in no block"};
    return root;
  }

 private:
  std::unique_ptr<Program> parse_program(Tag& end);
  bool parse_tag(Program& program, Tag& tag);
  void add(Program& program, Node node);
  Node parse_output(const Tag& tag);
  Node parse_partial(const Tag& tag);
  Node parse_block(const Tag& tag);
  Node parse_inline(const Tag& tag, Program& owner);
  std::unique_ptr<Program> parse_body(const Call& call, Tag& end);
  std::optional<Inverse> parse_inverse(Tag& end);
  void check_helper(const Call& call, bool block) const;
  std::unique_ptr<Call> parse_call();
  void parse_arguments(Call& call);
  void parse_params(Call& call);
  Expr parse_expr();
  Expr parse_lookup();
  Path parse_path();
  void add_segment(Path& path, const std::string& part, bool literal);
  void resolve_param(Path& path) const;
  std::string read_end_path();

  Lexer lex_;
  std::size_t nodes_ = 0, nesting_ = 0;
  std::vector<const std::vector<std::string>*> params_;  // block parameters in scope, innermost last
};

void Parser::add(Program& program, Node node) {
  if (++nodes_ > kMaxNodes) lex_.fail("the template has too many parts");
  program.body.push_back(std::move(node));
}

std::unique_ptr<Program> Parser::parse_program(Tag& end) {
  if (++nesting_ > kMaxNesting) lex_.fail("blocks are nested too deeply");
  auto program = std::make_unique<Program>();
  std::vector<std::string> pieces;
  do {
    pieces.clear();
    lex_.read_content(pieces);
    for (std::string& piece : pieces) {
      Node node;
      node.original = node.value = std::move(piece);
      add(*program, std::move(node));
    }
    end = lex_.read_opener();
  } while (parse_tag(*program, end));
  --nesting_;
  return program;
}

// False: the tag ends the program.
bool Parser::parse_tag(Program& program, Tag& tag) {
  switch (tag.opener) {
    case Opener::output:
    case Opener::unescaped:
      add(program, parse_output(tag));
      return true;
    case Opener::partial:
      add(program, parse_partial(tag));
      return true;
    case Opener::block:
    case Opener::inverted_block:
      add(program, parse_block(tag));
      return true;
    case Opener::inline_block:
      add(program, parse_inline(tag, program));
      return true;
    case Opener::comment: {
      Node node;
      node.kind = Node::Kind::comment;
      node.strip = tag.strip;
      add(program, std::move(node));
      return true;
    }
    case Opener::end_block:
      tag.path = read_end_path();
      tag.strip.close = lex_.read_close();
      return false;
    case Opener::inverse:
    case Opener::inverse_chain:
    case Opener::end:
      return false;
  }
  return false;
}

std::string Parser::read_end_path() {
  Expr expr = parse_expr();
  return expr.kind == Expr::Kind::path ? expr.path.original : expr.text;
}

Node Parser::parse_output(const Tag& tag) {
  Node node;
  node.kind = Node::Kind::output;
  node.call = parse_call();
  node.strip = {tag.strip.open, lex_.read_close(tag.opener == Opener::unescaped)};
  Call& call = *node.call;
  call.braced = tag.opener == Opener::unescaped;
  check_helper(call, false);
  const std::string& name = call.head.path.original;
  if (call.params.empty() && call.hash.empty() &&
      (name == "amazonSESUnsubscribeUrl" || name == "ses:openTracker"))
    call.placeholder = "{{" + name + "}}";
  return node;
}

Node Parser::parse_partial(const Tag& tag) {
  Node node;
  node.kind = Node::Kind::partial;
  node.call = std::make_unique<Call>();
  node.call->head = parse_expr();
  if (node.call->head.kind == Expr::Kind::path) {
    node.call->head.text = node.call->head.path.original;
    node.call->head.kind = Expr::Kind::text;
  }
  parse_arguments(*node.call);
  if (node.call->params.size() > 1) lex_.fail("a partial takes one context");
  node.strip = {tag.strip.open, lex_.read_close()};
  return node;
}

std::unique_ptr<Program> Parser::parse_body(const Call& call, Tag& end) {
  if (call.block_params.empty()) return parse_program(end);
  params_.push_back(&call.block_params);
  auto program = parse_program(end);
  program->takes_params = true;
  params_.pop_back();
  return program;
}

Node Parser::parse_block(const Tag& tag) {
  Node node;
  node.kind = Node::Kind::block;
  node.call = parse_call();
  Call& call = *node.call;
  check_helper(call, true);
  call.open_strip = {tag.strip.open, lex_.read_close()};
  Tag end;
  auto program = parse_body(call, end);
  bool inverted = tag.opener == Opener::inverted_block;
  if (inverted && end.opener == Opener::inverse_chain)
    throw SyntaxFault{end.at, "`else if` stands in `{{^}}`"};
  auto inverse = parse_inverse(end);
  const std::string& name = call.head.kind == Expr::Kind::path ? call.head.path.original : call.head.text;
  if (end.opener != Opener::end_block) throw SyntaxFault{tag.at, "`" + name + "` is not closed"};
  if (end.path != name) throw SyntaxFault{end.at, "`" + end.path + "` does not match `" + name + "`"};
  if (inverse) {
    if (inverse->program->chained) inverse->program->body[0].call->close_strip = end.strip;
    call.inverse_strip = inverse->strip;
    call.inverse = std::move(inverse->program);
  }
  call.program = std::move(program);
  if (inverted) std::swap(call.program, call.inverse);
  call.close_strip = end.strip;
  return node;
}

// What follows `{{else}}` or `{{else if x}}`; `end` is then the tag that ended it.
std::optional<Inverse> Parser::parse_inverse(Tag& end) {
  if (end.opener != Opener::inverse && end.opener != Opener::inverse_chain) return std::nullopt;
  Inverse out;
  out.strip = end.strip;
  if (end.opener == Opener::inverse) {
    std::size_t at = end.at;
    out.program = parse_program(end);
    if (end.opener == Opener::inverse || end.opener == Opener::inverse_chain)
      throw SyntaxFault{at, "nothing but the end of the block can follow `else`"};
    return out;
  }
  if (++nesting_ > kMaxNesting) lex_.fail("blocks are nested too deeply");
  Node node;
  node.kind = Node::Kind::block;
  node.call = parse_call();
  Call& call = *node.call;
  check_helper(call, true);
  out.strip.close = lex_.read_close();
  call.open_strip = out.strip;
  call.program = parse_body(call, end);
  if (auto inverse = parse_inverse(end); inverse) {
    if (inverse->program->chained) inverse->program->body[0].call->close_strip = inverse->strip;
    call.inverse_strip = call.close_strip = inverse->strip;
    call.inverse = std::move(inverse->program);
  }
  out.program = std::make_unique<Program>();
  out.program->chained = true;
  add(*out.program, std::move(node));
  --nesting_;
  return out;
}

Node Parser::parse_inline(const Tag& tag, Program& owner) {
  Node node;
  node.kind = Node::Kind::inline_partial;
  node.call = parse_call();
  Call& call = *node.call;
  if (call.head.path.original != "inline") lex_.fail("the only decorator is `inline`");
  if (call.params.size() != 1 || call.params[0].kind != Expr::Kind::text || !call.hash.empty())
    lex_.fail("`inline` takes a quoted name");
  call.helper = Helper::inline_;
  call.open_strip = {tag.strip.open, lex_.read_close()};
  Tag end;
  call.program = parse_body(call, end);
  if (end.opener != Opener::end_block || end.path != "inline")
    throw SyntaxFault{tag.at, "an inline partial is not closed"};
  call.close_strip = end.strip;
  owner.inlines.emplace_back(call.params[0].text, call.program.get());
  return node;
}

void Parser::check_helper(const Call& call, bool block) const {
  std::size_t given = call.params.size();
  switch (call.helper) {
    case Helper::none:
      return;
    case Helper::unknown:
      lex_.fail("there is no such helper");
    case Helper::lookup:
      if (given != 2 || block) lex_.fail("`lookup` takes two arguments and is no block");
      return;
    case Helper::log:
      return;
    case Helper::if_:
    case Helper::unless:
    case Helper::each:
    case Helper::with:
      if (given != 1 || !block) lex_.fail("`if`, `unless`, `each` and `with` are blocks with one argument");
      return;
    case Helper::inline_:
      return;
  }
}

std::unique_ptr<Call> Parser::parse_call() {
  auto call = std::make_unique<Call>();
  call->head = parse_expr();
  Expr& head = call->head;
  if (head.kind == Expr::Kind::lookup) lex_.fail("a name was expected");
  if (head.kind != Expr::Kind::path) {  // a literal is the name of a property here
    head.kind = Expr::Kind::path;
    head.path = {};
    head.path.original = head.text;
    head.path.parts = {head.text};
  }
  if (head.path.param_frame < 0) call->helper = helper_of(head.path);
  parse_arguments(*call);
  if (call->helper == Helper::none && head.path.original != "inline" &&
      (!call->params.empty() || !call->hash.empty()))
    call->helper = Helper::unknown;
  return call;
}

void Parser::parse_arguments(Call& call) {
  while (!lex_.at_close()) {
    if (lex_.take_params_opening()) return parse_params(call);
    std::size_t begin = lex_.pos();
    if (lex_.peek() != '(' && lex_.peek() != '"' && lex_.peek() != '\'' && lex_.peek() != '@' &&
        lex_.peek() != '.') {
      std::string key = lex_.peek() == '[' ? lex_.read_bracketed() : lex_.read_name();
      lex_.skip_space();
      if (lex_.take('=')) {
        lex_.skip_space();
        call.hash.emplace_back(std::move(key), parse_expr());
        if (call.hash.size() > 100) lex_.fail("a tag has too many arguments");
        continue;
      }
      lex_.back_to(begin);
    }
    if (!call.hash.empty()) lex_.fail("`name=value` was expected");
    call.params.push_back(parse_expr());
    if (call.params.size() > 100) lex_.fail("a tag has too many arguments");
  }
}

void Parser::parse_params(Call& call) {
  for (;;) {
    lex_.skip_space();
    if (lex_.take('|')) break;
    call.block_params.push_back(lex_.read_name());
    if (call.block_params.size() > 10) lex_.fail("a block has too many parameters");
  }
  if (call.block_params.empty()) lex_.fail("a name was expected");
  if (!lex_.at_close()) lex_.fail("`}}` was expected");
}

Expr Parser::parse_lookup() {
  if (++nesting_ > kMaxNesting) lex_.fail("expressions are nested too deeply");
  Expr out;
  lex_.skip_space();
  if (Path head = parse_path(); helper_of(head) != Helper::lookup) lex_.fail("there is no such helper");
  out.kind = Expr::Kind::lookup;
  for (lex_.skip_space(); !lex_.take(')'); lex_.skip_space()) out.params.push_back(parse_expr());
  if (out.params.size() != 2) lex_.fail("`lookup` takes two arguments");
  --nesting_;
  return out;
}

Expr Parser::parse_expr() {
  if (++nodes_ > kMaxNodes) lex_.fail("the template has too many parts");
  lex_.skip_space();
  Expr out;
  if (lex_.take('(')) return parse_lookup();
  if (lex_.peek() == '"' || lex_.peek() == '\'') {
    out.kind = Expr::Kind::text;
    out.text = lex_.read_quoted();
    return out;
  }
  for (std::string_view word : {"true", "false", "null", "undefined"})
    if (lex_.take_word(word)) {
      out.kind = word == "true" || word == "false" ? Expr::Kind::boolean : Expr::Kind::null;
      out.flag = word == "true";
      out.text = word;
      return out;
    }
  if (std::string_view digits = lex_.read_number(); !digits.empty()) {
    out.kind = Expr::Kind::number;
    std::from_chars(digits.data(), digits.data() + digits.size(), out.number);
    out.text = digits;
    return out;
  }
  out.kind = Expr::Kind::path;
  out.path = parse_path();
  return out;
}

Path Parser::parse_path() {
  Path path;
  if (lex_.take('@')) {
    path.data = true;
    path.original = "@";
  }
  path.scoped = !path.data && lex_.peek() == '.';
  for (bool first = true;; first = false) {
    if (path.parts.size() > 100 || path.depth > 100) lex_.fail("a path is too long");
    if (lex_.peek() == '[') {
      add_segment(path, lex_.read_bracketed(), true);
    } else if (lex_.peek() == '.') {
      lex_.take('.');
      add_segment(path, lex_.take('.') ? ".." : ".", false);
    } else {
      std::string name = lex_.read_name();
      if (first && name == "this" && !path.data) path.scoped = true;
      add_segment(path, name, false);
    }
    char next = lex_.peek();
    if (next != '.' && next != '/') break;
    lex_.take(next);
    path.original += next;
  }
  resolve_param(path);
  return path;
}

void Parser::add_segment(Path& path, const std::string& part, bool literal) {
  path.original += part;
  if (literal || (part != ".." && part != "." && part != "this")) {
    path.parts.push_back(part);
    return;
  }
  if (!path.parts.empty()) lex_.fail("`..`, `.` and `this` can only begin a path");
  if (part == "..") ++path.depth;
}

void Parser::resolve_param(Path& path) const {
  if (path.data || path.scoped || path.depth != 0 || path.parts.empty()) return;
  for (std::size_t frame = 0; frame < params_.size(); ++frame) {
    const auto& names = *params_[params_.size() - 1 - frame];
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == path.parts[0]) {
        path.param_frame = static_cast<int>(frame);
        path.param_index = static_cast<int>(i);
        return;
      }
  }
}

}  // namespace

std::unique_ptr<Program> parse_source(std::string_view source) {
  auto root = Parser(source).parse();
  control_whitespace(*root);
  return root;
}

bool is_simple(const Program& root) {
  for (const Node& node : root.body) {
    if (node.kind == Node::Kind::content) continue;
    if (node.kind != Node::Kind::output || node.strip.open || node.strip.close) return false;
    const Path& path = node.call->head.path;
    if (node.call->helper != Helper::none || node.call->braced || path.data || path.scoped ||
        path.depth != 0 || path.parts.size() != 1 || path.original.find('_') != std::string::npos)
      return false;
  }
  return true;
}

}  // namespace mail::handlebars

namespace mail {

Template::Template(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Template::~Template() = default;

base::Result<std::shared_ptr<const Template>, std::string> Template::parse(std::string_view source,
                                                                           TemplateDialect dialect) {
  bool simple = dialect == TemplateDialect::simple;
  auto impl = std::make_unique<Impl>();
  impl->source_size = source.size();
  std::string fault;
  try {
    impl->root = handlebars::parse_source(source);
    if (simple && !handlebars::is_simple(*impl->root)) fault = "simple";
  } catch (const handlebars::SyntaxFault& found) {
    auto lines = std::count(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(found.at), '\n');
    fault = "line " + std::to_string(lines + 1) + ": " + found.what;
  }
  // SES §13
  if (!fault.empty() && simple) return base::Failure{std::string("Template contains unsupported operations")};
  if (!fault.empty()) return base::Failure{std::move(fault)};
  return std::shared_ptr<const Template>(new Template(std::move(impl)));
}

}  // namespace mail

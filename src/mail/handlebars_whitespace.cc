// White space around tags, by the rules of handlebars.js (its whitespace-control.js): `~` takes all white
// space on its side; a block tag, comment or partial alone on its line takes the line.
#include <algorithm>

#include "mail/handlebars_ast.h"

namespace mail::handlebars {
namespace {

using Body = std::vector<Node>;
constexpr std::string_view kSpace = " \t\r\n\f\v";
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct Standing {
  Strip strip;
  bool open = false, close = false, whole = false;  // may stand alone: its opening, its closing, all of it
};

const Node* content_at(const Body& body, std::size_t i) {
  return i < body.size() && body[i].kind == Node::Kind::content ? &body[i] : nullptr;
}

// The text before body[i] ends its line. i == body.size(): the end of the body.
bool is_line_begin(const Body& body, std::size_t i, bool root) {
  if (i == 0) return root;
  const Node* before = content_at(body, i - 1);
  if (before == nullptr) return false;
  std::string_view text = before->original;
  std::size_t last = text.find_last_not_of(kSpace);
  if (last == std::string_view::npos && i == 1 && root) return true;
  return text.find('\n', last == std::string_view::npos ? 0 : last + 1) != std::string_view::npos;
}

// The text from body[i] on begins with the end of the line.
bool is_line_end(const Body& body, std::size_t i, bool root) {
  if (i >= body.size()) return root;
  const Node* after = content_at(body, i);
  if (after == nullptr) return false;
  std::string_view text = after->original;
  std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos && i + 1 == body.size() && root) return true;
  return text.substr(0, first).find('\n') != std::string_view::npos;
}

// Takes white space from the front of body[i].
void strip_front(Body& body, std::size_t i, bool all) {
  if (content_at(body, i) == nullptr || (!all && body[i].right_stripped)) return;
  std::string& text = body[i].value;
  std::size_t n = std::min(text.find_first_not_of(all ? kSpace : std::string_view(" \t")), text.size());
  if (!all) {
    if (text.compare(n, 2, "\r\n") == 0)
      n += 2;
    else if (n < text.size() && text[n] == '\n')
      ++n;
  }
  text.erase(0, n);
  body[i].right_stripped = n > 0;
}

// Takes white space from the end of body[i]; whether there was some.
bool strip_back(Body& body, std::size_t i, bool all) {
  if (content_at(body, i) == nullptr || (!all && body[i].left_stripped)) return false;
  std::string& text = body[i].value;
  std::size_t last = text.find_last_not_of(all ? kSpace : std::string_view(" \t"));
  std::size_t keep = last == std::string::npos ? 0 : last + 1;
  body[i].left_stripped = keep < text.size();
  text.resize(keep);
  return body[i].left_stripped;
}

void strip_end(Body& body, bool all) {
  if (!body.empty()) strip_back(body, body.size() - 1, all);
}

void walk(Program& program, bool root);

Standing stand_block(Call& call) {
  if (call.program) walk(*call.program, false);
  if (call.inverse) walk(*call.inverse, false);
  Program* program = call.program ? call.program.get() : call.inverse.get();
  Program* first = call.program ? call.inverse.get() : nullptr;
  Program* last = first;
  if (first != nullptr && first->chained) {
    first = first->body[0].call->program.get();
    while (last->chained) last = last->body.back().call->program.get();
  }
  Standing out;
  out.strip = {call.open_strip.open, call.close_strip.close};
  out.open = is_line_end(program->body, 0, false);
  Body& closing = (first != nullptr ? first : program)->body;
  out.close = is_line_begin(closing, closing.size(), false);
  if (call.open_strip.close) strip_front(program->body, 0, true);
  if (first == nullptr) {
    if (call.close_strip.open) strip_end(program->body, true);
    return out;
  }
  if (call.inverse_strip.open) strip_end(program->body, true);
  if (call.inverse_strip.close) strip_front(first->body, 0, true);
  if (call.close_strip.open) strip_end(last->body, true);
  if (is_line_begin(program->body, program->body.size(), false) && is_line_end(first->body, 0, false)) {
    strip_end(program->body, false);
    strip_front(first->body, 0, false);
  }
  return out;
}

std::string last_blanks(std::string_view text) {
  std::size_t last = text.find_last_not_of(" \t");
  return std::string(text.substr(last == std::string_view::npos ? 0 : last + 1));
}

void apply(Body& body, std::size_t i, const Standing& stands, bool root) {
  bool begins = is_line_begin(body, i, root), ends = is_line_end(body, i + 1, root);
  std::size_t before = i == 0 ? kNone : i - 1;
  if (stands.strip.close) strip_front(body, i + 1, true);
  if (stands.strip.open) strip_back(body, before, true);
  if (stands.whole && begins && ends) {
    strip_front(body, i + 1, false);
    if (strip_back(body, before, false) && body[i].kind == Node::Kind::partial)
      body[i].call->indent = last_blanks(body[before].original);
  }
  if (body[i].kind != Node::Kind::block && body[i].kind != Node::Kind::inline_partial) return;
  Call& call = *body[i].call;
  if (stands.open && begins) {
    strip_front((call.program ? call.program : call.inverse)->body, 0, false);
    strip_back(body, before, false);
  }
  if (stands.close && ends) {
    strip_front(body, i + 1, false);
    strip_end((call.inverse ? call.inverse : call.program)->body, false);
  }
}

void walk(Program& program, bool root) {
  for (std::size_t i = 0; i < program.body.size(); ++i) {
    Node& node = program.body[i];
    Standing stands;
    stands.strip = node.strip;
    switch (node.kind) {
      case Node::Kind::content:
        continue;
      case Node::Kind::output:
        break;
      case Node::Kind::partial:
      case Node::Kind::comment:
        stands.whole = true;
        break;
      case Node::Kind::block:
      case Node::Kind::inline_partial:
        stands = stand_block(*node.call);
        break;
    }
    apply(program.body, i, stands, root);
  }
}

}  // namespace

void control_whitespace(Program& root) { walk(root, true); }

}  // namespace mail::handlebars

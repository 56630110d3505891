// Rendering: one walk over the tree, appending to one string (SES §13). Every node visited is a step, steps
// and output are counted. Contexts, block parameters, loop variables and inline partials are chains of frames
// on the stack of the walk.
#include <algorithm>

#include "mail/handlebars_ast.h"
#include "mail/handlebars_value.h"

namespace mail::handlebars {
namespace {

struct Scope {
  Value context;
  const Scope* parent;
};
struct Params {
  Value values[2];
  const Params* parent;
};
struct Loop {
  Value key, index;
  bool first, last;
  const Loop* parent;
};
// The inline partials of a running program, with what they see from where they stand.
struct Partials {
  const Program* program;
  const Scope* scope;
  const Params* params;
  const Partials* parent;
};
struct Place {
  const Scope* scope = nullptr;
  const Params* params = nullptr;
  const Loop* loop = nullptr;
  const Partials* partials = nullptr;
};

class Renderer {
 public:
  Renderer(std::string& out, Value root) : out_(out), root_(root) {}
  bool run(const Program& program, const Value& context, Place place, const Value& first = {},
           const Value& second = {});
  RenderFault fault;

 private:
  bool step(std::size_t count = 1);
  bool fail(RenderFault::Kind kind, std::string text);
  bool too_large() { return fail(RenderFault::Kind::too_large, "The rendered content is too large."); }
  bool text(std::string_view text);
  bool node(const Node& node, const Place& place);
  bool output(const Call& call, const Place& place);
  bool block(const Call& call, const Place& place);
  bool section(const Call& call, const Value& value, const Place& place);
  bool each(const Call& call, const Value& value, const Place& place);
  bool item(const Program& program, const Value& value, const Value& key, std::size_t i, std::size_t count,
            const Place& place);
  bool maybe(const Program* program, const Value& context, const Place& place, const Value& first = {});
  bool partial(const Call& call, const Place& place);
  bool indent(std::size_t begin, const std::string& by);
  Value eval(const Expr& expr, const Place& place);
  Value eval_path(const Path& path, const Place& place) const;
  Value eval_data(const Path& path, const Place& place) const;
  Value lookup(const Expr& of, const Expr& name, const Place& place);

  std::string& out_;
  Value root_;
  std::size_t steps_ = 0, partial_depth_ = 0, depth_ = 0;
  std::size_t named_ = 0;  // arguments of the running partials
};

bool Renderer::fail(RenderFault::Kind kind, std::string text) {
  fault = {kind, std::move(text)};
  return false;
}

bool Renderer::step(std::size_t count) {
  steps_ += count;
  return steps_ <= kMaxSteps ||
         fail(RenderFault::Kind::too_large, "Rendering the template takes too many steps.");
}

bool Renderer::text(std::string_view text) {
  if (text.size() > kMaxOutput - std::min(kMaxOutput, out_.size())) return too_large();
  out_ += text;
  return true;
}

bool Renderer::run(const Program& program, const Value& context, Place place, const Value& first,
                   const Value& second) {
  if (++depth_ > kMaxNesting * 4)
    return fail(RenderFault::Kind::too_deep, "The template is nested too deeply.");
  const Scope* outside = place.scope;  // `../` of an inline partial begins here, as in handlebars.js
  Scope scope{context, outside};
  if (place.scope == nullptr || !context.same_as(place.scope->context)) place.scope = &scope;
  Params params{{first, second}, place.params};
  if (program.takes_params) place.params = &params;
  Partials partials{&program, outside, place.params, place.partials};
  if (!program.inlines.empty()) place.partials = &partials;
  for (const Node& one : program.body)
    if (!node(one, place)) return false;
  --depth_;
  return true;
}

bool Renderer::maybe(const Program* program, const Value& context, const Place& place, const Value& first) {
  return program == nullptr || run(*program, context, place, first);
}

bool Renderer::node(const Node& node, const Place& place) {
  if (!step()) return false;
  switch (node.kind) {
    case Node::Kind::content:
      return text(node.value);
    case Node::Kind::output:
      return output(*node.call, place);
    case Node::Kind::block:
      return block(*node.call, place);
    case Node::Kind::partial:
      return partial(*node.call, place);
    case Node::Kind::comment:
    case Node::Kind::inline_partial:
      return true;
  }
  return true;
}

bool Renderer::output(const Call& call, const Place& place) {
  if (!call.placeholder.empty()) return text(call.placeholder);
  if (call.helper == Helper::log) return true;
  if (call.helper == Helper::lookup)
    return print(lookup(call.params[0], call.params[1], place), out_, kMaxOutput) || too_large();
  Value value = eval(call.head, place);
  // SES §13. A loop variable outside a loop prints as nothing (?).
  if (value.is_missing() && !call.head.path.data)
    return fail(RenderFault::Kind::missing_attribute,
                "Attribute '" + call.head.path.original + "' is not present in the rendering data.");
  return print(value, out_, kMaxOutput) || too_large();
}

bool Renderer::block(const Call& call, const Place& place) {
  const Value here = place.scope->context;
  const Program* program = call.program.get();
  const Program* inverse = call.inverse.get();
  if (call.helper == Helper::none) return section(call, eval(call.head, place), place);
  if (call.params.empty()) return true;  // log
  Value value = eval(call.params[0], place);
  switch (call.helper) {
    case Helper::if_:
    case Helper::unless: {
      bool zero_counts = false;
      for (const auto& [key, expr] : call.hash)
        if (key == "includeZero") zero_counts = !eval(expr, place).is_empty();
      bool holds = !value.is_empty() && (zero_counts || !value.is_zero());
      return maybe(holds == (call.helper == Helper::if_) ? program : inverse, here, place);
    }
    case Helper::with:
      return value.is_empty() ? maybe(inverse, here, place) : maybe(program, value, place, value);
    case Helper::each:
      return each(call, value, place);
    default:
      return true;
  }
}

// `{{#x}}` on a value.
bool Renderer::section(const Call& call, const Value& value, const Place& place) {
  const Value here = place.scope->context;
  if (value.is_true()) return maybe(call.program.get(), here, place);
  if (value.is_missing() || value.is_false()) return maybe(call.inverse.get(), here, place);
  if (value.array() != nullptr) return each(call, value, place);
  return maybe(call.program.get(), value, place);
}

bool Renderer::item(const Program& program, const Value& value, const Value& key, std::size_t i,
                    std::size_t count, const Place& place) {
  Loop loop{key, Value::of(static_cast<double>(i)), i == 0, i + 1 == count, place.loop};
  Place inner = place;
  inner.loop = &loop;
  return run(program, value, inner, value, key);
}

bool Renderer::each(const Call& call, const Value& value, const Place& place) {
  const Program* program = call.program.get();
  std::size_t count = 0;
  if (const auto* list = value.array()) {
    count = list->size();
    for (std::size_t i = 0; program != nullptr && i < count; ++i)
      if (!step() ||
          !item(*program, Value::of(&(*list)[i]), Value::of(static_cast<double>(i)), i, count, place))
        return false;
  } else {
    auto members = value.members();
    count = members.size();
    if (!step(count)) return false;
    for (std::size_t i = 0; program != nullptr && i < count; ++i)
      if (!item(*program, members[i].second, Value::of(members[i].first), i, count, place)) return false;
  }
  return count > 0 || maybe(call.inverse.get(), place.scope->context, place);
}

bool Renderer::partial(const Call& call, const Place& place) {
  std::string name = call.head.text;
  if (call.head.kind == Expr::Kind::lookup) {
    name.clear();
    if (!print(eval(call.head, place), name, 1000)) return too_large();
  }
  const Partials* found = place.partials;
  const Program* program = nullptr;
  for (; found != nullptr; found = found->parent) {
    if (!step(1 + found->program->inlines.size() / 16)) return false;
    for (const auto& [known, body] : found->program->inlines)
      if (known == name) program = body;
    if (program != nullptr) break;
  }
  if (program == nullptr)
    return fail(RenderFault::Kind::missing_attribute, "The partial '" + name + "' could not be found.");
  if (partial_depth_ >= kMaxPartialDepth)
    return fail(RenderFault::Kind::too_deep, "Partials are nested too deeply.");
  Overlay overlay;
  Value context = call.params.empty() ? place.scope->context : eval(call.params[0], place);
  if (!call.hash.empty()) {
    overlay.base = context;
    for (const auto& [key, expr] : call.hash) overlay.named.emplace_back(key, eval(expr, place));
    if (!step(call.hash.size())) return false;
    context = Value::of(&overlay);
  }
  Place inner{found->scope, found->params, place.loop, place.partials};
  std::size_t begin = out_.size();
  ++partial_depth_;
  named_ += overlay.named.size();
  if (!run(*program, context, inner)) return false;
  named_ -= overlay.named.size();
  --partial_depth_;
  return call.indent.empty() || indent(begin, call.indent);
}

// Puts `by` before each line of the output from `begin` on.
bool Renderer::indent(std::size_t begin, const std::string& by) {
  std::string_view made = std::string_view(out_).substr(begin);
  auto lines = static_cast<std::size_t>(std::count(made.begin(), made.end(), '\n')) + 1;
  if (lines > (kMaxOutput - std::min(kMaxOutput, out_.size())) / by.size()) return too_large();
  if (!step((made.size() + lines * by.size()) / 64)) return false;
  std::string result;
  result.reserve(made.size() + lines * by.size());
  while (!made.empty()) {
    std::size_t end = std::min(made.find('\n'), made.size() - 1) + 1;
    result += by;
    result += made.substr(0, end);
    bool whole = made[end - 1] == '\n';
    made.remove_prefix(end);
    if (made.empty() && !whole) break;
  }
  out_.resize(begin);
  out_ += result;
  return true;
}

Value Renderer::eval(const Expr& expr, const Place& place) {
  // Long names and deep paths cost what they take; the next step sees it.
  steps_ += expr.path.original.size() / 32 + expr.path.parts.size() / 4 + named_ / 8;
  switch (expr.kind) {
    case Expr::Kind::path:
      return eval_path(expr.path, place);
    case Expr::Kind::text:
      return Value::of(std::string_view(expr.text));
    case Expr::Kind::number:
      return Value::of(expr.number);
    case Expr::Kind::boolean:
      return Value::of(expr.flag);
    case Expr::Kind::null:
      return {};
    case Expr::Kind::lookup:
      return lookup(expr.params[0], expr.params[1], place);
  }
  return {};
}

Value Renderer::lookup(const Expr& of, const Expr& name, const Place& place) {
  Value from = eval(of, place);
  Value key = eval(name, place);
  if (key.kind == Value::Kind::text) steps_ += key.text.size() / 32;
  if (key.kind == Value::Kind::json && key.json->is_string()) steps_ += key.json->get_string().size() / 32;
  if (key.kind == Value::Kind::text) return from.member(key.text);
  if (key.kind == Value::Kind::json && key.json->is_string())
    return from.member({key.json->get_string().data(), key.json->get_string().size()});
  std::string printed;
  return print(key, printed, 1000) && !key.is_missing() ? from.member(printed) : Value();
}

Value Renderer::eval_data(const Path& path, const Place& place) const {
  if (path.parts.empty()) return {};
  const Loop* loop = place.loop;
  for (int i = 0; i < path.depth && loop != nullptr; ++i) loop = loop->parent;
  const std::string& name = path.parts[0];
  Value value;
  if (name == "root")
    value = root_;
  else if (loop == nullptr)
    return value;
  else if (name == "index")
    value = loop->index;
  else if (name == "key")
    value = loop->key;
  else if (name == "first")
    value = Value::of(loop->first);
  else if (name == "last")
    value = Value::of(loop->last);
  for (std::size_t i = 1; i < path.parts.size(); ++i) value = value.member(path.parts[i]);
  return value;
}

Value Renderer::eval_path(const Path& path, const Place& place) const {
  if (path.data) return eval_data(path, place);
  Value value;
  std::size_t begin = 0;
  if (path.param_frame >= 0) {
    const Params* params = place.params;
    for (int i = 0; i < path.param_frame && params != nullptr; ++i) params = params->parent;
    if (params == nullptr || path.param_index > 1) return {};
    value = params->values[path.param_index];
    begin = 1;
  } else {
    const Scope* scope = place.scope;
    for (int i = 0; i < path.depth && scope != nullptr; ++i) scope = scope->parent;
    if (scope == nullptr) return {};
    value = scope->context;
  }
  for (std::size_t i = begin; i < path.parts.size() && !value.is_missing(); ++i)
    value = value.member(path.parts[i]);
  return value;
}

}  // namespace
}  // namespace mail::handlebars

namespace mail {

base::Result<std::string, RenderFault> Template::render(const TemplateData& data) const {
  using handlebars::Value;
  handlebars::Overlay merged;
  Value root = Value::of(data.impl().base.get());
  if (data.impl().over) {
    merged.base = root;
    merged.over = &data.impl().over->as_object();
    root = Value::of(&merged);
  }
  std::string out;
  out.reserve(impl_->source_size + impl_->source_size / 4 + 64);
  handlebars::Renderer renderer(out, root);
  if (!renderer.run(*impl_->root, root, {})) return base::Failure{std::move(renderer.fault)};
  return out;
}

}  // namespace mail

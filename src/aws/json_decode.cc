// JSON to struct with the coercions and texts of SES §4. Long base64 strings of a large body are cut out
// before the parse and decoded where they stand, so that a 40 MB message is not copied twice.
#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <cstring>

#include "aws/json_cut.h"
#include "aws/rest_json.h"
#include "base/encoding.h"

namespace aws {
namespace {

using base::Fault;
using base::FaultKind;
namespace dom = simdjson::dom;
using Type = dom::element_type;

constexpr std::size_t kCutFrom = 256 * 1024;     // bodies smaller than this are parsed as they are
constexpr std::size_t kKeepParser = 512 * 1024;  // a larger parse does not leave its buffers with the thread
constexpr std::size_t kMaxNesting = 64;

[[noreturn]] void refuse(std::string text) { throw Fault(FaultKind::serialization, std::move(text)); }
[[noreturn]] void refuse() { throw Fault::without_message(FaultKind::serialization); }

constexpr std::string_view kList = "Start of list found where not expected";
constexpr std::string_view kStructure = "Start of structure or map found where not expected.";

const char* token_name(Type type) { return type == Type::STRING ? "STRING_VALUE" : "NUMBER_VALUE"; }

// What is wrong with `element` where `article wanted` stands in the text, e.g. "a String".
[[noreturn]] void wrong_type(dom::element element, std::string_view wanted) {
  Type type = element.type();
  if (type == Type::ARRAY) refuse(std::string(kList));
  if (type == Type::OBJECT) refuse(std::string(kStructure));
  std::string token = type == Type::BOOL ? (bool(element) ? "TRUE_VALUE" : "FALSE_VALUE") : token_name(type);
  refuse(token + " can not be converted to " + std::string(wanted));
}

bool truth(std::string_view text) {
  for (std::string_view yes : {"true", "yes", "y", "t", "1"})
    if (base::iequals(text, yes)) return true;
  for (std::string_view no : {"false", "no", "n", "f", "0"})
    if (base::iequals(text, no)) return false;
  refuse("STRING_VALUE can not be converted to an Boolean");
}

bool read_boolean(dom::element e) {
  if (e.is_bool()) return bool(e);
  if (e.is_string()) return truth(std::string_view(e));
  wrong_type(e, "a Boolean");
}

std::int64_t read_integer(dom::element e) {
  std::int64_t whole;
  if (e.get(whole) == simdjson::SUCCESS) return whole;
  double real;
  if (e.is_double() && e.get(real) == simdjson::SUCCESS && std::trunc(real) == real && std::fabs(real) < 9e15)
    return static_cast<std::int64_t>(real);
  wrong_type(e, "an Integer");
}

double read_double(dom::element e) {
  double real;
  if (e.is_number() && e.get(real) == simdjson::SUCCESS) return real;
  if (e.is_string()) {
    std::string_view text(e);
    if (text == "NaN") return std::nan("");
    if (text == "Infinity") return HUGE_VAL;
    if (text == "-Infinity") return -HUGE_VAL;
  }
  wrong_type(e, "a Double");
}

base::WallTime from_seconds(double seconds) {
  if (!(std::fabs(seconds) < 9e12)) refuse();
  return base::from_millis(std::llround(seconds * 1000));
}

base::WallTime read_time(dom::element e) {
  double seconds;
  if (e.is_number() && e.get(seconds) == simdjson::SUCCESS) return from_seconds(seconds);
  if (e.is_string())
    if (auto time = base::parse_time(std::string_view(e))) return *time;
  wrong_type(e, "a Timestamp");
}

class Decoder {
 public:
  // `body`: what the strings were cut from, where it may be used up.
  explicit Decoder(const CutBody* cut, std::string* body) : cut_(cut), body_(body) {}

  // How many of the strings cut out have come back as blobs.
  std::size_t restored() const { return restored_; }

  void structure(const StructInfo& info, dom::object object, void* out, bool body_members_only) {
    for (auto field : object) {
      const MemberInfo* member = find(info, field.key);
      if (!member || (body_members_only && member->location != Location::body)) continue;
      void* slot = member_at(out, *member);
      if (field.value.is_null()) {
        if (member->type->kind == Kind::boolean) refuse();
        continue;
      }
      value(*member->type, field.value, member->type->optional->emplace(slot));
    }
  }

 private:
  static const MemberInfo* find(const StructInfo& info, std::string_view name) {
    for (const MemberInfo& m : info.members)
      if (m.name.size() == name.size() && std::memcmp(m.name.data(), name.data(), name.size()) == 0)
        return &m;
    return nullptr;
  }

  void value(const TypeInfo& type, dom::element e, void* out) {
    switch (type.kind) {
      case Kind::string:
        if (!e.is_string()) wrong_type(e, "a String");
        static_cast<std::string*>(out)->assign(std::string_view(e));
        return;
      case Kind::boolean:
        *static_cast<bool*>(out) = read_boolean(e);
        return;
      case Kind::integer:
        *static_cast<std::int64_t*>(out) = read_integer(e);
        return;
      case Kind::number:
        *static_cast<double*>(out) = read_double(e);
        return;
      case Kind::timestamp:
        *static_cast<base::WallTime*>(out) = read_time(e);
        return;
      case Kind::blob:
        return blob(e, static_cast<Blob*>(out));
      case Kind::structure:
        if (e.is_array()) refuse(std::string(kList));
        if (!e.is_object()) refuse("Expected null");
        return structure(*type.structure, dom::object(e), out, false);
      case Kind::list:
        return list(type, e, out);
      case Kind::map:
        return map(type, e, out);
    }
  }

  void blob(dom::element e, Blob* out) {
    if (!e.is_string()) wrong_type(e, "a Blob");
    std::string_view text(e);
    auto original = cut_ ? cut_->original(text) : std::nullopt;
    if (original) {
      text = *original;
      ++restored_;
      if (body_ && cut_->count() == 1) return in_place(text, out);
    }
    auto bytes = base::base64_decode(text, true);
    if (!bytes) refuse();
    out->bytes = std::move(*bytes);
  }

  // The one string that was cut out of the body: nothing else of the body is wanted any more.
  void in_place(std::string_view text, Blob* out) {
    auto size = base::base64_decode_into(text, true, body_->data());
    if (!size) refuse();
    body_->resize(*size);
    out->bytes = std::move(*body_);
  }

  // Nulls in a list or map that has no place for them are dropped.
  void list(const TypeInfo& type, dom::element e, void* out) {
    if (!e.is_array()) refuse("Expected list or null");
    for (dom::element item : dom::array(e))
      if (!item.is_null()) value(*type.element, item, type.list->append(out));
  }

  void map(const TypeInfo& type, dom::element e, void* out) {
    if (e.is_array()) refuse(std::string(kList));
    if (!e.is_object()) refuse("Expected null");
    for (auto field : dom::object(e))
      if (!field.value.is_null())
        value(*type.element, field.value, type.map->insert(out, std::string(field.key)));
  }

  const CutBody* cut_;
  std::string* body_;
  std::size_t restored_ = 0;
};

dom::parser make_parser() {
  dom::parser parser;
  if (parser.allocate(16 * 1024, kMaxNesting)) throw std::bad_alloc();
  return parser;
}

// Answers false where a string was cut that is no blob: the caller parses the body whole.
bool decode_text(const StructInfo& info, const std::string& text, const CutBody* cut, std::string* body,
                 void* object) {
  thread_local dom::parser kept = make_parser();
  std::optional<dom::parser> once;
  if (text.size() > kKeepParser) once = make_parser();
  dom::parser& parser = once ? *once : kept;
  dom::element root;
  if (parser.parse(text).get(root) != simdjson::SUCCESS) refuse();
  if (root.is_array()) refuse(std::string(kList));
  if (root.is_null()) return true;
  if (!root.is_object()) refuse("Expected null");
  Decoder decoder(cut, body);
  decoder.structure(info, dom::object(root), object, true);
  return !cut || decoder.restored() == cut->count();
}

}  // namespace

namespace {
void decode_body(const StructInfo& info, const std::string& body, std::string* to_use_up, void* object) {
  if (body.empty()) return;
  if (body.size() >= kCutFrom) {
    auto cut = CutBody::make(body);
    if (cut && decode_text(info, cut->text(), &*cut, to_use_up, object)) return;
    // What was decoded is decoded again over it: the same members. Nothing was used up, since the one string
    // that was cut is no blob.
  }
  decode_text(info, body, nullptr, nullptr, object);
}
}  // namespace

void decode_json(const StructInfo& info, const std::string& body, void* object) {
  decode_body(info, body, nullptr, object);
}

void decode_json(const StructInfo& info, std::string&& body, void* object) {
  std::string own = std::move(body);
  decode_body(info, own, &own, object);
}

}  // namespace aws

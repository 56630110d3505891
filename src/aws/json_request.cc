// Members of a v2 request that travel in the path and the query, then its body. SES §4.
#include <charconv>

#include "aws/rest_json.h"
#include "base/encoding.h"

namespace aws {
namespace {

using base::Fault;
using base::FaultKind;

[[noreturn]] void refuse(const std::string& text, const char* wanted) {
  throw Fault(FaultKind::serialization, "'" + text + "' can not be converted to " + wanted);
}

template <class T>
T number(const std::string& text, const char* wanted) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) refuse(text, wanted);
  return value;
}

base::WallTime time_of(const std::string& text) {
  if (auto time = base::parse_time(text)) return *time;
  double seconds = number<double>(text, "Timestamp");  // epoch seconds
  if (!(seconds > -9e12 && seconds < 9e12)) refuse(text, "Timestamp");
  return base::from_millis(static_cast<std::int64_t>(seconds * 1000 + (seconds < 0 ? -0.5 : 0.5)));
}

// A plain value from text; an empty one counts as absent unless it is a string.
void assign(const TypeInfo& type, const std::string& text, void* slot) {
  if (type.kind == Kind::string) {
    if (!base::is_utf8(text)) throw Fault::without_message(FaultKind::serialization);
    *static_cast<std::string*>(type.optional->emplace(slot)) = text;
    return;
  }
  if (text.empty()) return;
  if (type.kind == Kind::boolean) {
    bool yes = base::iequals(text, "true");
    if (!yes && !base::iequals(text, "false")) refuse(text, "Boolean");
    *static_cast<bool*>(type.optional->emplace(slot)) = yes;
  } else if (type.kind == Kind::integer) {
    auto value = number<std::int64_t>(text, "Integer");
    *static_cast<std::int64_t*>(type.optional->emplace(slot)) = value;
  } else if (type.kind == Kind::number) {
    auto value = number<double>(text, "Double");
    *static_cast<double*>(type.optional->emplace(slot)) = value;
  } else if (type.kind == Kind::timestamp) {
    auto value = time_of(text);
    *static_cast<base::WallTime*>(type.optional->emplace(slot)) = value;
  }
}

void from_query(const MemberInfo& member, const Form& query, void* slot) {
  const TypeInfo& type = *member.type;
  if (type.kind == Kind::list) {
    void* list = nullptr;
    for (const Form::Pair& pair : query.with_prefix(member.wire_name)) {
      if (pair.name != member.wire_name) continue;
      if (!base::is_utf8(pair.value)) throw Fault::without_message(FaultKind::serialization);
      if (!list) list = type.optional->emplace(slot);
      if (type.element->kind == Kind::string)
        *static_cast<std::string*>(type.list->append(list)) = pair.value;
    }
    return;
  }
  if (const std::string* text = query.find(member.wire_name)) assign(type, *text, slot);
}

}  // namespace

void decode_json_request(const Route& route, const Form& query, std::string body, void* input) {
  const StructInfo& info = *route.operation->input;
  decode_json(info, std::move(body), input);
  for (const MemberInfo& member : info.members) {
    void* slot = member_at(input, member);
    if (member.location == Location::uri) {
      for (const auto& [label, value] : route.labels)
        if (label == member.wire_name) assign(*member.type, value, slot);
    } else if (member.location == Location::query || (route.alternate && member.location == Location::body)) {
      from_query(member, query, slot);
    }
  }
}

}  // namespace aws

// Struct to JSON, and the body of a fault. SES §4.
#include <charconv>
#include <cmath>

#include "aws/rest_json.h"
#include "base/encoding.h"
#include "base/json.h"

namespace aws {
namespace {

void append_value(std::string& out, const TypeInfo& type, const void* value);

void append_integer(std::string& out, std::int64_t n) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, n).ptr);
}

// Epoch seconds, with milliseconds only where there are some: 1700000000.123, 1700000000.
void append_time(std::string& out, base::WallTime time) {
  std::int64_t ms = base::to_millis(time);
  if (ms < 0) out += '-';
  std::int64_t size = ms < 0 ? -ms : ms;
  append_integer(out, size / 1000);
  if (std::int64_t rest = size % 1000) {
    const char digits[] = {'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
                           static_cast<char>('0' + rest % 10)};
    out.append(digits, sizeof digits);
    while (out.back() == '0') out.pop_back();
  }
}

struct EntryContext {
  std::string* out;
  const TypeInfo* type;
  bool first = true;
};
void append_entry(void* context, const std::string& key, const void* value) {
  auto& entry = *static_cast<EntryContext*>(context);
  if (!entry.first) *entry.out += ',';
  entry.first = false;
  base::append_json_string(*entry.out, key);
  *entry.out += ':';
  append_value(*entry.out, *entry.type->element, value);
}

void append_value(std::string& out, const TypeInfo& type, const void* value) {
  switch (type.kind) {
    case Kind::string:
      return base::append_json_string(out, *static_cast<const std::string*>(value));
    case Kind::boolean:
      out += *static_cast<const bool*>(value) ? "true" : "false";
      return;
    case Kind::integer:
      return append_integer(out, *static_cast<const std::int64_t*>(value));
    case Kind::number: {
      double n = *static_cast<const double*>(value);
      std::string text = double_text(n);
      out += std::isfinite(n) ? text : "\"" + text + "\"";
      return;
    }
    case Kind::timestamp:
      return append_time(out, *static_cast<const base::WallTime*>(value));
    case Kind::blob:
      out += '"';
      out += base::base64_encode(static_cast<const Blob*>(value)->bytes);
      out += '"';
      return;
    case Kind::structure:
      return append_json(out, *type.structure, value);
    case Kind::list:
      out += '[';
      for (std::size_t i = 0, n = type.list->size(value); i < n; ++i) {
        if (i) out += ',';
        append_value(out, *type.element, type.list->at(value, i));
      }
      out += ']';
      return;
    case Kind::map: {
      out += '{';
      EntryContext context{&out, &type};
      type.map->each(value, &context, &append_entry);
      out += '}';
      return;
    }
  }
}

}  // namespace

void append_json(std::string& out, const StructInfo& info, const void* object) {
  out += '{';
  bool first = true;
  for (const MemberInfo& m : info.members) {
    const void* value = member_value(object, m);
    if (!value) continue;
    if (!first) out += ',';
    first = false;
    out += '"';
    out += m.name;
    out += "\":";
    append_value(out, *m.type, value);
  }
  out += '}';
}

std::string encode_json_error(const base::Fault& fault) {
  std::string out = fault.capital_message() ? "{\"Message\":" : "{\"message\":";
  if (fault.has_message())
    base::append_json_string(out, fault.message());
  else
    out += "null";
  out += '}';
  return out;
}

}  // namespace aws

// Struct to XML, and faults as ErrorResponse. SES §3.
#include <charconv>
#include <cmath>

#include "aws/query.h"
#include "base/encoding.h"

namespace aws {
namespace {

void append_value(std::string& out, const TypeInfo& type, const void* value);

void open(std::string& out, std::string_view name) {
  out += '<';
  out += name;
  out += '>';
}
void close(std::string& out, std::string_view name) {
  out += "</";
  out += name;
  out += '>';
}

// <name>…</name>, or <name/> where there is nothing inside a list, map or structure.
void append_element(std::string& out, std::string_view name, const TypeInfo& type, const void* value) {
  open(out, name);
  std::size_t before = out.size();
  append_value(out, type, value);
  bool collection = type.kind == Kind::list || type.kind == Kind::map || type.kind == Kind::structure;
  if (collection && out.size() == before) {
    out.insert(out.size() - 1, 1, '/');
    return;
  }
  close(out, name);
}

void append_members(std::string& out, const StructInfo& info, const void* object) {
  for (const MemberInfo& m : info.members)
    if (const void* value = member_value(object, m)) append_element(out, m.name, *m.type, value);
}

struct EntryContext {
  std::string* out;
  const TypeInfo* type;
};
void append_entry(void* context, const std::string& key, const void* value) {
  auto& entry = *static_cast<EntryContext*>(context);
  std::string& out = *entry.out;
  out += "<entry>";
  open(out, entry.type->key_name);
  append_xml_text(out, key);
  close(out, entry.type->key_name);
  append_element(out, entry.type->value_name, *entry.type->element, value);
  out += "</entry>";
}

void append_value(std::string& out, const TypeInfo& type, const void* value) {
  switch (type.kind) {
    case Kind::string:
      return append_xml_text(out, *static_cast<const std::string*>(value));
    case Kind::boolean:
      out += *static_cast<const bool*>(value) ? "true" : "false";
      return;
    case Kind::integer:
      out += std::to_string(*static_cast<const std::int64_t*>(value));
      return;
    case Kind::number:
      out += double_text(*static_cast<const double*>(value));
      return;
    case Kind::timestamp:
      out += base::iso8601_short(*static_cast<const base::WallTime*>(value));
      return;
    case Kind::blob:
      out += base::base64_encode(static_cast<const Blob*>(value)->bytes);
      return;
    case Kind::structure:
      return append_members(out, *type.structure, value);
    case Kind::list:
      for (std::size_t i = 0, n = type.list->size(value); i < n; ++i)
        append_element(out, "member", *type.element, type.list->at(value, i));
      return;
    case Kind::map: {
      EntryContext context{&out, &type};
      return type.map->each(value, &context, &append_entry);
    }
  }
}

}  // namespace

void append_xml_text(std::string& out, std::string_view text) {
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\'':
        out += "&apos;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\r':
        out += "&#xD;";
        break;  // a bare one would be read as \n
      default:
        // Control characters cannot stand in XML 1.0 at all.
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
          out += "\xef\xbf\xbd";
        else
          out += c;
    }
  }
}

std::string double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char buffer[40];
  bool plain = value == 0 || (std::fabs(value) >= 1e-3 && std::fabs(value) < 1e15);
  auto end = plain ? std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr
                   : std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string encode_xml_result(const OperationInfo& operation, const void* output,
                              std::string_view request_id) {
  std::string response = std::string(operation.name) + "Response";
  std::string out = "<" + response + " xmlns=\"" + std::string(service(operation.api).name_space) + "\">";
  if (operation.has_output) {
    std::string wrapper = operation.result_wrapper.empty() ? std::string(operation.name) + "Result"
                                                           : std::string(operation.result_wrapper);
    std::string inner;
    append_members(inner, *operation.output, output);
    out += inner.empty() ? "<" + wrapper + "/>" : "<" + wrapper + ">" + inner + "</" + wrapper + ">";
  }
  out += "<ResponseMetadata><RequestId>";
  append_xml_text(out, request_id);
  out += "</RequestId></ResponseMetadata></" + response + ">";
  return out;
}

int xml_error_status(Api api, const base::Fault& fault) {
  for (const ErrorInfo& error : service(api).errors)
    if (error.code == fault.v1_code()) return error.status;
  return fault.v1_status();
}

std::string encode_xml_error(Api api, const base::Fault& fault, int status, std::string_view request_id) {
  std::string out = "<ErrorResponse xmlns=\"" + std::string(service(api).name_space) + "\"><Error><Type>";
  out += status >= 500 ? "Receiver" : "Sender";
  out += "</Type><Code>";
  append_xml_text(out, fault.v1_code());
  out += "</Code>";
  if (fault.has_message()) {
    out += "<Message>";
    append_xml_text(out, fault.message());
    out += "</Message>";
  }
  for (const auto& [member, value] : fault.members()) {
    open(out, member);
    append_xml_text(out, value);
    close(out, member);
  }
  out += "</Error><RequestId>";
  append_xml_text(out, request_id);
  out += "</RequestId></ErrorResponse>";
  return out;
}

}  // namespace aws

// Descriptors of the service models: what a generated struct consists of, so that one decoder, one encoder
// and one constraint check serve every operation. The tables are generated at build time from model/*.json
// (tools/generate_model.py), constant-initialised and immutable: any thread. SES §1, §3, §4.
//
// A member is reached through its offset; optionals, lists and maps through small type-erased functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "aws/types.h"

namespace aws {

enum class Api : std::uint8_t { ses, sesv2, iam, sts, sns };
inline constexpr std::size_t kApiCount = 5;

enum class Kind : std::uint8_t { string, boolean, integer, number, timestamp, blob, structure, list, map };
enum class Location : std::uint8_t { body, uri, query };

struct Pattern;  // aws/pattern.h

struct Constraints {
  bool has_min = false;
  bool has_max = false;
  std::int64_t min = 0;  // of the length in UTF-16 units, the number of elements, or the value
  std::int64_t max = 0;
  const Pattern* pattern = nullptr;
  std::span<const std::string_view> values;  // of an enum, in the order AWS prints them
};

struct OptionalOps {
  void* (*emplace)(void* optional);          // a fresh value; what was there is gone
  const void* (*get)(const void* optional);  // nullptr where empty
};
struct ListOps {
  void* (*append)(void* list);
  std::size_t (*size)(const void* list);
  const void* (*at)(const void* list, std::size_t index);
};
struct MapOps {
  void* (*insert)(void* map, std::string key);
  std::size_t (*size)(const void* map);
  void (*each)(const void* map, void* context, void (*visit)(void*, const std::string&, const void*));
};

struct TypeInfo {
  Kind kind;
  std::string_view shape;  // the model's name of it
  const OptionalOps* optional;
  const Constraints* constraints = nullptr;
  const StructInfo* structure = nullptr;
  const TypeInfo* key = nullptr;      // of a map
  const TypeInfo* element = nullptr;  // of a list; the value of a map
  const ListOps* list = nullptr;
  const MapOps* map = nullptr;
  std::string_view key_name = "key";  // of a map entry on the Query wire
  std::string_view value_name = "value";
};

struct MemberInfo {
  std::string_view name;       // on the wire
  std::string_view path;       // in the text of a broken constraint: lower camel case
  std::string_view wire_name;  // of the label or query parameter, else the name
  Location location = Location::body;
  bool required = false;    // and absence is a broken constraint
  bool show_value = false;  // the text of a broken constraint carries the value
  bool check_elements = true;
  std::uint32_t offset = 0;
  const TypeInfo* type = nullptr;
};

struct StructInfo {
  std::string_view name;
  std::span<const MemberInfo> members;
  std::span<const std::uint8_t> check_order;  // of members, where it is not their own
  bool is_union = false;
};

struct ErrorInfo {
  std::string_view shape;
  std::string_view code;  // on the wire
  int status;
  std::span<const std::string_view> members;  // beside Code and Message
};

struct Binding {
  std::string_view method;
  std::string_view path;  // template, e.g. /v2/email/identities/{EmailIdentity}
};

struct PageInfo {
  std::string_view token_in, token_out, limit;
};

// A request or an answer in memory.
using Object = std::unique_ptr<void, void (*)(void*)>;

struct OperationInfo {
  std::string_view name;
  Api api;
  Binding binding;
  std::span<const Binding> alternates;  // what older clients still send
  const StructInfo* input;              // never null; without members where the model has no input
  const StructInfo* output;
  bool has_input;
  bool has_output;
  bool own_order;  // the handler calls validate() itself, other checks of the service come first
  std::string_view result_wrapper;
  std::span<const std::string_view> errors;  // names of error shapes
  PageInfo page;
  Object (*make_input)();
};

struct ServiceInfo {
  Api api;
  std::string_view name;        // ses, sesv2, iam, sts, sns
  std::string_view title;       // as printed: "SES v2"
  std::string_view version;     // 2010-12-01
  std::string_view name_space;  // of the XML, empty for JSON
  std::string_view signing_name;
  std::span<const OperationInfo> operations;  // by name
  std::span<const ErrorInfo> errors;
};

const ServiceInfo& service(Api api);
const OperationInfo* find_operation(Api api, std::string_view name);  // nullptr if there is none
const ErrorInfo* find_error(Api api, std::string_view code);          // by wire code, else by shape name

inline const void* member_at(const void* object, const MemberInfo& member) {
  return static_cast<const char*>(object) + member.offset;
}
inline void* member_at(void* object, const MemberInfo& member) {
  return static_cast<char*>(object) + member.offset;
}
// The member's value, nullptr where it is absent.
inline const void* member_value(const void* object, const MemberInfo& member) {
  return member.type->optional->get(member_at(object, member));
}

}  // namespace aws

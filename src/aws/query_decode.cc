// Form to struct, SES §3.
#include <algorithm>
#include <charconv>
#include <limits>

#include "aws/query.h"
#include "base/encoding.h"

namespace aws {
namespace {

using base::Fault;
using base::FaultKind;

[[noreturn]] void malformed(std::string text) {
  if (text.empty()) throw Fault::without_message(FaultKind::malformed_input);
  throw Fault(FaultKind::malformed_input, std::move(text));
}

void read_boolean(const std::string& text, void* out) {
  if (base::iequals(text, "true")) {
    *static_cast<bool*>(out) = true;
  } else if (base::iequals(text, "false")) {
    *static_cast<bool*>(out) = false;
  } else {
    throw Fault(FaultKind::invalid_parameter, "Invalid value for a boolean parameter: " + text);
  }
}

template <class T>
T read_number(const std::string& text) {
  if (text.empty()) malformed("missing value for decimal type");
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) malformed("");
  return value;
}

void read_scalar(const TypeInfo& type, const std::string& text, void* out) {
  switch (type.kind) {
    case Kind::string:
      if (!base::is_utf8(text)) malformed("");
      *static_cast<std::string*>(out) = text;
      return;
    case Kind::boolean:
      return read_boolean(text, out);
    case Kind::integer:
      *static_cast<std::int64_t*>(out) = read_number<std::int64_t>(text);
      return;
    case Kind::number:
      *static_cast<double*>(out) = read_number<double>(text);
      return;
    case Kind::timestamp: {
      auto time = base::parse_time(text);
      if (!time) malformed("timestamp must follow ISO8601");
      *static_cast<base::WallTime*>(out) = *time;
      return;
    }
    case Kind::blob: {
      auto bytes = base::base64_decode(text, true);
      if (!bytes) malformed("");
      static_cast<Blob*>(out)->bytes = std::move(*bytes);
      return;
    }
    default:
      malformed("");
  }
}

// The index that starts `rest`, ended by its end or a dot; nullopt where there is none or it is absurd.
std::optional<std::uint32_t> leading_index(std::string_view rest) {
  std::uint32_t index = 0;
  auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
  if (error != std::errc{} || end == rest.data()) return std::nullopt;
  if (end != rest.data() + rest.size() && *end != '.') return std::nullopt;
  return index;
}

class Decoder {
 public:
  explicit Decoder(const Form& form) : form_(form) {}

  void structure(const StructInfo& info, const std::string& prefix, void* object) {
    for (const MemberInfo& m : info.members) {
      std::string name = prefix + std::string(m.wire_name);
      if (present(name)) value(*m.type, name, m.type->optional->emplace(member_at(object, m)));
    }
  }

 private:
  bool present(const std::string& name) const {
    return form_.find(name) || !form_.with_prefix(name + ".").empty();
  }

  void value(const TypeInfo& type, const std::string& name, void* out) {
    if (type.kind == Kind::structure) return structure(*type.structure, name + ".", out);
    if (type.kind == Kind::list) return list(type, name, out);
    if (type.kind == Kind::map) return map(type, name, out);
    if (const std::string* text = form_.find(name)) return read_scalar(type, *text, out);
    malformed("");  // Name.Something where a plain value is wanted
  }

  // Indices below `prefix`, ascending; they must run from 1 without a gap, for what lies after a gap would be
  // lost in silence.
  std::size_t count(const std::string& prefix) const {
    std::vector<std::uint32_t> found;
    for (const Form::Pair& pair : form_.with_prefix(prefix)) {
      auto index = leading_index(std::string_view(pair.name).substr(prefix.size()));
      if (index) found.push_back(*index);
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (!found.empty() && (found.front() != 1 || found.back() != found.size()))
      malformed("The members of a list must be numbered from 1 without a gap.");
    return found.size();
  }

  void list(const TypeInfo& type, const std::string& name, void* out) {
    std::string prefix = name + ".member.";
    if (form_.with_prefix(prefix).empty()) prefix = name + ".";  // Name.N, of old documents
    std::size_t n = count(prefix);
    for (std::size_t i = 1; i <= n; ++i)
      value(*type.element, prefix + std::to_string(i), type.list->append(out));
  }

  void map(const TypeInfo& type, const std::string& name, void* out) {
    std::string prefix = name + ".entry.";
    if (form_.with_prefix(prefix).empty()) prefix = name + ".";
    std::size_t n = count(prefix);
    for (std::size_t i = 1; i <= n; ++i) {
      std::string entry = prefix + std::to_string(i) + ".";
      const std::string* key = form_.find(entry + std::string(type.key_name));
      if (!key) malformed("");
      std::string value_name = entry + std::string(type.value_name);
      if (present(value_name)) value(*type.element, value_name, type.map->insert(out, *key));
    }
  }

  const Form& form_;
};

}  // namespace

void decode_form(const Form& form, const StructInfo& info, void* object) {
  Decoder(form).structure(info, "", object);
}

}  // namespace aws

// The data of a rendering: JSON, read once, and how its values look, are looked up and print.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "mail/handlebars_ast.h"
#include "mail/handlebars_value.h"

namespace mail {

namespace json = boost::json;

base::Result<TemplateData, std::string> TemplateData::parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = handlebars::kMaxDataDepth;
  json::error_code fault;
  json::value value = json::parse(json::string_view(text.data(), text.size()), fault, {}, options);
  if (fault) return base::Failure{fault.message()};
  if (!value.is_object()) return base::Failure{std::string("not a JSON object")};
  auto impl = std::make_shared<Impl>();
  impl->base = std::make_shared<const json::value>(std::move(value));
  return TemplateData(std::move(impl));
}

TemplateData TemplateData::empty() {
  auto impl = std::make_shared<Impl>();
  impl->base = std::make_shared<const json::value>(json::object());
  return TemplateData(std::move(impl));
}

TemplateData TemplateData::with(const TemplateData& over) const {
  auto one = [](const Impl& impl) {
    if (!impl.over) return impl.base;
    json::object merged = impl.base->as_object();
    for (const auto& member : impl.over->as_object()) merged.insert_or_assign(member.key(), member.value());
    return std::make_shared<const json::value>(std::move(merged));
  };
  auto impl = std::make_shared<Impl>();
  impl->base = one(*impl_);
  impl->over = one(*over.impl_);
  return TemplateData(std::move(impl));
}

namespace handlebars {

Value Value::of(const json::value* value) {
  Value out;
  if (value == nullptr || value->is_null()) return out;
  out.kind = Kind::json;
  out.json = value;
  return out;
}

Value Value::of(const Overlay* value) {
  Value out;
  out.kind = Kind::overlay;
  out.overlay = value;
  return out;
}

Value Value::of(double value) {
  Value out;
  out.kind = Kind::number;
  out.number = value;
  return out;
}

Value Value::of(bool value) {
  Value out;
  out.kind = Kind::flag;
  out.flag = value;
  return out;
}

Value Value::of(std::string_view value) {
  Value out;
  out.kind = Kind::text;
  out.text = value;
  return out;
}

bool Value::is_zero() const {
  if (kind == Kind::number) return number == 0;
  if (kind != Kind::json || !json->is_number()) return false;
  return json->is_double()  ? json->get_double() == 0
         : json->is_int64() ? json->get_int64() == 0
                            : json->get_uint64() == 0;
}

bool Value::is_empty() const {
  if (is_missing() || is_false()) return true;
  if (kind == Kind::text) return text.empty();
  if (kind != Kind::json) return false;
  return (json->is_string() && json->get_string().empty()) || (json->is_array() && json->get_array().empty());
}

const json::array* Value::array() const { return kind == Kind::json ? json->if_array() : nullptr; }

bool Value::same_as(const Value& other) const {
  if (kind != other.kind) return false;
  return kind == Kind::json      ? json == other.json
         : kind == Kind::overlay ? overlay == other.overlay
                                 : kind == Kind::missing;
}

Value Value::member(std::string_view name) const {
  if (kind == Kind::overlay) {
    for (const auto& [key, value] : overlay->named)
      if (key == name) return value;
    if (overlay->over != nullptr)
      if (const auto* found = overlay->over->if_contains(name)) return of(found);
    return overlay->base.member(name);
  }
  if (kind != Kind::json) return {};
  if (const auto* object = json->if_object()) return of(object->if_contains(name));
  const auto* list = json->if_array();
  if (list == nullptr) return {};
  if (name == "length") return of(static_cast<double>(list->size()));
  std::size_t index = 0;
  auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), index);
  bool plain = name.size() == 1 || (!name.empty() && name[0] != '0');
  if (fault != std::errc() || end != name.data() + name.size() || !plain || index >= list->size()) return {};
  return of(&(*list)[index]);
}

std::vector<std::pair<std::string_view, Value>> Value::members() const {
  std::vector<std::pair<std::string_view, Value>> out;
  auto add = [&out](const json::object& object) {
    for (const auto& member : object) out.emplace_back(member.key(), of(&member.value()));
  };
  if (kind == Kind::json && json->is_object()) add(json->get_object());
  if (kind != Kind::overlay) return out;
  out = overlay->base.members();
  json::object seen;  // where each key stands
  for (std::size_t i = 0; i < out.size(); ++i) seen[out[i].first] = i;
  auto put = [&](std::string_view key, Value value) {
    auto [place, fresh] = seen.emplace(key, out.size());
    if (fresh)
      out.emplace_back(key, value);
    else
      out[place->value().to_number<std::size_t>()].second = value;
  };
  if (overlay->over != nullptr)
    for (const auto& member : *overlay->over) put(member.key(), of(&member.value()));
  for (const auto& [key, value] : overlay->named) put(key, value);
  return out;
}

// JSON texts of up to 15 digits print as they were written; the parser may be off by the last bit.
void print_number(double value, std::string& out) {
  if (value == 0) return out.push_back('0'), void();
  if (!std::isfinite(value))
    return void(out += std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
  if (value < 0) out.push_back('-');
  value = std::fabs(value);
  char text[40];
  auto made = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, 14);
  double back = 0;
  std::from_chars(text, made.ptr, back);
  if (back != value && back != std::nextafter(value, 0.0) && back != std::nextafter(value, HUGE_VAL))
    made = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  std::string_view all(text, static_cast<std::size_t>(made.ptr - text));
  std::size_t e = all.find('e');
  int exponent = std::atoi(std::string(all.substr(e + 1)).c_str());
  std::string digits(1, all[0]);
  if (e > 2) digits += all.substr(2, e - 2);
  digits.resize(std::max<std::size_t>(digits.find_last_not_of('0') + 1, 1));
  int count = static_cast<int>(digits.size());
  if (exponent >= 21 || exponent < -6) {
    out += digits[0];
    if (count > 1) (out += '.') += digits.substr(1);
    (out += exponent < 0 ? "e-" : "e+") += std::to_string(std::abs(exponent));
  } else if (exponent < 0) {
    out += "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  } else if (count <= exponent + 1) {
    out += digits + std::string(static_cast<std::size_t>(exponent + 1 - count), '0');
  } else {
    auto whole = static_cast<std::size_t>(exponent + 1);
    out += digits.substr(0, whole) + "." + digits.substr(whole);
  }
}

namespace {

bool append(std::string_view text, std::string& out, std::size_t limit) {
  if (text.size() > limit - std::min(limit, out.size())) return false;
  out += text;
  return true;
}

bool print_json(const json::value& value, std::string& out, std::size_t limit) {
  switch (value.kind()) {
    case json::kind::null:
      return true;
    case json::kind::bool_:
      return append(value.get_bool() ? "true" : "false", out, limit);
    case json::kind::string:
      return append({value.get_string().data(), value.get_string().size()}, out, limit);
    case json::kind::int64:
      return append(std::to_string(value.get_int64()), out, limit);
    case json::kind::uint64:
      return append(std::to_string(value.get_uint64()), out, limit);
    case json::kind::double_:
      print_number(value.get_double(), out);
      return out.size() <= limit;
    case json::kind::object:
      return append("[object Object]", out, limit);
    case json::kind::array:
      break;
  }
  bool first = true;
  for (const auto& item : value.get_array()) {
    if (!first && !append(",", out, limit)) return false;
    first = false;
    if (!print_json(item, out, limit)) return false;
  }
  return true;
}

}  // namespace

bool print(const Value& value, std::string& out, std::size_t limit) {
  switch (value.kind) {
    case Value::Kind::missing:
      return true;
    case Value::Kind::json:
      return print_json(*value.json, out, limit);
    case Value::Kind::overlay:
      return append("[object Object]", out, limit);
    case Value::Kind::flag:
      return append(value.flag ? "true" : "false", out, limit);
    case Value::Kind::text:
      return append(value.text, out, limit);
    case Value::Kind::number:
      print_number(value.number, out);
      return out.size() <= limit;
  }
  return true;
}

}  // namespace handlebars
}  // namespace mail

#include "aws/validate.h"

#include "aws/pattern.h"
#include "base/encoding.h"
#include "base/fault.h"

namespace aws {
namespace {

constexpr std::size_t kMaxBroken = 100;  // entries in one text; a hostile list does not blow it up

std::string at_least(std::string_view what, std::int64_t n) {
  return "Member must have " + std::string(what) + " greater than or equal to " + std::to_string(n);
}
std::string at_most(std::string_view what, std::int64_t n) {
  return "Member must have " + std::string(what) + " less than or equal to " + std::to_string(n);
}

std::string joined(std::string_view before, std::span<const std::string_view> values) {
  std::string text(before);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i) text += ", ";
    text += values[i];
  }
  return text + "]";
}

void measure(const Constraints& limits, std::string_view what, std::int64_t n,
             std::vector<std::string>& out) {
  if (limits.has_max && n > limits.max) out.push_back(at_most(what, limits.max));
  if (limits.has_min && n < limits.min) out.push_back(at_least(what, limits.min));
}

void check_string(const Constraints& limits, const std::string& value, std::vector<std::string>& out) {
  if (limits.has_min || limits.has_max)
    measure(limits, "length", static_cast<std::int64_t>(base::utf16_length(value)), out);
  if (limits.pattern && !matches(*limits.pattern, value))
    out.push_back("Member must satisfy regular expression pattern: " + std::string(limits.pattern->text));
  if (!limits.values.empty()) {
    for (std::string_view allowed : limits.values)
      if (allowed == value) return;
    out.push_back(joined("Member must satisfy enum value set: [", limits.values));
  }
}

// What the value itself breaks, without the values inside it.
std::vector<std::string> own_constraints(const TypeInfo& type, const void* value) {
  std::vector<std::string> out;
  if (!type.constraints) return out;
  switch (type.kind) {
    case Kind::string:
      check_string(*type.constraints, *static_cast<const std::string*>(value), out);
      break;
    case Kind::integer:
      measure(*type.constraints, "value", *static_cast<const std::int64_t*>(value), out);
      break;
    case Kind::number: {
      double n = *static_cast<const double*>(value);
      const Constraints& limits = *type.constraints;
      if (limits.has_max && n > static_cast<double>(limits.max)) out.push_back(at_most("value", limits.max));
      if (limits.has_min && n < static_cast<double>(limits.min)) out.push_back(at_least("value", limits.min));
      break;
    }
    case Kind::blob:
      measure(*type.constraints, "length",
              static_cast<std::int64_t>(static_cast<const Blob*>(value)->bytes.size()), out);
      break;
    case Kind::list:
      measure(*type.constraints, "length", static_cast<std::int64_t>(type.list->size(value)), out);
      break;
    case Kind::map:
      measure(*type.constraints, "length", static_cast<std::int64_t>(type.map->size(value)), out);
      break;
    default:
      break;
  }
  return out;
}

// How a text shows the value of a member that shows it.
std::string shown(const TypeInfo& type, const void* value) {
  if (type.kind == Kind::integer) return std::to_string(*static_cast<const std::int64_t*>(value));
  if (type.kind == Kind::string) return *static_cast<const std::string*>(value);
  return "";
}

// "[a, b]": the element constraints of the first element that breaks any.
std::string bracketed(const std::vector<std::string>& constraints) {
  std::string text = "[";
  for (std::size_t i = 0; i < constraints.size(); ++i) text += (i ? ", " : "") + constraints[i];
  return text + "]";
}

// A scalar's constraints in a list are printed together: those that are broken by some element say all that
// the element's shape asks (SES §22.3, ReorderReceiptRuleSet).
std::vector<std::string> all_of(const Constraints& limits) {
  std::vector<std::string> out;
  if (limits.has_max) out.push_back(at_most("length", limits.max));
  if (limits.has_min) out.push_back(at_least("length", limits.min));
  if (limits.pattern)
    out.push_back("Member must satisfy regular expression pattern: " + std::string(limits.pattern->text));
  if (!limits.values.empty()) out.push_back(joined("Member must satisfy enum value set: [", limits.values));
  return out;
}

class Walk {
 public:
  explicit Walk(std::vector<std::string>& out) : out_(out) {}

  void structure(const StructInfo& info, const void* object, const std::string& path) {
    for (std::size_t i = 0; i < info.members.size(); ++i) {
      const MemberInfo& m = info.members[info.check_order.empty() ? i : info.check_order[i]];
      if (out_.size() >= kMaxBroken) return;
      const void* found = member_value(object, m);
      if (!found && !m.required) continue;
      std::string here = path.empty() ? std::string(m.path) : path + "." + std::string(m.path);
      if (!found) {
        out_.push_back(constraint_text(here, "Member must not be null"));
        continue;
      }
      for (const std::string& text : own_constraints(*m.type, found))
        out_.push_back(m.show_value ? "Value '" + shown(*m.type, found) + "' at '" + here +
                                          "' failed to satisfy constraint: " + text
                                    : constraint_text(here, text));
      if (m.check_elements) inside(*m.type, found, here);
    }
  }

 private:
  void inside(const TypeInfo& type, const void* value, const std::string& path) {
    if (type.kind == Kind::structure) structure(*type.structure, value, path);
    if (type.kind == Kind::list) list(type, value, path);
    if (type.kind == Kind::map) map(type, value, path);
  }

  void list(const TypeInfo& type, const void* value, const std::string& path) {
    std::size_t size = type.list->size(value);
    bool scalar = type.element->kind != Kind::structure && type.element->kind != Kind::list;
    if (scalar && !type.element->constraints) return;
    for (std::size_t i = 0; i < size && out_.size() < kMaxBroken; ++i) {
      const void* element = type.list->at(value, i);
      if (!scalar) {
        inside(*type.element, element, path + "." + std::to_string(i + 1) + ".member");
      } else if (!own_constraints(*type.element, element).empty()) {
        out_.push_back(constraint_text(
            path, "Member must satisfy constraint: " + bracketed(all_of(*type.element->constraints))));
        return;
      }
    }
  }

  struct MapVisit {
    Walk* walk;
    const TypeInfo* type;
    const std::string* path;
    bool bad_key = false;
    bool bad_value = false;
  };
  static void visit(void* context, const std::string& key, const void* value) {
    auto& v = *static_cast<MapVisit*>(context);
    if (!own_constraints(*v.type->key, &key).empty()) v.bad_key = true;
    if (!own_constraints(*v.type->element, value).empty()) v.bad_value = true;
    if (v.walk->out_.size() < kMaxBroken)
      v.walk->inside(*v.type->element, value, *v.path + "." + key + ".member");
  }
  void map(const TypeInfo& type, const void* value, const std::string& path) {
    MapVisit context{this, &type, &path};
    type.map->each(value, &context, &visit);
    if (context.bad_key)
      out_.push_back(constraint_text(
          path, "Map keys must satisfy constraint: " + bracketed(all_of(*type.key->constraints))));
    if (context.bad_value)
      out_.push_back(constraint_text(
          path, "Map value must satisfy constraint: " + bracketed(all_of(*type.element->constraints))));
  }

  std::vector<std::string>& out_;
};

}  // namespace

std::string constraint_text(std::string_view path, std::string_view constraint) {
  return "Value at '" + std::string(path) + "' failed to satisfy constraint: " + std::string(constraint);
}

std::string enum_constraint(const std::vector<std::string_view>& values) {
  return joined("Member must satisfy enum value set: [", values);
}

std::vector<std::string> broken_constraints(const StructInfo& info, const void* object) {
  std::vector<std::string> out;
  Walk(out).structure(info, object, "");
  return out;
}

void throw_broken(const std::vector<std::string>& broken) {
  if (broken.empty()) return;
  std::string text = std::to_string(broken.size()) +
                     (broken.size() == 1 ? " validation error detected: " : " validation errors detected: ");
  for (std::size_t i = 0; i < broken.size(); ++i) {
    if (i) text += "; ";
    text += broken[i];
  }
  throw base::Fault(base::FaultKind::validation, std::move(text));
}

void validate(const StructInfo& info, const void* object) { throw_broken(broken_constraints(info, object)); }

}  // namespace aws

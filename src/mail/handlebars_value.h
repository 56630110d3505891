// A value while rendering: a place in the data, or something small made on the way. Private to the engine.
// A view: it lives no longer than the data and the rendering it belongs to.
#pragma once

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mail/handlebars.h"

namespace mail {

// One object, or one over another.
struct TemplateData::Impl {
  std::shared_ptr<const boost::json::value> base, over;
};

namespace handlebars {

struct Overlay;

struct Value {
  enum class Kind { missing, json, overlay, number, flag, text };
  Kind kind = Kind::missing;
  union {
    const boost::json::value* json;
    const Overlay* overlay;
    double number;
    bool flag;
  };
  std::string_view text;

  Value() : json(nullptr) {}
  static Value of(const boost::json::value* value);
  static Value of(const Overlay* value);
  static Value of(double value);
  static Value of(bool value);
  static Value of(std::string_view value);

  bool is_missing() const { return kind == Kind::missing; }  // absent or null
  bool is_false() const {
    return kind == Kind::flag ? !flag : kind == Kind::json && json->is_bool() && !json->as_bool();
  }
  bool is_true() const {
    return kind == Kind::flag ? flag : kind == Kind::json && json->is_bool() && json->as_bool();
  }
  bool is_zero() const;
  bool is_empty() const;  // handlebars' isEmpty: false, missing, "", []; not 0
  const boost::json::array* array() const;
  bool same_as(const Value& other) const;

  Value member(std::string_view name) const;
  // The members of an object, in order; empty for what is none.
  std::vector<std::pair<std::string_view, Value>> members() const;
};

// Named values over a base: the context of a partial with arguments, replacement data over default data.
struct Overlay {
  Value base;
  const boost::json::object* over = nullptr;
  std::vector<std::pair<std::string_view, Value>> named;
};

// As JavaScript would print it, appended. False: `out` would grow beyond `limit`.
bool print(const Value& value, std::string& out, std::size_t limit);
void print_number(double value, std::string& out);

}  // namespace handlebars
}  // namespace mail

// JSON out: escaping, and a writer that puts the commas. Any valid UTF-8 stays as it is; bytes that are none
// become U+FFFD, so that what is written always parses. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace base {

// Appends `text` with quotes.
void append_json_string(std::string& out, std::string_view text);

// JsonWriter w; w.object().key("a").value("b").end(); The text is in w.text().
class JsonWriter {
 public:
  JsonWriter& object() { return open('{'); }
  JsonWriter& array() { return open('['); }
  JsonWriter& end();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(double number);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // a value that is JSON already
  JsonWriter& strings(const std::vector<std::string>& items);

  template <class T>
  JsonWriter& field(std::string_view name, const T& v) {
    key(name);
    if constexpr (std::is_same_v<T, bool>) {
      return value(v);
    } else if constexpr (std::is_integral_v<T>) {
      return value(static_cast<std::int64_t>(v));
    } else {
      return value(v);
    }
  }

  const std::string& text() const& { return out_; }
  std::string text() && { return std::move(out_); }

 private:
  JsonWriter& open(char bracket);
  void comma();

  std::string out_;
  std::string stack_;  // of open brackets
  bool first_ = true;
  bool after_key_ = false;
};

}  // namespace base

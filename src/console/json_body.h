// Small JSON documents that come in: one object whose members are scalars or lists of strings. Boost.JSON
// stays behind it. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace console {

using JsonScalar = std::variant<std::monostate, bool, double, std::string, std::vector<std::string>>;

struct JsonBody {
  std::map<std::string, JsonScalar> members;

  // nullptr where the member is missing or of another kind.
  const bool* boolean(const std::string& name) const { return get<bool>(name); }
  const double* number(const std::string& name) const { return get<double>(name); }
  const std::string* text(const std::string& name) const { return get<std::string>(name); }
  const std::vector<std::string>* list(const std::string& name) const {
    return get<std::vector<std::string>>(name);
  }

 private:
  template <class T>
  const T* get(const std::string& name) const {
    auto at = members.find(name);
    return at == members.end() ? nullptr : std::get_if<T>(&at->second);
  }
};

// nullopt: no JSON object, or one with members of other kinds. An empty text is an empty object.
std::optional<JsonBody> parse_json_body(std::string_view text);

}  // namespace console

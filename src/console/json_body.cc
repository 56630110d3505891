#include "console/json_body.h"

#include <boost/json.hpp>

#include "base/encoding.h"

namespace console {
namespace {

std::optional<JsonScalar> scalar(const boost::json::value& value) {
  if (value.is_null()) return JsonScalar();
  if (value.is_bool()) return JsonScalar(value.get_bool());
  if (value.is_number()) return JsonScalar(value.to_number<double>());
  if (value.is_string()) return JsonScalar(std::string(std::string_view(value.get_string())));
  if (!value.is_array()) return std::nullopt;
  std::vector<std::string> items;
  for (const auto& item : value.get_array()) {
    if (!item.is_string()) return std::nullopt;
    items.emplace_back(std::string_view(item.get_string()));
  }
  return JsonScalar(std::move(items));
}

}  // namespace

std::optional<JsonBody> parse_json_body(std::string_view text) {
  JsonBody body;
  if (base::trim(text).empty()) return body;
  boost::json::error_code error;
  const auto document = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
  if (error || !document.is_object()) return std::nullopt;
  for (const auto& member : document.get_object()) {
    auto value = scalar(member.value());
    if (!value) return std::nullopt;
    body.members.emplace(std::string(std::string_view(member.key())), std::move(*value));
  }
  return body;
}

}  // namespace console

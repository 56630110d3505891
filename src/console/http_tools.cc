#include "console/http_tools.h"

#include <charconv>

#include "base/encoding.h"
#include "base/json.h"

namespace console {

net::HttpResponse json_response(std::string json, int status) {
  net::HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json; charset=utf-8"},
                      {"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"}};
  response.body = std::move(json);
  return response;
}

net::HttpResponse message_response(int status, std::string_view message) {
  base::JsonWriter json;
  json.object().field("message", message).end();
  return json_response(std::move(json).text(), status);
}

net::HttpResponse no_method(std::string_view allowed) {
  auto response = message_response(405, "This method is not allowed here.");
  response.headers.emplace_back("Allow", std::string(allowed));
  return response;
}

std::map<std::string, std::string> query_parameters(std::string_view query) {
  constexpr std::size_t kMost = 64;
  std::map<std::string, std::string> out;
  for (auto pair : base::split(query, '&')) {
    if (pair.empty() || out.size() == kMost) continue;
    const auto equals = pair.find('=');
    auto value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    out.emplace(base::percent_decode(pair.substr(0, equals), true), base::percent_decode(value, true));
  }
  return out;
}

std::optional<std::string> find_parameter(const std::map<std::string, std::string>& query,
                                          const std::string& name) {
  auto at = query.find(name);
  if (at == query.end() || at->second.empty()) return std::nullopt;
  return at->second;
}

std::optional<std::int64_t> number_parameter(const std::map<std::string, std::string>& query,
                                             const std::string& name, std::int64_t fallback,
                                             std::int64_t most) {
  const auto text = find_parameter(query, name);
  if (!text) return fallback;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number < 0 || number > most)
    return std::nullopt;
  return number;
}

std::vector<std::string> path_pieces(std::string_view path) {
  std::vector<std::string> out;
  for (auto piece : base::split(path, '/'))
    if (!piece.empty()) out.push_back(base::percent_decode(piece));
  return out;
}

}  // namespace console

// Small helpers of the console's HTTP: answers, and the parameters of a query. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace console {

net::HttpResponse json_response(std::string json, int status = 200);
net::HttpResponse message_response(int status, std::string_view message);  // {"message": …}
net::HttpResponse no_method(std::string_view allowed);                     // 405

// name=value&…, decoded; the first of a name counts. At most 64.
std::map<std::string, std::string> query_parameters(std::string_view query);
// The value if it is there and not empty.
std::optional<std::string> find_parameter(const std::map<std::string, std::string>& query,
                                          const std::string& name);
// A whole number from 0 to `most`; `fallback` if missing, nullopt if it is none.
std::optional<std::int64_t> number_parameter(const std::map<std::string, std::string>& query,
                                             const std::string& name, std::int64_t fallback,
                                             std::int64_t most);

// The decoded pieces of a path between slashes.
std::vector<std::string> path_pieces(std::string_view path);

}  // namespace console

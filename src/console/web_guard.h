// Who may use the console from a browser. A page of another site must neither read the mail (by DNS
// rebinding) nor change anything (by a forged request): the Host must be one that such a site cannot have,
// and an Origin, when the browser sends one, must be ours. Programs send neither header of a foreign site and
// are not hindered. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace console {

// IP addresses, localhost, names without a dot (containers), and those under .localhost, .internal or .test,
// plus `also`, are names that no site of somebody else can have.
bool is_own_host(std::string_view host_header, const std::vector<std::string>& also);

// Why the request is refused, or nullopt.
std::optional<std::string> refusal_of(const net::HttpRequest& request,
                                      const std::vector<std::string>& own_names);

}  // namespace console

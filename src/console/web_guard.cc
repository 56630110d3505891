#include "console/web_guard.h"

#include "base/encoding.h"

namespace console {
namespace {

// The host without port and brackets; empty if it has a form that no host has.
std::string host_name(std::string_view header) {
  header = base::trim(header);
  if (header.starts_with('[')) {
    const auto close = header.find(']');
    return close == std::string_view::npos ? std::string() : std::string(header.substr(1, close - 1));
  }
  auto name = base::ascii_lower(header.substr(0, header.find(':')));
  if (!name.empty() && name.back() == '.') name.pop_back();
  return name;
}

}  // namespace

bool is_own_host(std::string_view host_header, const std::vector<std::string>& also) {
  const auto name = host_name(host_header);
  if (name.empty()) return false;
  if (net::is_ip_address(name) || name.find('.') == std::string::npos) return true;
  for (std::string_view zone : {".localhost", ".internal", ".test"})
    if (name.ends_with(zone)) return true;
  for (const auto& own : also)
    if (base::iequals(name, own)) return true;
  return false;
}

std::optional<std::string> refusal_of(const net::HttpRequest& request,
                                      const std::vector<std::string>& own_names) {
  const auto host = request.header("Host");
  if (!is_own_host(host, own_names))
    return "The console is not served under this host name. Use an IP address, localhost, or the service "
           "domain.";
  if (request.has_header("Origin")) {
    const std::string scheme = request.tls_version.empty() ? "http://" : "https://";
    if (!base::iequals(request.header("Origin"), scheme + std::string(host)))
      return "Requests of other sites are not served.";
  }
  const bool reads = request.method == "GET" || request.method == "HEAD";
  const auto site = request.header("Sec-Fetch-Site");
  if (!reads && !site.empty() && site != "same-origin" && site != "none")
    return "Requests of other sites are not served.";
  return std::nullopt;
}

}  // namespace console

#include <charconv>

#include "base/encoding.h"
#include "net/http_client.h"

namespace net {
namespace {

constexpr std::size_t kMaxUrl = 8192;

bool is_plain(std::string_view text) {
  for (unsigned char c : text)
    if (c <= ' ' || c >= 0x7f) return false;
  return true;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 &&
         host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") ==
             std::string_view::npos;
}

bool read_authority(std::string_view text, HttpSite& site) {
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    site.host = text.substr(1, end - 1);
    if (!is_ip_address(site.host)) return false;
    auto rest = text.substr(end + 1);
    has_port = rest.starts_with(':');
    if (!rest.empty() && !has_port) return false;
    port = has_port ? rest.substr(1) : "";
  } else {
    auto colon = text.find(':');
    has_port = colon != std::string_view::npos;
    site.host = base::ascii_lower(text.substr(0, colon));
    if (!is_host_name(site.host)) return false;
    port = has_port ? text.substr(colon + 1) : "";
  }
  site.port = site.tls ? 443 : 80;
  if (!has_port) return true;
  auto parsed = parse_port(port);
  if (!parsed) return false;
  site.port = *parsed;
  return true;
}

}  // namespace

std::string HttpSite::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

std::optional<HttpUrl> parse_http_url(std::string_view url) {
  if (url.size() > kMaxUrl || !is_plain(url)) return std::nullopt;
  auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  HttpUrl out;
  out.site.tls = base::iequals(url.substr(0, scheme), "https");
  if (!out.site.tls && !base::iequals(url.substr(0, scheme), "http")) return std::nullopt;
  auto rest = url.substr(scheme + 3);
  rest = rest.substr(0, rest.find('#'));
  auto path = rest.find_first_of("/?");
  if (!read_authority(rest.substr(0, path), out.site)) return std::nullopt;
  if (path != std::string_view::npos) out.target = rest.substr(path);
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  return out;
}

}  // namespace net

#include "links/page.h"

#include "base/encoding.h"
#include "mail/content_type.h"
#include "mail/header.h"

namespace links {
namespace {
constexpr std::size_t kMaxFields = 200;
}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

net::HttpResponse page(int status, std::string_view title, const std::string& content,
                       std::string_view form_targets) {
  net::HttpResponse out;
  out.status = status;
  out.headers = {
      {"Content-Type", "text/html; charset=utf-8"},
      {"Cache-Control", "no-store"},
      {"Referrer-Policy", "no-referrer"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Robots-Tag", "noindex"},
      {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action " +
                                      std::string(form_targets) +
                                      "; frame-ancestors 'none'; base-uri 'none'"},
  };
  out.body = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out.body += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out.body += "<title>" + std::string(title) + "</title>\n";
  out.body +=
      "<style>:root{color-scheme:light dark}body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;"
      "margin:4rem auto;padding:0 1rem}button{font:inherit;padding:.6rem 1.4rem}"
      "fieldset{border:1px solid;margin:1rem 0;padding:.5rem 1rem}input{width:1.2em;height:1.2em}"
      "small{display:block}strong{overflow-wrap:anywhere}</style>\n";
  out.body += "</head>\n<body>\n<main>\n<h1>" + std::string(title) + "</h1>\n" + content +
              "</main>\n</body>\n</html>\n";
  return out;
}

net::HttpResponse invalid_link() {
  return page(
      400, "This link is not valid",
      "<p>The link is not complete, or it was not made here. Open it again from the mail, or ask for a new "
      "one.</p>\n");
}

net::HttpResponse method_not_allowed() {
  auto out = page(405, "Method not allowed", "<p>This page can be opened and confirmed, nothing else.</p>\n");
  out.headers.emplace_back("Allow", "GET, HEAD, POST");
  return out;
}

Fields read_form(std::string_view text) {
  Fields out;
  for (auto part : base::split(text, '&')) {
    if (out.size() == kMaxFields) break;
    auto equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    out.emplace_back(base::percent_decode(part.substr(0, equals), true),
                     base::percent_decode(part.substr(equals + 1), true));
  }
  return out;
}

Fields read_multipart(std::string_view body, std::string_view content_type) {
  Fields out;
  auto type = mail::read_content_type(content_type);
  const auto* boundary = type.parameter("boundary");
  if (!type.is("multipart/form-data") || !boundary || boundary->empty()) return out;
  const auto mark = "--" + *boundary;
  auto at = body.find(mark);
  while (at != std::string_view::npos && out.size() < kMaxFields) {
    auto begin = body.find('\n', at);
    auto next = body.find(mark, at + mark.size());
    if (begin == std::string_view::npos || next == std::string_view::npos || begin >= next) break;
    auto inner = body.substr(begin + 1, next - begin - 1);
    auto view = mail::split_part(inner);
    const auto* disposition = view.find("Content-Disposition");
    auto read = mail::parse_disposition(disposition ? disposition->raw_value : std::string_view{});
    const auto* name = read ? read->parameter("name") : nullptr;
    if (name) out.emplace_back(*name, std::string(base::trim(view.body(inner))));
    at = next;
  }
  return out;
}

std::string value_of(const Fields& fields, std::string_view name) {
  for (const auto& [n, value] : fields)
    if (n == name) return value;
  return {};
}

}  // namespace links

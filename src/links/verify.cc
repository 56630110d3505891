#include "links/verify.h"

#include "base/encoding.h"
#include "ses/verification_link.h"

namespace links {
namespace {

constexpr std::size_t kMaxForm = 8192;

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
                       std::string_view form_targets = "'self'") {
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
      "strong{overflow-wrap:anywhere}</style>\n";
  out.body += "</head>\n<body>\n<main>\n<h1>" + std::string(title) + "</h1>\n" + content +
              "</main>\n</body>\n</html>\n";
  return out;
}

net::HttpResponse question(const ses::VerificationLink& link, std::string_view token) {
  std::string content = "<p>Account " + escape(link.scope.account.str()) +
                        " asks to send mail from <strong>" + escape(link.address) +
                        "</strong> in the region " + escape(ses::region_title(link.scope.region.str())) +
                        ".</p>\n";
  content += "<form method=\"post\" action=\"" + std::string(kVerifyPath) + "\">\n";
  content += "<input type=\"hidden\" name=\"t\" value=\"" + escape(token) + "\">\n";
  content += "<button type=\"submit\">Confirm this address</button>\n</form>\n";
  content += "<p>If you did not ask for this, close this page. Nothing happens then.</p>\n";
  // Browsers hold the redirect behind a form to form-action too.
  return page(200, "Confirm your email address", content,
              link.template_name.empty() ? "'self'" : "'self' http: https:");
}

net::HttpResponse confirmed(const std::string& address) {
  return page(200, "Email address confirmed",
              "<p><strong>" + escape(address) + "</strong> is verified. You can close this page.</p>\n");
}

net::HttpResponse refused() {
  return page(
      400, "This link is not valid",
      "<p>The link is not complete, or it was not made here. Open it again from the mail, or ask for a new "
      "one.</p>\n");
}

net::HttpResponse expired() {
  return page(
      410, "This link has expired",
      "<p>The link was good for 24 hours, or the request it belongs to is gone. Ask for a new one.</p>\n");
}

net::HttpResponse method_not_allowed() {
  auto out = page(405, "Method not allowed", "<p>This page can be opened and confirmed, nothing else.</p>\n");
  out.headers.emplace_back("Allow", "GET, HEAD, POST");
  return out;
}

// The value of t in application/x-www-form-urlencoded text.
std::string token_in(std::string_view form) {
  if (form.size() > kMaxForm) return {};
  for (auto part : base::split(form, '&'))
    if (part.starts_with("t=")) return base::percent_decode(part.substr(2), true);
  return {};
}

}  // namespace

namespace {

// SES §14: after the mail of a template the browser goes on to the template's own pages.
base::Task<std::string> next_page(send::Service& service, ses::VerificationLink link, bool success) {
  if (link.template_name.empty()) co_return std::string();
  auto made = co_await service.custom_verifications.find(link.scope, link.template_name);
  if (!made) co_return std::string();
  co_return success ? made->success_url : made->failure_url;
}

net::HttpResponse go_to(const std::string& url) {
  net::HttpResponse out;
  out.status = 302;
  out.headers = {{"Location", url}, {"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}};
  return out;
}

}  // namespace

bool serves(const net::HttpRequest& request) { return request.path() == kVerifyPath; }

base::Task<net::HttpResponse> handle(send::Service& service, net::HttpRequest request) {
  bool get = request.method == "GET" || request.method == "HEAD";
  if (!get && request.method != "POST") co_return method_not_allowed();
  auto token = token_in(get ? request.query() : std::string_view(request.body));
  auto link = ses::read_link_token(token, service.identities.link_secret());
  if (!link) co_return refused();
  bool over = service.clock.now() >= link->ends;
  if (over || !get) {
    bool done = false;
    if (!over) done = co_await service.identities.confirm_address(link->scope, link->address);
    auto url = co_await next_page(service, *link, done);
    if (!url.empty()) co_return go_to(url);
    if (!done) co_return expired();
    co_return confirmed(link->address);
  }
  co_return question(*link, token);
}

}  // namespace links

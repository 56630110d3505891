#include "links/verify.h"

#include "links/page.h"
#include "ses/verification_link.h"

namespace links {
namespace {

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

net::HttpResponse expired() {
  return page(
      410, "This link has expired",
      "<p>The link was good for 24 hours, or the request it belongs to is gone. Ask for a new one.</p>\n");
}

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

base::Task<net::HttpResponse> verify(send::Service& service, net::HttpRequest request) {
  bool get = request.method == "GET" || request.method == "HEAD";
  if (!get && request.method != "POST") co_return method_not_allowed();
  auto token = value_of(read_form(get ? request.query() : std::string_view(request.body)), "t");
  auto link = ses::read_link_token(token, service.identities.link_secret());
  if (!link) co_return invalid_link();
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

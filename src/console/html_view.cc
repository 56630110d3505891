#include "console/html_view.h"

#include <map>

#include "base/encoding.h"
#include "console/http_tools.h"

namespace console {
namespace {

constexpr std::size_t kMaxContentId = 512;

bool ends_id(char c) {
  return c == '"' || c == '\'' || c == ' ' || c == ')' || c == '>' || c == '<' || c == '&' || c == '\n' ||
         c == '\r' || c == '\t';
}

// Makes links open elsewhere; behind a document type, which must come first to count.
std::string with_link_target(std::string html) {
  constexpr std::string_view doctype = "<!doctype";
  std::size_t at = html.find_first_not_of(" \t\r\n");
  if (at == std::string::npos || !base::iequals(std::string_view(html).substr(at, doctype.size()), doctype)) {
    at = 0;
  } else {
    const auto end = html.find('>', at);
    at = end == std::string::npos ? html.size() : end + 1;
  }
  html.insert(at, "<base target=\"_blank\">");
  return html;
}

}  // namespace

std::string link_inline_images(std::string_view html, const MimeView& view) {
  std::map<std::string, std::size_t> by_id;
  for (std::size_t i = 0; i < view.attachments.size(); ++i)
    if (!view.attachments[i].content_id.empty()) by_id.emplace(view.attachments[i].content_id, i);
  std::string out;
  if (by_id.empty()) return std::string(html);
  std::size_t from = 0;
  for (auto at = html.find("cid:"); at != std::string_view::npos; at = html.find("cid:", at + 4)) {
    auto end = at + 4;
    while (end < html.size() && end - at < kMaxContentId && !ends_id(html[end])) ++end;
    auto known = by_id.find(base::percent_decode(html.substr(at + 4, end - at - 4)));
    if (known == by_id.end()) continue;
    out.append(html.substr(from, at - from));
    out += "attachments/" + std::to_string(known->second);
    from = end;
  }
  out.append(html.substr(from));
  return out;
}

net::HttpResponse html_response(const std::string& raw, bool allow_remote) {
  const auto view = read_mime(raw);
  if (!view.html) return message_response(404, "This message has no HTML.");
  const std::string remote = allow_remote ? " https: http:" : "";
  net::HttpResponse response;
  // Links open in a tab of their own; the frame itself runs nothing and is of no origin.
  response.headers = {
      {"Content-Type", "text/html; charset=utf-8"},
      {"Content-Security-Policy",
       "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
       "img-src 'self' data:" +
           remote + "; style-src 'unsafe-inline'" + remote + "; font-src data:" + remote +
           "; media-src data:" + remote + "; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-store"},
      {"X-Content-Type-Options", "nosniff"}};
  response.body = with_link_target(link_inline_images(*view.html, view));
  return response;
}

}  // namespace console

// A message's HTML as a page of its own, for a sandboxed frame: no scripts, no forms, nothing loaded from
// elsewhere unless asked for; inline images (cid:, RFC 2392) point to the message's attachments. Pure.
#pragma once

#include <string>
#include <string_view>

#include "console/mime_view.h"
#include "net/http.h"

namespace console {

// 404 when the message has no HTML.
net::HttpResponse html_response(const std::string& raw, bool allow_remote);

// Replaces "cid:ID" by "attachments/N" for the ids of the message's attachments.
std::string link_inline_images(std::string_view html, const MimeView& view);

}  // namespace console

// The plain pages of the public links: HTML without scripts, with the headers that keep them so. Text that
// comes from outside goes through escape(). Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.h"

namespace links {

std::string escape(std::string_view text);
// `title` is ours; `content` is HTML; `form_targets` says where its forms may lead (CSP form-action).
net::HttpResponse page(int status, std::string_view title, const std::string& content,
                       std::string_view form_targets = "'self'");
net::HttpResponse invalid_link();
net::HttpResponse method_not_allowed();

// The fields of application/x-www-form-urlencoded text, decoded, in order; at most 200.
using Fields = std::vector<std::pair<std::string, std::string>>;
Fields read_form(std::string_view text);
// The fields of multipart/form-data (RFC 7578); files come as fields too.
Fields read_multipart(std::string_view body, std::string_view content_type);
std::string value_of(const Fields& fields, std::string_view name);  // of the first, or ""

}  // namespace links

// The public page that verifies an address (SES §8.2): the link of the mail opens it, its button confirms.
// SES takes the click itself for consent; here a GET changes nothing, because mail scanners follow links. No
// script, no state but the signed token. Any loop.
#pragma once

#include <string_view>

#include "base/task.h"
#include "net/http.h"
#include "send/service.h"

namespace links {

inline constexpr std::string_view kVerifyPath = "/verify";

base::Task<net::HttpResponse> verify(send::Service& service, net::HttpRequest request);

}  // namespace links

// Leaving a contact list (SES §15): the link in a mail opens the recipient's preferences, whose form saves
// them; the link of the List-Unsubscribe header also takes the one-click POST of RFC 8058. A GET changes
// nothing. Each change is recorded as a Subscription event of the message the link came in. No script, no
// state but the signed token. Any loop.
#pragma once

#include <string_view>

#include "base/task.h"
#include "net/http.h"
#include "send/service.h"

namespace links {

inline constexpr std::string_view kUnsubscribePath = "/unsubscribe";

base::Task<net::HttpResponse> unsubscribe(send::Service& service, net::HttpRequest request);

}  // namespace links

// The public pages, told apart by path: verification of an address, unsubscribing and preferences. Any loop.
#pragma once

#include <cstddef>

#include "base/task.h"
#include "net/http.h"
#include "send/service.h"

namespace links {

inline constexpr std::size_t kMaxBody = 16 << 10;  // of a request

bool serves(const net::HttpRequest& request);
base::Task<net::HttpResponse> handle(send::Service& service, net::HttpRequest request);

}  // namespace links

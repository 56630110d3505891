#include "links/links.h"

#include "links/unsubscribe.h"
#include "links/verify.h"

namespace links {

bool serves(const net::HttpRequest& request) {
  return request.path() == kVerifyPath || request.path() == kUnsubscribePath;
}

base::Task<net::HttpResponse> handle(send::Service& service, net::HttpRequest request) {
  auto answering = request.path() == kVerifyPath ? verify(service, std::move(request))
                                                 : unsubscribe(service, std::move(request));
  co_return co_await answering;
}

}  // namespace links

#include "console/console.h"

#include "base/fault.h"
#include "base/log.h"
#include "console/http_tools.h"
#include "console/impl.h"
#include "console/web_assets.h"
#include "console/web_guard.h"

namespace console {
namespace {

constexpr std::string_view kRoot = "/_sesame";
// Scripts, styles and data of ours only; frames show mail, which has a stricter policy of its own.
constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

net::HttpResponse asset_response(std::string_view name) {
  for (const auto& asset : web_assets()) {
    if (asset.name != name) continue;
    net::HttpResponse response;
    response.headers = {{"Content-Type", std::string(type_of(name))},
                        {"Content-Security-Policy", std::string(kPagePolicy)},
                        {"Cross-Origin-Opener-Policy", "same-origin"},
                        {"Referrer-Policy", "no-referrer"},
                        {"Cache-Control", "no-cache"},
                        {"X-Content-Type-Options", "nosniff"}};
    response.body = std::string(asset.bytes);
    return response;
  }
  return message_response(404, "There is nothing here.");
}

net::HttpResponse to_inbox() {
  net::HttpResponse response;
  response.status = 308;
  response.headers = {{"Location", "/_sesame/"}};
  return response;
}

net::HttpResponse ok_and_empty() {
  net::HttpResponse response;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  return response;
}

net::HttpResponse response_to(std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const base::Fault& fault) {
    return message_response(fault.v2_status(), fault.message());
  } catch (const store::Overloaded& e) {
    return message_response(503, e.what());
  } catch (const std::exception& e) {
    base::log_error("the console failed: {}", e.what());
  } catch (...) {
    base::log_error("the console failed for a reason that cannot be named");
  }
  return message_response(500, "The server failed; its log says why.");
}

bool is_state(const std::vector<std::string>& pieces) {
  if (pieces.size() != 2) return false;
  for (std::string_view name : {"health", "reset", "clock", "account", "inbound"})
    if (pieces[1] == name) return true;
  return false;
}

base::Task<net::HttpResponse> ready(net::HttpResponse response) { co_return response; }

// The Task that answers. `impl` outlives it.
base::Task<net::HttpResponse> route(Console::Impl& impl, net::HttpRequest request) {
  const std::string path(request.path());
  auto query = query_parameters(request.query());
  if (path == "/_aws/ses") return impl.localstack_route(request.method, std::move(query));
  const bool get = request.method == "GET" || request.method == "HEAD";
  if (path == "/store") return get ? impl.store_route(std::move(query)) : ready(no_method("GET"));
  if (path == "/health-check") return ready(get ? ok_and_empty() : no_method("GET"));
  if (path == "/clear-store")
    return request.method == "POST" ? impl.clear_store_route() : ready(no_method("POST"));

  auto pieces = path_pieces(path);
  if (path == kRoot) return ready(to_inbox());
  if (is_state(pieces)) return impl.state_route(std::move(request), pieces[1]);
  if (pieces.size() >= 2 && pieces[1] == "messages") {
    pieces.erase(pieces.begin(), pieces.begin() + 2);
    return impl.messages_route(request.method, std::move(pieces), std::move(query));
  }
  if (!get) return ready(no_method("GET"));
  if (pieces.size() >= 2 && pieces[1] == "received") {
    pieces.erase(pieces.begin(), pieces.begin() + 2);
    return impl.received_route(std::move(pieces), std::move(query));
  }
  if (pieces.size() == 1) return ready(asset_response("inbox.html"));
  return ready(pieces.size() == 2 ? asset_response(pieces[1])
                                  : message_response(404, "There is nothing here."));
}

}  // namespace

Console::Console(send::Service& service, base::MovableClock& clock, ConsoleOptions options) {
  options.own_names.push_back(service.settings.service_domain);
  impl_ = std::make_shared<Impl>(service, clock, std::move(options));
  service.dispatcher.on_change([feed = impl_->feed] { feed->notify(); });
}

Console::~Console() { stop(); }

void Console::stop() {
  impl_->stopping = true;
  impl_->feed->notify();
}

bool Console::serves(const net::HttpRequest& request) {
  const auto path = request.path();
  return path == kRoot || path.starts_with("/_sesame/") || path == "/_aws/ses" || path == "/store" ||
         path == "/clear-store" || path == "/health-check";
}

base::Task<net::HttpResponse> Console::handle(net::HttpRequest request) {
  auto impl = impl_;  // lives as long as this
  if (auto refusal = refusal_of(request, impl->options.own_names)) co_return message_response(403, *refusal);
  std::exception_ptr error;
  net::HttpResponse response;
  try {
    auto answering = route(*impl, std::move(request));
    response = co_await answering;
  } catch (...) {
    error = std::current_exception();
  }
  if (error) response = response_to(error);
  co_return response;
}

}  // namespace console

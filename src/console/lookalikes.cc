// The inspection endpoints of two emulators, so that tests written for them go on working: LocalStack's
// /_aws/ses and aws-ses-v2-local's /store, /clear-store and /health-check. Theirs are the names and shapes.
#include <algorithm>

#include "base/encoding.h"
#include "console/http_tools.h"
#include "console/impl.h"
#include "console/lookalike_json.h"

namespace console {
namespace {

constexpr std::size_t kMostListed = 1000;
constexpr std::size_t kMostBytes = 128u << 20;  // of one answer

// The messages with what `write` makes of them, until the answer is as large as it may be.
template <class F>
base::Task<std::string> join(Console::Impl* impl, std::vector<ses::MessageSummary> messages, F write) {
  std::string out;
  for (const auto& summary : messages) {
    auto finding = impl->find(summary.id.str());
    auto message = co_await finding;
    if (!message) continue;
    if (!out.empty()) out += ',';
    const auto raw = message->raw();
    out += write(message->summary, raw);
    if (out.size() > kMostBytes) break;
  }
  co_return out;
}

}  // namespace

base::Task<net::HttpResponse> Console::Impl::localstack_route(std::string method, Query query) {
  const auto id = find_parameter(query, "id");
  if (method == "DELETE") {
    bool removed = true;
    if (id) {
      auto removing = remove(*id);
      removed = co_await removing;
    } else {
      auto removing = remove_all();
      co_await removing;
    }
    if (!removed) co_return message_response(404, "There is no such message.");
    net::HttpResponse response;
    response.status = 204;
    co_return response;
  }
  if (method != "GET") co_return no_method("GET, DELETE");
  const auto email = find_parameter(query, "email");
  auto listing = list(0, kMostListed);
  auto messages = co_await listing;
  std::erase_if(messages, [&](const ses::MessageSummary& m) {
    return (id && m.id.str() != *id) ||
           (email && m.meta.source != *email && bare_address(m.meta.source) != *email);
  });
  auto joining = join(this, std::move(messages), localstack_json);
  const auto body = co_await joining;
  co_return json_response("{\"messages\":[" + body + "]}");
}

base::Task<net::HttpResponse> Console::Impl::store_route(Query query) {
  const auto since = number_parameter(query, "since", 0, INT64_MAX / 1000);
  if (!since) co_return message_response(400, "The parameter since must be a time in seconds since 1970.");
  auto listing = list(0, kMostListed);
  auto messages = co_await listing;
  std::erase_if(messages, [&](const auto& m) { return base::to_millis(m.accepted) / 1000 < *since; });
  auto joining = join(this, std::move(messages), store_json);
  const auto body = co_await joining;
  co_return json_response("{\"templates\":{},\"emails\":[" + body + "]}");
}

base::Task<net::HttpResponse> Console::Impl::clear_store_route() {
  auto removing = remove_all();
  co_await removing;
  co_return message_response(200, "Store cleared");
}

}  // namespace console

// The control API's messages: list with filters and wait, one message, its raw form, HTML, attachments and
// trace.
#include <algorithm>

#include "base/encoding.h"
#include "base/fault.h"
#include "console/duration.h"
#include "console/html_view.h"
#include "console/http_tools.h"
#include "console/impl.h"
#include "mail/envelope.h"

namespace console {
namespace {

constexpr std::int64_t kDefaultLimit = 1000, kMostListed = 10000;
constexpr auto kLongestWait = std::chrono::seconds(60);

struct ListRequest {
  MessageFilter filter;
  std::int64_t after = 0, limit = kDefaultLimit;
  std::chrono::milliseconds wait{0};
};

[[noreturn]] void refuse(const std::string& name) {
  throw base::Fault(base::FaultKind::invalid_parameter, "The parameter " + name + " cannot be read.");
}

// Throws Fault naming the parameter that is wrong.
ListRequest read_list_request(const Query& query) {
  ListRequest out;
  out.filter.to = find_parameter(query, "to");
  out.filter.from = find_parameter(query, "from");
  out.filter.subject = find_parameter(query, "subject");
  const auto after = number_parameter(query, "after", 0, INT64_MAX);
  const auto limit = number_parameter(query, "limit", kDefaultLimit, kMostListed);
  if (!after) refuse("after");
  if (!limit) refuse("limit");
  out.after = *after;
  out.limit = *limit;
  const auto wait = find_parameter(query, "wait");
  if (!wait) return out;
  const auto time = parse_duration(*wait);
  if (!time) refuse("wait");
  out.wait = std::min<std::chrono::milliseconds>(*time, kLongestWait);
  return out;
}

std::string content_disposition(std::string_view kind, const std::string& file_name) {
  return std::string(kind) + "; filename*=UTF-8''" + base::percent_encode(file_name);
}

net::HttpResponse raw_response(const StoredMessage& message) {
  net::HttpResponse response;
  response.headers = {
      {"Content-Type", "message/rfc822"},
      {"Content-Disposition", content_disposition("inline", message.summary.id.str() + ".eml")},
      {"Content-Security-Policy", "sandbox; default-src 'none'"},
      {"Cache-Control", "no-store"},
      {"X-Content-Type-Options", "nosniff"}};
  response.body = message.raw();
  return response;
}

// Only what is surely no active content is named as it is.
std::string safe_type(const std::string& type) {
  for (std::string_view known :
       {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "application/pdf", "text/plain",
        "text/csv", "text/calendar", "message/rfc822", "application/zip", "application/json"})
    if (type == known) return type == "text/plain" ? "text/plain; charset=utf-8" : type;
  return "application/octet-stream";
}

net::HttpResponse attachment_response(const StoredMessage& message, const std::string& number) {
  const auto raw = message.raw();
  const auto view = read_mime(raw);
  const auto n = number_parameter({{"n", number}}, "n", INT64_MAX, kMaxMimeParts);
  if (!n || static_cast<std::size_t>(*n) >= view.attachments.size())
    return message_response(404, "There is no such attachment.");
  const auto& attachment = view.attachments[static_cast<std::size_t>(*n)];
  net::HttpResponse response;
  response.headers = {{"Content-Type", safe_type(attachment.content_type)},
                      {"Content-Disposition", content_disposition("attachment", attachment.file_name)},
                      {"Content-Security-Policy", "sandbox; default-src 'none'"},
                      {"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"}};
  response.body = decode_attachment(attachment);
  return response;
}

net::HttpResponse detail_response(const StoredMessage& message) {
  if (!message.content) return json_response(detail_json(message.summary, nullptr));
  const auto raw = message.raw();
  const auto view = read_mime(raw);
  return json_response(detail_json(message.summary, &view));
}

}  // namespace

base::Task<net::HttpResponse> Console::Impl::messages_route(std::string method,
                                                            std::vector<std::string> pieces, Query query) {
  if (pieces.empty() && method == "GET") {
    auto listing = list_route(std::move(query));
    auto response = co_await listing;
    co_return response;
  }
  if (pieces.empty() && method == "DELETE") {
    auto removing = remove_all();
    co_await removing;
    co_return json_response("{\"deleted\":true}");
  }
  if (pieces.empty()) co_return no_method("GET, DELETE");
  if (method == "DELETE" && pieces.size() == 1) {
    auto removing = remove(pieces[0]);
    const bool removed = co_await removing;
    co_return removed ? json_response("{\"deleted\":true}")
                      : message_response(404, "There is no such message.");
  }
  if (method != "GET") co_return no_method(pieces.size() == 1 ? "GET, DELETE" : "GET");
  auto finding = find(pieces[0]);
  auto message = co_await finding;
  if (!message && pieces.size() == 2 && pieces[1] == "trace") {  // of one that came in
    auto looking = received_route({pieces[0]}, std::move(query));
    auto response = co_await looking;
    co_return response;
  }
  if (!message) co_return message_response(404, "There is no such message.");
  auto answering = message_route(std::move(method), std::move(*message), std::move(pieces), std::move(query));
  auto response = co_await answering;
  co_return response;
}

// Waits until one matches, or the time is over (ARCHITECTURE §5); then what matches, newest last.
base::Task<net::HttpResponse> Console::Impl::list_route(Query query) {
  const auto request = read_list_request(query);
  const auto deadline = net::Steady::now() + request.wait;
  // What did not match will not do so later, so only what is new is looked at again.
  auto after = request.after;
  for (;;) {
    const auto seen = feed->version();
    auto listing = list(after, kMostListed);
    auto messages = co_await listing;
    if (!messages.empty()) after = messages.back().seq;
    std::erase_if(messages, [&request](const auto& m) { return !request.filter.matches(m); });
    const auto over = static_cast<std::int64_t>(messages.size()) - request.limit;
    if (over > 0) messages.erase(messages.begin(), messages.begin() + over);
    if (!messages.empty() || stopping || net::Steady::now() >= deadline)
      co_return json_response(list_json(messages));
    auto waiting = feed->wait(seen, deadline);
    const bool changed = co_await waiting;
    if (!changed) co_return json_response(list_json({}));
  }
}

base::Task<net::HttpResponse> Console::Impl::message_route(std::string method, StoredMessage message,
                                                           std::vector<std::string> pieces, Query query) {
  static_cast<void>(method);
  if (pieces.size() == 1) co_return detail_response(message);
  const auto& what = pieces[1];
  if (what == "trace" && pieces.size() == 2) {
    auto tracing = trace_route(std::move(message));
    auto response = co_await tracing;
    co_return response;
  }
  const bool known = (pieces.size() == 2 && (what == "raw" || what == "html")) ||
                     (pieces.size() == 3 && what == "attachments");
  if (!known) co_return message_response(404, "There is nothing here.");
  if (!message.content)
    co_return message_response(410, "The content of this message was let go after its delivery.");
  if (what == "raw") co_return raw_response(message);
  if (what == "attachments") co_return attachment_response(message, pieces[2]);
  co_return html_response(message.raw(), find_parameter(query, "remote") == "1");
}

base::Task<net::HttpResponse> Console::Impl::trace_route(StoredMessage message) {
  auto* messages = &service.messages;
  const auto seq = message.summary.seq;
  auto reading = service.store.read_value([messages, seq](store::Db& db) {
    return std::make_pair(messages->trace(db, seq), messages->events(db, seq));
  });
  const auto found = co_await reading;
  co_return json_response(trace_json(message.summary, found.first, found.second));
}

}  // namespace console

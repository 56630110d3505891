// The control API's received mail: what came in and what its rules did with it; and the way in for tests.
#include "base/fault.h"
#include "console/http_tools.h"
#include "console/impl.h"
#include "console/message_json.h"
#include "console/received_json.h"
#include "mail/address.h"
#include "mail/header.h"

namespace console {
namespace {

constexpr std::int64_t kDefaultLimit = 1000, kMostListed = 10000;

[[noreturn]] void refuse(const char* text) { throw base::Fault(base::FaultKind::invalid_parameter, text); }

std::vector<std::string> addresses_in(const mail::MessageView& head, std::string_view name) {
  std::vector<std::string> out;
  const auto* field = head.find(name);
  if (!field) return out;
  const auto boxes = mail::parse_address_list(mail::unfold(field->raw_value), true);
  if (!boxes.ok()) return out;
  for (const auto& box : *boxes) out.push_back(box.addr());
  return out;
}

// The parameter, one or several addresses, or the headers where there is none.
std::vector<std::string> recipients_of(const Query& query, const mail::MessageView& head) {
  if (const auto to = find_parameter(query, "to")) {
    const auto boxes = mail::parse_address_list(*to, true);
    if (!boxes.ok()) refuse("The parameter to cannot be read.");
    std::vector<std::string> out;
    for (const auto& box : *boxes) out.push_back(box.addr());
    return out;
  }
  auto out = addresses_in(head, "To");
  for (auto& address : addresses_in(head, "Cc")) out.push_back(std::move(address));
  return out;
}

}  // namespace

base::Task<net::HttpResponse> Console::Impl::inbound(net::HttpRequest request) {
  if (!options.receive) co_return message_response(404, "Mail is not received here.");
  const auto query = query_parameters(request.query());
  InboundMail mail;
  mail.content = with_crlf(request.body);
  const auto head = mail::split_part(mail.content);
  mail.recipients = recipients_of(query, head);
  if (mail.recipients.empty()) refuse("The mail names no recipient: give the parameter to, or a header To.");
  if (query.contains("from")) {
    mail.sender = bare_address(query.at("from"));  // empty: the null sender
  } else {
    const auto from = addresses_in(head, "From");
    if (!from.empty()) mail.sender = from.front();
  }
  mail.source_ip = find_parameter(query, "ip").value_or("127.0.0.1");
  mail.helo = find_parameter(query, "helo").value_or("localhost");
  mail.tls_version = find_parameter(query, "tls").value_or("");
  auto receiving = options.receive(std::move(mail));
  const auto ids = co_await receiving;
  if (ids.empty())
    co_return message_response(
        422, "Nobody takes this mail: no active rule set has an enabled rule for a recipient of it.");
  base::JsonWriter json;
  json.object().field("messageId", ids.front()).key("messageIds").strings(ids).end();
  co_return json_response(std::move(json).text());
}

base::Task<net::HttpResponse> Console::Impl::received_route(std::vector<std::string> pieces, Query query) {
  const auto* received = &service.received;
  if (pieces.empty()) {
    const auto limit = number_parameter(query, "limit", kDefaultLimit, kMostListed);
    if (!limit) refuse("The parameter limit cannot be read.");
    auto find = [received, limit](store::Db& db) {
      return received->list(db, static_cast<std::size_t>(*limit));
    };
    auto reading = service.store.read_value(std::move(find));
    const auto mails = co_await reading;
    co_return json_response(received_list_json(mails));
  }
  const auto id = pieces[0];
  auto find = [received, id](store::Db& db) { return received->find(db, id); };
  auto reading = service.store.read_value(std::move(find));
  const auto mail = co_await reading;
  if (!mail || pieces.size() != 1) co_return message_response(404, "There is no such mail.");
  co_return json_response(received_json(*mail));
}

}  // namespace console

// What the parts of the console share (private to the room): the service, the feed of changes, and the
// handlers by subject. All handlers run on the request's loop.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "console/change_feed.h"
#include "console/console.h"
#include "console/message_json.h"
#include "ses/message.h"

namespace console {

using Query = std::map<std::string, std::string>;

// A message with what is left of its content; `content` is null when that was let go.
struct StoredMessage {
  ses::MessageSummary summary;
  std::shared_ptr<const std::string> content;
  std::string signature;  // the DKIM-Signature header that goes on top, or empty

  std::string raw() const { return content ? signature + *content : std::string(); }
};

struct Console::Impl {
  Impl(send::Service& s, base::MovableClock& c, ConsoleOptions o)
      : service(s), clock(c), options(std::move(o)), feed(std::make_shared<ChangeFeed>()) {}

  send::Service& service;
  base::MovableClock& clock;
  const ConsoleOptions options;
  const std::shared_ptr<ChangeFeed> feed;  // the dispatcher's listener may outlive the console
  std::atomic<bool> stopping{false};

  // messages.cc: look-ups and changes.
  base::Task<std::vector<ses::MessageSummary>> list(std::int64_t after, std::size_t at_most);
  base::Task<std::optional<StoredMessage>> find(std::string id);
  base::Task<bool> remove(std::string id);
  base::Task<void> remove_all();

  // control_messages.cc, control_state.cc: the control API.
  base::Task<net::HttpResponse> messages_route(std::string method, std::vector<std::string> pieces,
                                               Query query);
  base::Task<net::HttpResponse> list_route(Query query);
  base::Task<net::HttpResponse> message_route(std::string method, StoredMessage message,
                                              std::vector<std::string> pieces, Query query);
  base::Task<net::HttpResponse> trace_route(StoredMessage message);
  base::Task<net::HttpResponse> state_route(net::HttpRequest request, std::string name);
  net::HttpResponse health() const;
  base::Task<net::HttpResponse> reset();
  base::Task<net::HttpResponse> move_clock(std::string body);
  base::Task<net::HttpResponse> change_account(net::HttpRequest request);

  // received.cc: mail that came in.
  base::Task<net::HttpResponse> inbound(net::HttpRequest request);
  base::Task<net::HttpResponse> received_route(std::vector<std::string> pieces, Query query);

  // lookalikes.cc: the endpoints of emulators.
  base::Task<net::HttpResponse> localstack_route(std::string method, Query query);
  base::Task<net::HttpResponse> store_route(Query query);
  base::Task<net::HttpResponse> clear_store_route();
};

}  // namespace console

// Look-ups and changes of the stored mail for the console.
#include <algorithm>

#include "console/impl.h"

namespace console {
namespace {

// How long a message that was just accepted may take to be captured before it is shown without.
constexpr auto kCaptureTime = std::chrono::seconds(2);

std::optional<StoredMessage> load(const ses::Messages& messages, store::Db& db, const std::string& id) {
  auto summary = messages.find(db, id);
  if (!summary) return std::nullopt;
  StoredMessage out;
  out.content = messages.load_content(db, summary->seq);
  out.signature = messages.load_signature(db, summary->seq);
  out.summary = std::move(*summary);
  return out;
}

// A templated message whose mail is still to be made: it has no subject yet.
bool unmade(const ses::MessageSummary& m) { return m.meta.templated && state_of(m) == "pending"; }

}  // namespace

base::Task<std::vector<ses::MessageSummary>> Console::Impl::list(std::int64_t after, std::size_t at_most) {
  const auto deadline = net::Steady::now() + kCaptureTime;
  for (;;) {
    const auto seen = feed->version();
    auto* messages = &service.messages;
    auto reading = service.store.read_value(
        [messages, after, at_most](store::Db& db) { return messages->list(db, after, at_most); });
    auto found = co_await reading;
    const bool complete = std::none_of(found.begin(), found.end(), unmade);
    if (complete || !options.capture || stopping) co_return found;
    auto waiting = feed->wait(seen, deadline);
    const bool changed = co_await waiting;
    if (!changed) co_return found;
  }
}

base::Task<std::optional<StoredMessage>> Console::Impl::find(std::string id) {
  const auto deadline = net::Steady::now() + kCaptureTime;
  for (;;) {
    const auto seen = feed->version();
    auto* messages = &service.messages;
    auto reading =
        service.store.read_value([messages, id](store::Db& db) { return load(*messages, db, id); });
    auto found = co_await reading;
    // Where mail is captured, its signature is due in a moment.
    if (!found || !options.capture || state_of(found->summary) != "pending" || stopping) co_return found;
    auto waiting = feed->wait(seen, deadline);
    const bool changed = co_await waiting;
    if (!changed) co_return found;
  }
}

base::Task<bool> Console::Impl::remove(std::string id) {
  auto* messages = &service.messages;
  auto writing =
      service.store.write_value([messages, id](store::Db& db) { return messages->remove(db, id); });
  const bool removed = co_await writing;
  if (removed) feed->notify();
  co_return removed;
}

base::Task<void> Console::Impl::remove_all() {
  auto forgetting = service.dispatcher.reset();
  co_await forgetting;
  auto* messages = &service.messages;
  auto writing = service.store.write([messages](store::Db& db) { messages->remove_all(db); });
  co_await writing;
  feed->notify();
}

}  // namespace console

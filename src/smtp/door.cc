#include "smtp/door.h"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <vector>

#include "net/source_limit.h"
#include "net/source_rate.h"
#include "net/stream.h"

namespace smtp {
namespace {

// How often a stop looks for sessions that became idle.
constexpr auto kLook = std::chrono::milliseconds(50);
constexpr auto kCloseGrace = std::chrono::seconds(2);
constexpr auto kRefusalTime = std::chrono::seconds(5);
constexpr auto kReplyTime = std::chrono::milliseconds(500);
constexpr std::size_t kMailInFlight = 256u << 20, kSmallMail = 64u << 20;
constexpr const char* kTooMany = "421 Too many concurrent SMTP connections";
constexpr const char* kTooOften = "421 Too many SMTP connections in a short time";

struct Open {  // a session's entry among the open ones; its stream is used on its loop only
  net::Loop* loop = nullptr;
  net::Stream* stream = nullptr;
  std::shared_ptr<SessionState> state;
};
using OpenPtr = std::shared_ptr<Open>;

base::Task<void> refuse(net::StreamPtr stream, std::string line) {
  line += "\r\n";
  const auto deadline = net::Steady::now() + kRefusalTime;
  auto writing = stream->write(line, deadline);
  const auto written = co_await writing;
  if (!written.ok()) co_return;
  auto closing = stream->shutdown(deadline);
  co_await closing;
}

base::Task<void> refuse_too_many(net::StreamPtr stream) { return refuse(std::move(stream), kTooMany); }

base::Task<void> close_at_once(net::StreamPtr stream) {
  stream->close();
  co_return;
}

// Takes the entry out again however the session ends.
class Entry {
 public:
  Entry(std::mutex& mutex, std::condition_variable& ended, std::list<OpenPtr>& list, OpenPtr open)
      : mutex_(mutex), ended_(ended), list_(list) {
    std::lock_guard lock(mutex_);
    at_ = list_.insert(list_.end(), std::move(open));
  }
  ~Entry() {
    std::lock_guard lock(mutex_);
    list_.erase(at_);
    ended_.notify_all();
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

 private:
  std::mutex& mutex_;
  std::condition_variable& ended_;
  std::list<OpenPtr>& list_;
  std::list<OpenPtr>::iterator at_;
};

// A stream that tells its entry when it is gone, so that nobody closes what is no more.
class TrackedStream final : public net::Stream {
 public:
  TrackedStream(net::StreamPtr inner, OpenPtr open) : inner_(std::move(inner)), open_(std::move(open)) {
    open_->stream = inner_.get();
  }
  ~TrackedStream() override { open_->stream = nullptr; }

  base::Task<net::IoResult> read_some(std::span<char> into, net::Deadline deadline) override {
    return inner_->read_some(into, deadline);
  }
  base::Task<net::IoResult> write(std::span<const std::string_view> parts, net::Deadline deadline) override {
    return inner_->write(parts, deadline);
  }
  base::Task<net::IoResult> start_tls_server(const net::TlsServerContext& context,
                                             net::Deadline deadline) override {
    return inner_->start_tls_server(context, deadline);
  }
  base::Task<net::IoResult> start_tls_client(const net::TlsClientContext& context, std::string server_name,
                                             net::Deadline deadline) override {
    return inner_->start_tls_client(context, std::move(server_name), deadline);
  }
  const net::TlsInfo* tls() const override { return inner_->tls(); }
  net::Loop& loop() override { return inner_->loop(); }
  const net::Endpoint& peer() const override { return inner_->peer(); }
  const net::Endpoint& local() const override { return inner_->local(); }
  bool peer_has_closed() override { return inner_->peer_has_closed(); }
  base::Task<void> shutdown(net::Deadline deadline) override { return inner_->shutdown(deadline); }
  void close() override { inner_->close(); }
  void interrupt_read() override { inner_->interrupt_read(); }

 private:
  net::StreamPtr inner_;
  OpenPtr open_;
};

void close_on_loop(const OpenPtr& open, bool idle_only) {
  open->loop->post([open, idle_only] {
    if (!open->stream) return;
    if (!idle_only) return open->stream->close();
    if (open->state->idle()) open->stream->interrupt_read();  // the session says 421 and ends
  });
}

}  // namespace

void SessionState::end() {
  if (busy_) ended_ = std::chrono::steady_clock::now().time_since_epoch();
  busy_ = false;
}

bool SessionState::idle() const {
  if (busy_) return false;
  const auto ended = ended_.load();
  return ended == std::chrono::steady_clock::duration::min() ||
         std::chrono::steady_clock::now().time_since_epoch() - ended > kReplyTime;
}

struct Door::Impl : std::enable_shared_from_this<Impl> {
  Impl(net::LoopPool& l, DoorOptions o, MakePolicy m)
      : loops(l),
        options(std::move(o)),
        make(std::move(m)),
        guard(options.connections, options.connections_per_source),
        rate(options.connection_rate),
        budget(options.budget ? options.budget
                              : std::make_shared<net::ByteBudget>(kMailInFlight, kSmallMail)) {}

  struct Port {
    ServerFeatures features;
    Refuse refuse;
  };
  std::string refusal_for(const std::string& peer, const Port& port);
  static base::Task<void> serve(std::shared_ptr<Impl> self, net::StreamPtr stream,
                                std::shared_ptr<const Port> port);
  void close_sessions(bool idle_only);

  net::LoopPool& loops;
  const DoorOptions options;
  const MakePolicy make;
  net::SourceLimit guard;
  net::SourceRate rate;
  std::shared_ptr<net::ByteBudget> budget;
  std::vector<std::unique_ptr<net::Listener>> listeners;
  std::atomic<bool> draining{false};

  std::mutex mutex;
  std::condition_variable ended;
  std::list<OpenPtr> open;
};

std::string Door::Impl::refusal_for(const std::string& peer, const Port& port) {
  if (draining) return kTooMany;
  if (!rate.take(peer, net::Steady::now())) return kTooOften;
  return port.refuse ? port.refuse(peer) : std::string();
}

base::Task<void> Door::Impl::serve(std::shared_ptr<Impl> self, net::StreamPtr stream,
                                   std::shared_ptr<const Port> port) {
  const auto peer = stream->peer().address;
  const auto place = self->guard.take(peer);
  auto line = place ? self->refusal_for(peer, *port) : std::string(kTooMany);
  if (!line.empty()) {
    // Before TLS nobody could read the reason.
    auto refusing = port->features.tls_from_start ? close_at_once(std::move(stream))
                                                  : refuse(std::move(stream), std::move(line));
    co_await refusing;
    co_return;
  }
  auto open = std::make_shared<Open>();
  open->loop = &stream->loop();
  open->state = std::make_shared<SessionState>();
  auto policy = self->make(peer, open->state);
  if (!policy) co_return;
  Entry entry(self->mutex, self->ended, self->open, open);
  net::StreamPtr tracked = std::make_unique<TrackedStream>(std::move(stream), open);
  auto dialogue =
      smtp::serve(std::move(tracked), std::move(policy), port->features, self->options.session, self->budget);
  co_await dialogue;
}

void Door::Impl::close_sessions(bool idle_only) {  // under the mutex
  for (const auto& entry : open) close_on_loop(entry, idle_only);
}

Door::Door(net::LoopPool& loops, DoorOptions options, MakePolicy make)
    : impl_(std::make_shared<Impl>(loops, std::move(options), std::move(make))) {}

Door::~Door() { drain(net::Steady::now()); }

net::Endpoint Door::listen(const net::Endpoint& endpoint, const ServerFeatures& features, Refuse refuse) {
  auto port = std::make_shared<const Impl::Port>(Impl::Port{features, std::move(refuse)});
  // The guard counts over all ports; the listener's own limit only leaves room for saying no.
  const std::size_t most = impl_->options.connections + 64;
  auto handler = [weak = std::weak_ptr(impl_), port](net::StreamPtr stream) {
    auto self = weak.lock();
    return self ? Impl::serve(std::move(self), std::move(stream), port) : close_at_once(std::move(stream));
  };
  impl_->listeners.push_back(std::make_unique<net::Listener>(
      impl_->loops, endpoint, most, handler, features.tls_from_start ? close_at_once : refuse_too_many));
  return impl_->listeners.back()->local();
}

std::size_t Door::sessions() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->open.size();
}

bool Door::drain(net::Deadline deadline) {
  impl_->draining = true;
  for (auto& listener : impl_->listeners) listener->stop();
  std::unique_lock lock(impl_->mutex);
  const auto none_open = [this] { return impl_->open.empty(); };
  while (!none_open() && net::Steady::now() < deadline) {
    impl_->close_sessions(true);
    impl_->ended.wait_until(lock, std::min(deadline, net::Steady::now() + kLook), none_open);
  }
  if (none_open()) return true;
  impl_->close_sessions(false);
  impl_->ended.wait_for(lock, kCloseGrace, none_open);
  return false;
}

}  // namespace smtp

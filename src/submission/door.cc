#include "submission/door.h"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <stdexcept>

#include "net/source_limit.h"
#include "net/stream.h"
#include "submission/session.h"

namespace submission {
namespace {

// How often a stop looks for sessions that became idle.
constexpr auto kLook = std::chrono::milliseconds(50);
constexpr auto kStep = std::chrono::milliseconds(200);
constexpr auto kCloseGrace = std::chrono::seconds(2);
constexpr auto kRefusalTime = std::chrono::seconds(5);
constexpr std::size_t kMailInFlight = 256u << 20, kSmallMail = 64u << 20;
constexpr std::string_view kTooMany = "421 Too many concurrent SMTP connections\r\n";

struct Open {  // a session's entry among the open ones; its stream is used on its loop only
  net::Loop* loop = nullptr;
  net::Stream* stream = nullptr;
  std::shared_ptr<SessionState> state;
};
using OpenPtr = std::shared_ptr<Open>;

// In small steps, so that a stop need not wait for those that failed to log in.
base::Task<void> sleep_on_loop(const std::atomic<bool>* draining, std::chrono::milliseconds time) {
  const auto end = net::Steady::now() + time;
  while (!*draining && net::Steady::now() < end) {
    auto sleeping =
        net::Loop::current()->sleep_for(std::min<net::Steady::duration>(end - net::Steady::now(), kStep));
    co_await sleeping;
  }
}

base::Task<void> note_denial(send::Service* service, ses::AccessRecord record) {
  service->audit.record(std::move(record));
  auto settling = service->audit.settle();
  co_await settling;
}

base::Task<void> refuse(net::StreamPtr stream) {
  const auto deadline = net::Steady::now() + kRefusalTime;
  auto writing = stream->write(kTooMany, deadline);
  const auto written = co_await writing;
  if (!written.ok()) co_return;
  auto closing = stream->shutdown(deadline);
  co_await closing;
}

base::Task<void> close_at_once(net::StreamPtr stream) {
  stream->close();
  co_return;
}

LoginRules login_rules(const send::Service& service, const DoorOptions& options) {
  LoginRules rules;
  rules.regions = service.settings.regions;
  rules.lenient = !options.strict_auth;
  rules.default_account = service.settings.dev_account;
  rules.default_region = options.default_region;
  return rules;
}

smtp::ServerFeatures features_of(const DoorOptions& options, const ses::Settings& settings,
                                 bool tls_from_start) {
  const bool plaintext = options.allow_plaintext || settings.dev;
  smtp::ServerFeatures features;
  features.starttls = options.tls != nullptr && !tls_from_start;
  features.tls_from_start = tls_from_start;
  features.tls = options.tls;
  features.require_tls = !plaintext;
  features.auth_before_tls = plaintext;
  features.require_auth = options.strict_auth;
  features.smtputf8 = settings.smtputf8;
  features.size = options.session.max_message;
  return features;
}

}  // namespace

struct SmtpDoor::Impl : std::enable_shared_from_this<Impl> {
  Impl(send::Service& s, net::LoopPool& l, DoorOptions o)
      : service(s),
        loops(l),
        options(std::move(o)),
        login(login_rules(s, options), [&s](std::string_view id) { return s.principals.find_key(id); }),
        guard(options.connections, options.connections_per_source),
        shared{s.settings.service_domain,
               s.settings.smtputf8,
               login,
               s.throttle,
               s.random,
               [&s](send::Submission submission) { return send::submit(s, std::move(submission)); },
               [this](std::chrono::milliseconds time) { return sleep_on_loop(&shared.draining, time); },
               [&s](ses::AccessRecord record) { return note_denial(&s, std::move(record)); },
               [&s](const ses::Caller& caller) {
                 s.principals.note_use(caller.access_key_id, "ses", caller.scope.region.str());
               }},
        budget(options.budget ? options.budget
                              : std::make_shared<net::ByteBudget>(kMailInFlight, kSmallMail)) {}

  net::Endpoint listen(const net::Endpoint& endpoint, bool tls_from_start);
  static base::Task<void> serve(std::shared_ptr<Impl> self, net::StreamPtr stream,
                                smtp::ServerFeatures features);
  void close_sessions(bool idle_only);

  send::Service& service;
  net::LoopPool& loops;
  const DoorOptions options;
  Login login;
  net::SourceLimit guard;
  Shared shared;
  std::shared_ptr<net::ByteBudget> budget;
  std::vector<std::unique_ptr<net::Listener>> listeners;

  std::mutex mutex;
  std::condition_variable ended;
  std::list<OpenPtr> open;
};

namespace {

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

 private:
  net::StreamPtr inner_;
  OpenPtr open_;
};

void close_on_loop(const OpenPtr& open, bool idle_only) {
  open->loop->post([open, idle_only] {
    if (!open->stream) return;
    if (idle_only && !open->state->idle()) return;
    open->stream->close();
  });
}

}  // namespace

net::Endpoint SmtpDoor::Impl::listen(const net::Endpoint& endpoint, bool tls_from_start) {
  const auto features = features_of(options, service.settings, tls_from_start);
  if ((features.require_tls || tls_from_start) && !options.tls)
    throw std::runtime_error("SMTP on " + endpoint.text() + " needs a certificate");
  // The guard counts over all ports; the listener's own limit only leaves room for saying no.
  const std::size_t most = options.connections + 64;
  auto handler = [weak = weak_from_this(), features](net::StreamPtr stream) {
    auto self = weak.lock();
    return self ? serve(std::move(self), std::move(stream), features) : close_at_once(std::move(stream));
  };
  listeners.push_back(std::make_unique<net::Listener>(loops, endpoint, most, handler,
                                                      tls_from_start ? close_at_once : refuse));
  return listeners.back()->local();
}

base::Task<void> SmtpDoor::Impl::serve(std::shared_ptr<Impl> self, net::StreamPtr stream,
                                       smtp::ServerFeatures features) {
  const auto place = self->guard.take(stream->peer().address);
  if (!place || self->shared.draining) {
    // Before TLS nobody could read the reason.
    auto refusing = features.tls_from_start ? close_at_once(std::move(stream)) : refuse(std::move(stream));
    co_await refusing;
    co_return;
  }
  auto open = std::make_shared<Open>();
  open->loop = &stream->loop();
  open->state = std::make_shared<SessionState>();
  Entry entry(self->mutex, self->ended, self->open, open);
  auto session = std::make_unique<Session>(self->shared, open->state, stream->peer().address, "");
  net::StreamPtr tracked = std::make_unique<TrackedStream>(std::move(stream), open);
  auto dialogue =
      smtp::serve(std::move(tracked), std::move(session), features, self->options.session, self->budget);
  co_await dialogue;
}

void SmtpDoor::Impl::close_sessions(bool idle_only) {  // under the mutex
  for (const auto& entry : open) close_on_loop(entry, idle_only);
}

SmtpDoor::SmtpDoor(send::Service& service, net::LoopPool& loops, DoorOptions options)
    : impl_(std::make_shared<Impl>(service, loops, std::move(options))) {}

SmtpDoor::~SmtpDoor() { drain(net::Steady::now()); }

net::Endpoint SmtpDoor::listen(const net::Endpoint& endpoint, bool tls_from_start) {
  return impl_->listen(endpoint, tls_from_start);
}

std::size_t SmtpDoor::sessions() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->open.size();
}

bool SmtpDoor::drain(net::Deadline deadline) {
  impl_->shared.draining = true;
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

}  // namespace submission

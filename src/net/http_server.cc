#include <condition_variable>
#include <limits>
#include <list>
#include <mutex>

#include "net/http.h"
#include "net/http_connection.h"
#include "net/loop_impl.h"
#include "net/source_limit.h"

namespace net {
namespace {

constexpr auto kEndWait = std::chrono::seconds(5);

}  // namespace

struct HttpServer::Impl : HttpShared, std::enable_shared_from_this<HttpServer::Impl> {
  using Connections = std::list<HttpConnection*>;

  Impl(LoopPool& p, HttpServerOptions o, Handler h)
      : HttpShared(std::move(o), std::move(h)),
        pool(p),
        connections(p.size()),
        sources(std::numeric_limits<std::size_t>::max(), options.max_connections_per_source) {}

  static base::Task<void> serve(std::shared_ptr<Impl> server, StreamPtr stream);
  Connections& here();
  void stop_listening();
  void on_each(void (HttpConnection::*what)());
  bool wait_for_all(Deadline deadline);
  void begin();
  void end();

  LoopPool& pool;
  std::vector<Connections> connections;  // by loop, each touched on its own thread only
  SourceLimit sources;
  std::mutex mutex;
  std::condition_variable all_ended;
  std::size_t open = 0, errands = 0;
  std::vector<std::unique_ptr<Listener>> listeners;
};

namespace {

// A connection's place in the list of its loop.
struct Listed {
  Listed(std::list<HttpConnection*>& l, HttpConnection* connection)
      : list(l), place(l.insert(l.begin(), connection)) {}
  ~Listed() { list.erase(place); }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;

  std::list<HttpConnection*>& list;
  std::list<HttpConnection*>::iterator place;
};

template <class F>
struct AtEnd {
  explicit AtEnd(F f) : call(std::move(f)) {}
  ~AtEnd() { call(); }
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  F call;
};

}  // namespace

base::Task<void> HttpServer::Impl::serve(std::shared_ptr<Impl> server, StreamPtr stream) {
  server->begin();
  AtEnd counted([s = server.get()] { s->end(); });
  const auto place = server->sources.take(stream->peer().address);
  if (!place) {
    stream->close();
    co_return;
  }
  HttpConnection connection(*server, std::move(stream));
  Listed listed(server->here(), &connection);
  auto running = connection.run();
  co_await running;
}

HttpServer::Impl::Connections& HttpServer::Impl::here() {
  std::size_t i = 0;
  while (&pool.at(i) != Loop::current()) ++i;
  return connections[i];
}

void HttpServer::Impl::begin() {
  std::lock_guard lock(mutex);
  ++open;
}

void HttpServer::Impl::end() {
  std::lock_guard lock(mutex);
  if (--open == 0) all_ended.notify_all();
}

void HttpServer::Impl::stop_listening() {
  draining = true;
  for (auto& listener : listeners) listener->stop();
}

// What was accepted before stop_listening() was handed to its loop before this errand, so none is missed.
void HttpServer::Impl::on_each(void (HttpConnection::*what)()) {
  for (std::size_t i = 0; i < pool.size(); ++i) {
    if (!pool.at(i).impl().running) continue;
    {
      std::lock_guard lock(mutex);
      ++errands;
    }
    pool.at(i).post([self = shared_from_this(), i, what] {
      for (auto* connection : self->connections[i]) (connection->*what)();
      std::lock_guard lock(self->mutex);
      --self->errands;
      self->all_ended.notify_all();
    });
  }
}

bool HttpServer::Impl::wait_for_all(Deadline deadline) {
  std::unique_lock lock(mutex);
  return all_ended.wait_until(lock, deadline, [&] { return open == 0 && errands == 0; });
}

HttpServer::HttpServer(LoopPool& pool, HttpServerOptions options, Handler handler)
    : impl_(std::make_shared<Impl>(pool, std::move(options), std::move(handler))) {}

HttpServer::~HttpServer() {
  impl_->stop_listening();
  impl_->on_each(&HttpConnection::close);
  impl_->wait_for_all(Steady::now() + kEndWait);
  impl_->listeners.clear();
}

Endpoint HttpServer::listen(const Endpoint& endpoint) {
  auto serve = [impl = impl_](StreamPtr stream) { return Impl::serve(impl, std::move(stream)); };
  impl_->listeners.push_back(
      std::make_unique<Listener>(impl_->pool, endpoint, impl_->options.max_connections, serve));
  return impl_->listeners.back()->local();
}

bool HttpServer::drain(Deadline deadline) {
  impl_->stop_listening();
  impl_->on_each(&HttpConnection::drain);
  return impl_->wait_for_all(deadline);
}

std::size_t HttpServer::open_connections() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->open;
}

}  // namespace net

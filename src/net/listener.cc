#include <future>
#include <stdexcept>

#include "base/log.h"
#include "net/tcp_stream.h"

namespace net {
namespace {

// Accepting goes on this much later when the process is out of descriptors or memory.
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr std::size_t kMaxRefusing = 256;

// What connections share with their listener; any loop's thread.
struct Served {
  std::size_t max_connections;
  Listener::Handler handler, refuse;
  std::atomic<std::size_t> open{0}, refusing{0};
};

struct Counted {
  explicit Counted(std::atomic<std::size_t>& c) : counter(c) {}
  ~Counted() { --counter; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  std::atomic<std::size_t>& counter;
};

base::Task<void> serve(std::shared_ptr<Served> served, bool refused, StreamPtr stream) {
  Counted counted(refused ? served->refusing : served->open);
  auto task = (refused ? served->refuse : served->handler)(std::move(stream));
  co_await task;
  task = {};  // the connection is closed before it is counted out
}

}  // namespace

// The accepting side; everything in it belongs to loop 0.
struct Listener::Impl final : LoopMember, std::enable_shared_from_this<Listener::Impl> {
  Impl(LoopPool& p, std::shared_ptr<Served> s)
      : LoopMember(p.at(0)),
        pool(p),
        served(std::move(s)),
        acceptor(std::in_place, p.at(0).impl().context),
        pause(std::in_place, p.at(0).impl().context) {}

  void wind_down() override { close(); }
  void abandon() override {
    acceptor.reset();
    pause.reset();
  }

  void bind(const Endpoint& endpoint);
  void accept();
  void on_accept(const ErrorCode& error, Loop& target, TcpSocket socket);
  void hand_over(Loop& target, TcpSocket socket);
  void close();

  LoopPool& pool;
  const std::shared_ptr<Served> served;
  std::optional<TcpAcceptor> acceptor;
  std::optional<SteadyTimer> pause;
  Endpoint local;
  std::size_t next = 0;
  std::atomic<bool> stopped{false};
};

void Listener::Impl::bind(const Endpoint& endpoint) {
  auto address = to_asio(endpoint);
  if (!address) throw std::runtime_error("cannot listen on " + endpoint.text() + ": not an IP address");
  ErrorCode error;
  auto check = [&] {
    if (error) throw std::runtime_error("cannot listen on " + endpoint.text() + ": " + error.message());
  };
  acceptor->open(address->protocol(), error);
  check();
  acceptor->set_option(asio::socket_base::reuse_address(true), error);
  acceptor->bind(*address, error);
  check();
  acceptor->listen(asio::socket_base::max_listen_connections, error);
  check();
  local = to_endpoint(acceptor->local_endpoint(error));
  check();
}

void Listener::Impl::accept() {
  if (stopped || !acceptor || !acceptor->is_open()) return;
  Loop& target = pool.at(next++ % pool.size());
  acceptor->async_accept(target.impl().context,
                         [self = shared_from_this(), &target](const ErrorCode& error, TcpSocket socket) {
                           self->on_accept(error, target, std::move(socket));
                         });
}

void Listener::Impl::on_accept(const ErrorCode& error, Loop& target, TcpSocket socket) {
  if (stopped || error == asio::error::operation_aborted) return;
  if (error == asio::error::no_descriptors || error == asio::error::no_memory ||
      error == boost::system::errc::too_many_files_open_in_system || error == asio::error::no_buffer_space) {
    base::log_warn("cannot accept on {}: {}", local.text(), error.message());
    pause->expires_after(kPause);
    pause->async_wait([self = shared_from_this()](ErrorCode) { self->accept(); });
    return;
  }
  if (!error) hand_over(target, std::move(socket));  // else the peer was gone before it was accepted
  accept();
}

void Listener::Impl::hand_over(Loop& target, TcpSocket socket) {
  bool full = served->open >= served->max_connections;
  if (full && (!served->refuse || served->refusing >= kMaxRefusing)) return;
  ++(full ? served->refusing : served->open);
  asio::post(target.impl().context, [served = served, full, &target, socket = std::move(socket)]() mutable {
    auto state = std::make_shared<StreamState>(target, std::move(socket));
    state->set_endpoints();
    if (target.impl().closing) state->close();
    base::spawn(serve(std::move(served), full, std::make_unique<TcpStream>(std::move(state))));
  });
}

void Listener::Impl::close() {
  stopped = true;
  ErrorCode ignored;
  if (acceptor) acceptor->close(ignored);
  if (pause) pause->cancel();
}

Listener::Listener(LoopPool& pool, const Endpoint& endpoint, std::size_t max_connections, Handler handler,
                   Handler refuse) {
  auto made = std::make_shared<std::promise<std::shared_ptr<Impl>>>();
  auto future = made->get_future();
  auto served = std::make_shared<Served>();
  served->max_connections = max_connections;
  served->handler = std::move(handler);
  served->refuse = std::move(refuse);
  auto work = [&pool, endpoint, served, made] {
    try {
      auto impl = std::make_shared<Impl>(pool, served);
      impl->bind(endpoint);
      impl->accept();
      made->set_value(std::move(impl));
    } catch (...) {
      made->set_exception(std::current_exception());
    }
  };
  if (Loop::current() == &pool.at(0)) {
    work();
  } else {
    pool.at(0).post(std::move(work));
  }
  impl_ = future.get();
}

Listener::~Listener() {
  stop();
  // The inside is linked into the loop, so its last reference must go there.
  auto& loop = impl_->pool.at(0);
  if (loop.impl().running && Loop::current() != &loop) {
    loop.post([kept = std::move(impl_)]() mutable { kept.reset(); });
  }
}

Endpoint Listener::local() const { return impl_->local; }

void Listener::stop() {
  if (impl_->stopped.exchange(true)) return;
  auto& loop = impl_->pool.at(0);
  if (Loop::current() == &loop || !loop.impl().running) return impl_->close();
  auto closed = std::make_shared<std::promise<void>>();
  auto future = closed->get_future();
  loop.post([impl = impl_, closed] {
    impl->close();
    closed->set_value();
  });
  // The loop may be stopping, and then closes the listener itself.
  if (Loop::current() == nullptr) future.wait_for(std::chrono::seconds(2));
}

std::size_t Listener::open_connections() const { return impl_->served->open; }

}  // namespace net

#include "net/tcp_stream.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace net {
namespace {

using State = std::shared_ptr<StreamState>;
constexpr std::size_t kMaxParts = 16;
constexpr std::size_t kTlsRecord = 16384;  // RFC 8446 §5.1
constexpr std::size_t kTlsCopyBelow = 4096;

struct Parts {
  std::array<std::string_view, kMaxParts> part;
  std::size_t count = 0;
  bool too_many = false;
};

struct Receive : Completion {
  Receive(StreamState& s, std::span<char> b) : state(s), buffer(b) {}
  StreamState& state;
  std::span<char> buffer;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    waiter = h;
    state.socket->async_receive(asio::buffer(buffer.data(), buffer.size()), handler());
  }
  void await_resume() const noexcept {}
};

struct Wait : Completion {
  Wait(StreamState& s, TcpSocket::wait_type k) : state(s), kind(k) {}
  StreamState& state;
  TcpSocket::wait_type kind;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    waiter = h;
    state.socket->async_wait(kind, handler());
  }
  void await_resume() const noexcept {}
};

struct Connect : Completion {
  Connect(StreamState& s, asio::ip::tcp::endpoint t) : state(s), to(std::move(t)) {}
  StreamState& state;
  asio::ip::tcp::endpoint to;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    waiter = h;
    state.socket->async_connect(to, handler());
  }
  void await_resume() const noexcept {}
};

IoResult system_failure(int error) {
  ErrorCode code(error, boost::system::system_category());
  return {0, to_io_error(code), code.message()};
}

base::Task<IoResult> wait_for(State s, TcpSocket::wait_type kind, Deadline deadline) {
  if (!s->open()) co_return s->closed();
  Wait wait(*s, kind);
  s->begin_wait(deadline, kind == TcpSocket::wait_read);
  co_await wait;
  s->end_wait();
  if (wait.error) co_return s->failure(wait.error);
  co_return IoResult{};
}

base::Task<IoResult> read_plain(State s, std::span<char> into, Deadline deadline) {
  if (!s->open()) co_return s->closed();
  if (into.empty()) co_return IoResult{0, IoError::other, "no room to read into"};
  Receive receive(*s, into);
  s->begin_wait(deadline, true);
  co_await receive;
  s->end_wait();
  if (receive.error) co_return s->failure(receive.error);
  co_return IoResult{receive.bytes, IoError::none, {}};
}

// The bytes of `parts` from `done` on, as the kernel wants them.
std::size_t gather(const Parts& parts, std::size_t done, std::array<iovec, kMaxParts>& out) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < parts.count; ++i) {
    auto part = parts.part[i];
    if (done >= part.size()) {
      done -= part.size();
      continue;
    }
    part.remove_prefix(done);
    done = 0;
    out[count++] = {const_cast<char*>(part.data()), part.size()};
  }
  return count;
}

base::Task<IoResult> write_plain(State s, Parts parts, Deadline deadline) {
  std::size_t done = 0;
  for (;;) {
    if (!s->open()) co_return s->closed();
    std::array<iovec, kMaxParts> vectors;
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = gather(parts, done, vectors);
    if (message.msg_iovlen == 0) co_return IoResult{done, IoError::none, {}};
    auto n = ::sendmsg(s->fd(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
      if (s->must_yield()) {
        Yield yield(s->loop);
        co_await yield;
      }
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) co_return system_failure(errno);
    auto waited = wait_for(s, TcpSocket::wait_write, deadline);
    auto ready = co_await waited;
    if (!ready.ok()) {
      ready.bytes = done;
      co_return ready;
    }
  }
}

base::Task<IoResult> fail_with(IoResult result) { co_return result; }

using Outcome = TlsSession::Outcome;

// After an outcome that is not `done`: waits if OpenSSL waits for the socket, or says what went wrong.
base::Task<IoResult> settle(State s, Outcome outcome, Deadline deadline) {
  switch (outcome) {
    case Outcome::want_read:
      return wait_for(std::move(s), TcpSocket::wait_read, deadline);
    case Outcome::want_write:
      return wait_for(std::move(s), TcpSocket::wait_write, deadline);
    default:
      break;
  }
  auto error = outcome == Outcome::eof     ? IoError::eof
               : outcome == Outcome::reset ? IoError::reset
                                           : IoError::tls;
  return fail_with({0, error, s->tls->error()});
}

base::Task<IoResult> handshake(State s, Deadline deadline) {
  for (;;) {
    if (!s->open()) co_return s->closed();
    auto outcome = s->tls->handshake();
    if (outcome == Outcome::done) break;
    auto settling = settle(s, outcome, deadline);
    auto settled = co_await settling;
    if (!settled.ok()) co_return settled;
  }
  s->secure = true;
  co_return IoResult{};
}

base::Task<IoResult> read_tls(State s, std::span<char> into, Deadline deadline) {
  if (into.empty()) co_return IoResult{0, IoError::other, "no room to read into"};
  for (;;) {
    if (!s->open()) co_return s->closed();
    std::size_t bytes = 0;
    auto outcome = s->tls->read(into, bytes);
    if (outcome == Outcome::done) {
      if (s->must_yield()) {
        Yield yield(s->loop);
        co_await yield;
      }
      co_return IoResult{bytes, IoError::none, {}};
    }
    auto settling = settle(s, outcome, deadline);
    auto settled = co_await settling;
    if (!settled.ok()) co_return settled;
  }
}

base::Task<IoResult> write_all_tls(State s, std::string_view bytes, Deadline deadline) {
  IoResult total;
  while (total.bytes < bytes.size()) {
    if (!s->open()) {
      total.error = IoError::cancelled;
      break;
    }
    std::size_t written = 0;
    auto outcome = s->tls->write(bytes.substr(total.bytes, kTlsRecord), written);
    total.bytes += written;
    if (outcome == Outcome::done) {
      if (s->must_yield()) {
        Yield yield(s->loop);
        co_await yield;
      }
      continue;
    }
    auto settling = settle(s, outcome, deadline);
    auto settled = co_await settling;
    if (settled.ok()) continue;
    total.error = settled.error == IoError::eof ? IoError::reset : settled.error;
    total.detail = std::move(settled.detail);
    break;
  }
  co_return total;
}

// Small parts are copied together, so that they share a record; large ones are encrypted where they lie.
base::Task<IoResult> write_tls(State s, Parts parts, Deadline deadline) {
  IoResult total;
  std::string small;
  for (std::size_t i = 0; i <= parts.count; ++i) {
    auto part = i < parts.count ? parts.part[i] : std::string_view();
    bool last = i == parts.count;
    if (!last && part.size() < kTlsCopyBelow && small.size() + part.size() <= kTlsRecord) {
      small += part;
      continue;
    }
    if (!small.empty()) {
      auto writing = write_all_tls(s, small, deadline);
      auto wrote = co_await writing;
      wrote.bytes += total.bytes;
      total = std::move(wrote);
      if (!total.ok()) co_return total;
      small.clear();
    }
    if (part.size() < kTlsCopyBelow) {
      small = part;
      continue;
    }
    auto writing = write_all_tls(s, part, deadline);
    auto wrote = co_await writing;
    wrote.bytes += total.bytes;
    total = std::move(wrote);
    if (!total.ok()) co_return total;
  }
  co_return total;
}

base::Task<void> shut_down(State s, Deadline deadline) {
  while (s->open() && s->secure) {
    auto outcome = s->tls->close_notify();
    if (outcome != Outcome::want_write) break;
    auto waiting = wait_for(s, TcpSocket::wait_write, deadline);
    auto waited = co_await waiting;
    if (!waited.ok()) break;
  }
  if (s->open()) ::shutdown(s->fd(), SHUT_WR);
}

}  // namespace

base::Task<IoResult> TcpStream::read_some(std::span<char> into, Deadline deadline) {
  return s_->secure ? read_tls(s_, into, deadline) : read_plain(s_, into, deadline);
}

base::Task<IoResult> TcpStream::write(std::span<const std::string_view> parts, Deadline deadline) {
  if (parts.size() > kMaxParts) return fail_with({0, IoError::other, "too many parts in one write"});
  Parts copied;
  for (auto part : parts) {
    if (!part.empty()) copied.part[copied.count++] = part;
  }
  return s_->secure ? write_tls(s_, copied, deadline) : write_plain(s_, copied, deadline);
}

base::Task<IoResult> TcpStream::start_tls_server(const TlsServerContext& context, Deadline deadline) {
  if (!s_->open()) return fail_with(s_->closed());
  if (s_->tls) return fail_with({0, IoError::tls, "TLS has been started already"});
  s_->tls.emplace(context, s_->fd());
  return handshake(s_, deadline);
}

base::Task<IoResult> TcpStream::start_tls_client(const TlsClientContext& context, std::string server_name,
                                                 Deadline deadline) {
  if (!s_->open()) return fail_with(s_->closed());
  if (s_->tls) return fail_with({0, IoError::tls, "TLS has been started already"});
  s_->tls.emplace(context, std::move(server_name), s_->fd());
  return handshake(s_, deadline);
}

bool TcpStream::peer_has_closed() {
  if (!s_->open()) return true;
  if (s_->secure) return s_->tls->peer_has_closed();
  char c;
  auto n = ::recv(s_->fd(), &c, 1, MSG_PEEK | MSG_DONTWAIT);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

base::Task<void> TcpStream::shutdown(Deadline deadline) { return shut_down(s_, deadline); }

base::Task<base::Result<StreamPtr, IoResult>> connect(Endpoint to, Deadline deadline) {
  using Answer = base::Result<StreamPtr, IoResult>;
  auto* loop = Loop::current();
  if (!loop) co_return Answer(base::Failure{IoResult{0, IoError::other, "not on a loop's thread"}});
  auto address = to_asio(to);
  if (!address)
    co_return Answer(base::Failure{IoResult{0, IoError::other, "not an IP address: " + to.address}});
  if (loop->impl().closing)
    co_return Answer(base::Failure{IoResult{0, IoError::cancelled, "the loop has stopped"}});
  TcpSocket socket(loop->impl().context.get_executor());
  ErrorCode error;
  socket.open(address->protocol(), error);
  if (error) co_return Answer(base::Failure{IoResult{0, to_io_error(error), error.message()}});
  auto state = std::make_shared<StreamState>(*loop, std::move(socket));
  state->peer = to;
  Connect connecting(*state, *address);
  state->begin_wait(deadline);
  co_await connecting;
  state->end_wait();
  if (connecting.error || !state->open()) {
    auto failure = connecting.error ? state->failure(connecting.error) : state->closed();
    state->close();
    co_return Answer(base::Failure{std::move(failure)});
  }
  state->set_endpoints();
  StreamPtr stream = std::make_unique<TcpStream>(std::move(state));
  co_return Answer(std::move(stream));
}

}  // namespace net

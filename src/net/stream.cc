#include "net/stream.h"

#include "net/tcp_stream.h"

namespace net {

std::string_view to_string(IoError error) {
  switch (error) {
    case IoError::none:
      return "none";
    case IoError::eof:
      return "end of stream";
    case IoError::timeout:
      return "timeout";
    case IoError::reset:
      return "connection reset";
    case IoError::refused:
      return "connection refused";
    case IoError::unreachable:
      return "unreachable";
    case IoError::cancelled:
      return "cancelled";
    case IoError::tls:
      return "TLS failure";
    case IoError::other:
      break;
  }
  return "failure";
}

base::Task<IoResult> Stream::write(std::string_view bytes, Deadline deadline) {
  return write(std::span<const std::string_view>(&bytes, 1), deadline);
}

Endpoint to_endpoint(const asio::ip::tcp::endpoint& from) {
  auto address = from.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return {address.to_string(), from.port()};
}

std::optional<asio::ip::tcp::endpoint> to_asio(const Endpoint& from) {
  ErrorCode error;
  auto address = asio::ip::make_address(from.address == "localhost" ? "127.0.0.1" : from.address, error);
  if (error) return {};
  return asio::ip::tcp::endpoint(address, from.port);
}

IoError to_io_error(const ErrorCode& error) {
  namespace e = asio::error;
  if (!error) return IoError::none;
  if (error == e::eof) return IoError::eof;
  if (error == e::timed_out) return IoError::timeout;
  if (error == e::connection_reset || error == e::broken_pipe || error == e::connection_aborted ||
      error == e::not_connected)
    return IoError::reset;
  if (error == e::connection_refused) return IoError::refused;
  if (error == e::host_unreachable || error == e::network_unreachable || error == e::network_down ||
      error == boost::system::errc::address_not_available || error == e::address_family_not_supported)
    return IoError::unreachable;
  if (error == e::operation_aborted || error == e::bad_descriptor) return IoError::cancelled;
  return IoError::other;
}

StreamState::StreamState(Loop& l, TcpSocket s)
    : LoopMember(l), loop(l), socket(std::move(s)), timer_(std::in_place, l.impl().context) {}

void StreamState::close() {
  if (!open()) return;
  ErrorCode ignored;
  socket->close(ignored);
  if (armed_) timer_->cancel();
  armed_ = false;
}

void StreamState::interrupt() {
  ErrorCode ignored;
  if (open() && for_bytes_) socket->cancel(ignored);
}

void StreamState::abandon() {
  socket.reset();
  timer_.reset();
}

void StreamState::set_endpoints() {
  ErrorCode error;
  socket->set_option(asio::ip::tcp::no_delay(true), error);
  if (auto remote = socket->remote_endpoint(error); !error) peer = to_endpoint(remote);
  if (auto here = socket->local_endpoint(error); !error) local = to_endpoint(here);
}

void StreamState::begin_wait(Deadline until, bool for_bytes) {
  waiting_ = true;
  for_bytes_ = for_bytes;
  timed_out_ = false;
  deadline_ = until;
  if (until == Deadline::max() || (armed_ && armed_for_ <= until)) return;
  arm(until);
}

void StreamState::arm(Deadline at) {
  armed_ = true;
  armed_for_ = at;
  timer_->expires_at(at);
  timer_->async_wait([self = shared_from_this()](ErrorCode error) {
    if (!error) self->on_timer();
  });
}

void StreamState::on_timer() {
  armed_ = false;
  if (!waiting_ || deadline_ == Deadline::max()) return;
  if (Steady::now() < deadline_) return arm(deadline_);
  timed_out_ = true;
  ErrorCode ignored;
  if (open()) socket->cancel(ignored);
}

IoResult StreamState::failure(const ErrorCode& error) const {
  if (error == asio::error::operation_aborted && timed_out_) return {0, IoError::timeout, "timed out"};
  return {0, to_io_error(error), error.message()};
}

}  // namespace net

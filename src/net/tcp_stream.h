// TcpStream: the Stream over an Asio socket. Private to net/ (connect() and Listener make them).
#pragma once

#include <optional>

#include "net/loop_impl.h"
#include "net/stream.h"
#include "net/tls_impl.h"

namespace net {

Endpoint to_endpoint(const asio::ip::tcp::endpoint& from);
// nullopt unless the address is an IP address (or "localhost").
std::optional<asio::ip::tcp::endpoint> to_asio(const Endpoint& from);
IoError to_io_error(const ErrorCode& error);

// What a stream is to the coroutines that wait on it; lives until the last of them has ended.
class StreamState final : public LoopMember, public std::enable_shared_from_this<StreamState> {
 public:
  StreamState(Loop& loop, TcpSocket socket);

  void wind_down() override { close(); }
  void abandon() override;

  void close();
  void interrupt();
  bool open() const { return socket && socket->is_open(); }
  int fd() { return socket->native_handle(); }
  void set_endpoints();

  // Around each wait. One timer serves all of them: it is set only when it would otherwise ring too late, so
  // reads whose deadlines move on cost no timer at all.
  void begin_wait(Deadline until, bool for_bytes = false);
  void end_wait() { waiting_ = for_bytes_ = false; }
  IoResult failure(const ErrorCode& error) const;
  IoResult closed() const { return {0, IoError::cancelled, "closed on this side"}; }

  // Work that never had to wait still lets others on the loop run now and then.
  bool must_yield() { return ++streak_ % 16 == 0; }

  Loop& loop;
  std::optional<TcpSocket> socket;
  std::optional<TlsSession> tls;
  bool secure = false;  // the handshake is done
  Endpoint peer, local;

 private:
  void arm(Deadline at);
  void on_timer();

  std::optional<SteadyTimer> timer_;
  Deadline deadline_, armed_for_;
  bool waiting_ = false, for_bytes_ = false, armed_ = false, timed_out_ = false;
  unsigned streak_ = 0;
};

class TcpStream final : public Stream {
 public:
  explicit TcpStream(std::shared_ptr<StreamState> state) : s_(std::move(state)) {}
  ~TcpStream() override { s_->close(); }

  base::Task<IoResult> read_some(std::span<char> into, Deadline deadline) override;
  base::Task<IoResult> write(std::span<const std::string_view> parts, Deadline deadline) override;
  base::Task<IoResult> start_tls_server(const TlsServerContext& context, Deadline deadline) override;
  base::Task<IoResult> start_tls_client(const TlsClientContext& context, std::string server_name,
                                        Deadline deadline) override;
  const TlsInfo* tls() const override { return s_->secure ? &s_->tls->info() : nullptr; }
  Loop& loop() override { return s_->loop; }
  const Endpoint& peer() const override { return s_->peer; }
  const Endpoint& local() const override { return s_->local; }
  bool peer_has_closed() override;
  base::Task<void> shutdown(Deadline deadline) override;
  void close() override { s_->close(); }
  void interrupt_read() override { s_->interrupt(); }

 private:
  std::shared_ptr<StreamState> s_;
};

}  // namespace net

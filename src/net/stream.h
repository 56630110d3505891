// Stream: a TCP connection, plain or (after a handshake) TLS, on one loop. Failures are values: a mail server
// that hangs up is no exception. A stream is used by one coroutine at a time, on its loop's thread;
// destroying it closes.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "net/endpoint.h"
#include "net/loop.h"
#include "net/tls.h"

namespace net {

enum class IoError { none, eof, timeout, reset, refused, unreachable, cancelled, tls, other };
std::string_view to_string(IoError error);

struct IoResult {
  std::size_t bytes = 0;
  IoError error = IoError::none;
  std::string detail;  // the system's or OpenSSL's words, for the log and the trace
  bool ok() const { return error == IoError::none; }
};

class Stream {
 public:
  virtual ~Stream() = default;

  // At least one byte, or an error (eof at a clean end).
  virtual base::Task<IoResult> read_some(std::span<char> into, Deadline deadline) = 0;
  // All bytes of all parts (at most 16 parts), gathered into as few system calls as possible.
  virtual base::Task<IoResult> write(std::span<const std::string_view> parts, Deadline deadline) = 0;
  base::Task<IoResult> write(std::string_view bytes, Deadline deadline);

  // Handshakes over the bytes that follow. What was read before and not used must be thrown away by the
  // caller (RFC 3207 §4.2: nothing from before TLS may count after it).
  virtual base::Task<IoResult> start_tls_server(const TlsServerContext& context, Deadline deadline) = 0;
  virtual base::Task<IoResult> start_tls_client(const TlsClientContext& context, std::string server_name,
                                                Deadline deadline) = 0;
  virtual const TlsInfo* tls() const = 0;  // nullptr while plain

  virtual Loop& loop() = 0;
  virtual const Endpoint& peer() const = 0;
  virtual const Endpoint& local() const = 0;
  virtual bool peer_has_closed() = 0;  // a look without reading: is an idle connection still good?
  virtual base::Task<void> shutdown(Deadline deadline) = 0;  // flush, TLS close_notify, FIN
  virtual void close() = 0;                                  // at once; what is awaited ends with cancelled
  // A read (or handshake) that waits for bytes ends with cancelled, and the connection stays as it is;
  // without one nothing happens. The one call that may be made while another coroutine uses the stream.
  virtual void interrupt_read() = 0;
};

using StreamPtr = std::unique_ptr<Stream>;

// Connects from the current loop.
base::Task<base::Result<StreamPtr, IoResult>> connect(Endpoint to, Deadline deadline);

// Accepts on `endpoint` (port 0 picks one) and starts one coroutine per connection on the loops of the pool,
// in turn. Beyond `max_connections` open ones a new connection is closed at once, or handed to `refuse` if
// given.
class Listener {
 public:
  using Handler = std::function<base::Task<void>(StreamPtr)>;
  // Throws std::runtime_error when the endpoint cannot be bound.
  Listener(LoopPool& pool, const Endpoint& endpoint, std::size_t max_connections, Handler handler,
           Handler refuse = {});
  ~Listener();  // stops accepting; connections go on until their handlers end
  Endpoint local() const;
  void stop();
  std::size_t open_connections() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace net

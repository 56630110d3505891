// OpenSSL's side of tls.h: owned pointers, contexts, and TlsSession, one connection's TLS over a socket that
// someone else waits on. Private to net/.
#pragma once

#include <openssl/ssl.h>

#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/tls.h"

namespace net {

template <auto free>
struct OpensslDelete {
  template <class T>
  void operator()(T* p) const {
    free(p);
  }
};
template <class T, auto free>
using OpensslPtr = std::unique_ptr<T, OpensslDelete<free>>;

using SslContextPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;
using SslPtr = OpensslPtr<SSL, SSL_free>;
using SslSessionPtr = OpensslPtr<SSL_SESSION, SSL_SESSION_free>;

// The reasons OpenSSL queued on this thread, as text; empties the queue.
std::string openssl_error();

// Client sessions by server name, the oldest dropped first. Any thread.
class SessionCache {
 public:
  void put(const std::string& name, SslSessionPtr session);
  SslSessionPtr get(const std::string& name);  // a TLS 1.3 ticket is handed out once (RFC 8446 §C.4)

 private:
  static constexpr std::size_t kMaxSessions = 4096;
  std::mutex mutex_;
  std::list<std::string> order_;
  std::unordered_map<std::string, std::pair<SslSessionPtr, std::list<std::string>::iterator>> sessions_;
};

struct TlsServerContext::Impl {
  SslContextPtr context;
};

struct TlsClientContext::Impl {
  SslContextPtr context;
  bool require_valid = false;
  bool system_roots = false;  // read at the first handshake: that takes 15 ms
  mutable std::once_flag roots_read;
  void read_roots() const;
  mutable SessionCache sessions;
};

class TlsSession {
 public:
  enum class Outcome { done, want_read, want_write, eof, reset, failed };

  TlsSession(const TlsServerContext& context, int socket);
  TlsSession(const TlsClientContext& context, std::string server_name, int socket);
  ~TlsSession();

  Outcome handshake();
  Outcome read(std::span<char> into, std::size_t& bytes);
  Outcome write(std::string_view bytes, std::size_t& written);
  Outcome close_notify();
  bool peer_has_closed();

  const TlsInfo& info() const { return info_; }
  const std::string& error() const { return error_; }

 private:
  friend struct SessionKeeper;
  void attach(int socket);
  void describe();
  Outcome outcome(int result);

  SslPtr ssl_;
  const TlsClientContext::Impl* client_ = nullptr;
  std::string server_name_;
  TlsInfo info_;
  std::string error_;
};

}  // namespace net

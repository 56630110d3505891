// One connection's TLS. OpenSSL reads and writes the non-blocking socket through a BIO of ours, which never
// raises SIGPIPE; waiting for the socket is the stream's business.
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "net/endpoint.h"
#include "net/tls_impl.h"

namespace net {
namespace {

struct SocketBio {
  int socket;
  bool ended = false;
};

SocketBio* state(BIO* bio) { return static_cast<SocketBio*>(BIO_get_data(bio)); }

bool try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int bio_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  auto n = ::recv(state(bio)->socket, into, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (n == 0) state(bio)->ended = true;
  if (n < 0 && try_again(errno)) BIO_set_retry_read(bio);
  return static_cast<int>(n);
}

int bio_write(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  auto n = ::send(state(bio)->socket, from, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0 && try_again(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(n);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return state(bio)->ended ? 1 : 0;
  return 0;
}

int bio_destroy(BIO* bio) {
  delete state(bio);
  BIO_set_data(bio, nullptr);
  return 1;
}

const BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sesame socket");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    BIO_meth_set_destroy(made, bio_destroy);
    return made;
  }();
  return method;
}

int clip(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

std::string subject_of(X509* certificate) {
  OpensslPtr<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  auto size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(std::min<long>(size, 512)));
}

}  // namespace

TlsSession::TlsSession(const TlsServerContext& context, int socket)
    : ssl_(SSL_new(context.impl().context.get())) {
  attach(socket);
  SSL_set_accept_state(ssl_.get());
}

TlsSession::TlsSession(const TlsClientContext& context, std::string server_name, int socket)
    : client_(&context.impl()), server_name_(std::move(server_name)) {
  client_->read_roots();
  ssl_.reset(SSL_new(client_->context.get()));
  attach(socket);
  SSL_set_connect_state(ssl_.get());
  while (!server_name_.empty() && server_name_.back() == '.') server_name_.pop_back();
  if (server_name_.empty()) return;
  auto* parameters = SSL_get0_param(ssl_.get());
  if (is_ip_address(server_name_)) {
    X509_VERIFY_PARAM_set1_ip_asc(parameters, server_name_.c_str());
  } else {
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(parameters, server_name_.c_str(), server_name_.size());
    SSL_set_tlsext_host_name(ssl_.get(), server_name_.c_str());
  }
  if (auto session = client_->sessions.get(server_name_)) SSL_set_session(ssl_.get(), session.get());
}

TlsSession::~TlsSession() = default;

void TlsSession::attach(int socket) {
  auto* bio = ssl_ ? BIO_new(socket_method()) : nullptr;
  if (!bio) throw std::runtime_error("cannot start TLS: " + openssl_error());
  BIO_set_data(bio, new SocketBio{socket});
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
}

TlsSession::Outcome TlsSession::outcome(int result) {
  int system_error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Outcome::want_read;
    case SSL_ERROR_WANT_WRITE:
      return Outcome::want_write;
    case SSL_ERROR_ZERO_RETURN:
      return Outcome::eof;
    case SSL_ERROR_SYSCALL:
      error_ = system_error ? std::strerror(system_error) : "closed";
      return system_error ? Outcome::reset : Outcome::eof;
    default:
      break;
  }
  // What runs over these streams says where it ends, so a missing close_notify is an end like any other.
  if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    ERR_clear_error();
    error_ = "closed without close_notify";
    return Outcome::eof;
  }
  error_ = openssl_error();
  return Outcome::failed;
}

TlsSession::Outcome TlsSession::handshake() {
  ERR_clear_error();
  errno = 0;
  int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    describe();
    return Outcome::done;
  }
  auto reason = outcome(result);
  long verdict = SSL_get_verify_result(ssl_.get());
  if (reason == Outcome::failed && client_ && verdict != X509_V_OK) {
    info_.verify_error = X509_verify_cert_error_string(verdict);
    error_ += " (" + info_.verify_error + ")";
  }
  return reason;
}

void TlsSession::describe() {
  info_.version = SSL_get_version(ssl_.get());
  info_.cipher = SSL_get_cipher_name(ssl_.get());
  info_.resumed = SSL_session_reused(ssl_.get()) == 1;
  auto* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate) info_.peer_subject = subject_of(certificate);
  if (!client_) return;
  long verdict = SSL_get_verify_result(ssl_.get());
  info_.verified = certificate && verdict == X509_V_OK && !server_name_.empty();
  if (!info_.verified) {
    info_.verify_error = verdict == X509_V_OK ? "no name to verify" : X509_verify_cert_error_string(verdict);
  }
}

TlsSession::Outcome TlsSession::read(std::span<char> into, std::size_t& bytes) {
  ERR_clear_error();
  errno = 0;
  int n = SSL_read(ssl_.get(), into.data(), clip(into.size()));
  if (n <= 0) return outcome(n);
  bytes = static_cast<std::size_t>(n);
  return Outcome::done;
}

TlsSession::Outcome TlsSession::write(std::string_view bytes, std::size_t& written) {
  ERR_clear_error();
  errno = 0;
  int n = SSL_write(ssl_.get(), bytes.data(), clip(bytes.size()));
  if (n <= 0) return outcome(n);
  written = static_cast<std::size_t>(n);
  return Outcome::done;
}

TlsSession::Outcome TlsSession::close_notify() {
  ERR_clear_error();
  errno = 0;
  int result = SSL_shutdown(ssl_.get());
  return result >= 0 ? Outcome::done : outcome(result);
}

bool TlsSession::peer_has_closed() {
  ERR_clear_error();
  errno = 0;
  char c;
  int n = SSL_peek(ssl_.get(), &c, 1);  // reads tickets and close_notify on the way
  return n <= 0 && outcome(n) != Outcome::want_read;
}

}  // namespace net

#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "net/endpoint.h"
#include "net/tls_impl.h"

namespace net {
namespace {

using PkeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using X509Ptr = OpensslPtr<X509, X509_free>;
using BioPtr = OpensslPtr<BIO, BIO_free_all>;

// Forward secrecy and AEAD first; the CBC suites stay for old mail servers.
constexpr const char* kCiphers =
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:HIGH:!aNULL:!eNULL:!3DES:!PSK:!SRP";

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + openssl_error()); }

SslContextPtr make_context(const SSL_METHOD* method) {
  SslContextPtr context(SSL_CTX_new(method));
  if (!context) fail("cannot make a TLS context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), kCiphers);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

// RFC 7301: http/1.1 where the client offers it; who offers only other protocols is served without one.
int select_alpn(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                unsigned in_length, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kOurs, sizeof kOurs - 1, in, in_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

template <class Write>
std::string to_pem(Write write) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || write(bio.get()) != 1) fail("cannot write PEM");
  char* data = nullptr;
  auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

void add_extension(X509* certificate, int nid, const std::string& value) {
  OpensslPtr<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1)
    fail("cannot add a certificate extension");
}

bool fits_in_certificate(const std::string& name) {
  if (is_ip_address(name)) return true;
  auto endpoint = parse_endpoint(name + ":0");
  return endpoint && endpoint->address == name;
}

}  // namespace

std::string openssl_error() {
  std::string text;
  while (auto code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (!text.empty()) text += "; ";
    text += reason ? reason : "error " + std::to_string(code);
  }
  return text.empty() ? "unknown reason" : text;
}

TlsServerContext::TlsServerContext(const std::string& certificate_file, const std::string& key_file)
    : impl_(std::make_unique<Impl>()) {
  ERR_clear_error();
  impl_->context = make_context(TLS_server_method());
  auto* context = impl_->context.get();
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_dh_auto(context, 1);
  SSL_CTX_set_alpn_select_cb(context, select_alpn, nullptr);
  static constexpr unsigned char kSessionContext[] = "sesame";
  SSL_CTX_set_session_id_context(context, kSessionContext, sizeof kSessionContext - 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets resume without memory here
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) fail(certificate_file);
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) fail(key_file);
  if (SSL_CTX_check_private_key(context) != 1) fail(key_file);
}

TlsServerContext::~TlsServerContext() = default;

SelfSigned make_self_signed(const std::string& name) {
  ERR_clear_error();
  if (!fits_in_certificate(name)) throw std::runtime_error("not a host name: " + name);
  PkeyPtr key(EVP_EC_gen("P-256"));
  X509Ptr certificate(X509_new());
  if (!key || !certificate) fail("cannot make a key");
  auto* x = certificate.get();
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 10L * 365 * 24 * 3600);
  auto common_name = name.substr(0, 64);  // RFC 5280 §A.1: ub-common-name
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(x));
  X509_set_pubkey(x, key.get());
  add_extension(x, NID_subject_alt_name, (is_ip_address(name) ? "IP:" : "DNS:") + name);
  add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
  if (X509_sign(x, key.get(), EVP_sha256()) == 0) fail("cannot sign the certificate");
  SelfSigned made;
  made.certificate_pem = to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, x); });
  made.key_pem = to_pem([&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return made;
}

// The client's side.

void SessionCache::put(const std::string& name, SslSessionPtr session) {
  std::lock_guard lock(mutex_);
  if (auto found = sessions_.find(name); found != sessions_.end()) {
    found->second.first = std::move(session);
    return;
  }
  if (sessions_.size() >= kMaxSessions) {
    sessions_.erase(order_.front());
    order_.pop_front();
  }
  order_.push_back(name);
  sessions_.emplace(name, std::pair(std::move(session), std::prev(order_.end())));
}

SslSessionPtr SessionCache::get(const std::string& name) {
  std::lock_guard lock(mutex_);
  auto found = sessions_.find(name);
  if (found == sessions_.end()) return {};
  auto* session = found->second.first.get();
  if (SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION) {
    SSL_SESSION_up_ref(session);
    return SslSessionPtr(session);
  }
  auto once = std::move(found->second.first);
  order_.erase(found->second.second);
  sessions_.erase(found);
  return once;
}

struct SessionKeeper {
  static int keep(SSL* ssl, SSL_SESSION* session) {
    auto* self = static_cast<TlsSession*>(SSL_get_app_data(ssl));
    if (!self || !self->client_ || self->server_name_.empty()) return 0;
    self->client_->sessions.put(self->server_name_, SslSessionPtr(session));
    return 1;  // the reference is ours
  }
};

TlsClientContext::TlsClientContext(const std::string& ca_file, bool require_valid)
    : impl_(std::make_unique<Impl>()) {
  ERR_clear_error();
  impl_->context = make_context(TLS_client_method());
  impl_->require_valid = require_valid;
  auto* context = impl_->context.get();
  // RFC 7435: weak encryption is better than none where nobody is authenticated anyway.
  if (!require_valid) SSL_CTX_set_security_level(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, SessionKeeper::keep);
  SSL_CTX_set_verify(context, require_valid ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (ca_file.empty()) {
    impl_->system_roots = true;
  } else if (SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) != 1) {
    fail(ca_file);
  }
}

TlsClientContext::~TlsClientContext() = default;

// Where there are none, no certificate is valid, and the handshake says so.
void TlsClientContext::Impl::read_roots() const {
  if (!system_roots) return;
  std::call_once(roots_read, [this] {
    ERR_clear_error();
    if (SSL_CTX_set_default_verify_paths(context.get()) != 1) ERR_clear_error();
  });
}

}  // namespace net

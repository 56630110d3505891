// TLS by OpenSSL: contexts are made once and shared by all loops. TLS 1.2 and up.
#pragma once

#include <memory>
#include <string>

namespace net {

struct TlsInfo {
  std::string version;  // "TLSv1.3"
  std::string cipher;
  bool verified = false;     // the peer's certificate chains to a trusted root and fits the name
  std::string verify_error;  // why not
  std::string peer_subject;
  bool resumed = false;
};

class TlsServerContext {
 public:
  // PEM files; throws std::runtime_error with the file's name and OpenSSL's reason.
  TlsServerContext(const std::string& certificate_file, const std::string& key_file);
  ~TlsServerContext();
  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

class TlsClientContext {
 public:
  // Trust roots: a PEM file, or the system's when empty, which are read at the first handshake. With
  // `require_valid` a bad certificate fails the handshake; without (opportunistic TLS, RFC 7435) it is only
  // noted in TlsInfo. Sessions are kept by server name and resumed.
  TlsClientContext(const std::string& ca_file, bool require_valid);
  ~TlsClientContext();
  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// A fresh key and self-signed certificate for `name` in PEM, for dev mode and tests.
struct SelfSigned {
  std::string certificate_pem, key_pem;
};
SelfSigned make_self_signed(const std::string& name);

}  // namespace net

// OpenSSL's objects as values that free themselves, and the check of a signature, for DKIM's private and
// public keys. For .cc files of this room.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>

#include <memory>
#include <span>
#include <string_view>

namespace mail {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
inline void free_bio(BIO* b) { BIO_free(b); }
using Pkey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Bio = std::unique_ptr<BIO, Deleter<free_bio>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;

// RSA PKCS#1 v1.5 over a SHA-256 digest, or Ed25519 of it (RFC 8463 §3), as the key is.
bool dkim_verify_digest(EVP_PKEY* key, std::span<const unsigned char, 32> digest, std::string_view signature);

}  // namespace mail

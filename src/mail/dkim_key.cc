#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <mutex>
#include <stdexcept>

#include "base/encoding.h"
#include "mail/dkim.h"
#include "mail/dkim_evp.h"

namespace mail {
namespace {

constexpr std::size_t kMaxKeyText = 16 * 1024;
constexpr int kMinRsaBits = 1024;
constexpr int kMaxRsaBits = 4096;

// Without it OpenSSL would ask for a passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

Pkey from_pem(std::string_view text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  return Pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
}

Pkey from_base64(std::string_view text) {
  auto der = base::base64_decode(text, true);
  if (!der) return nullptr;
  const auto* p = reinterpret_cast<const unsigned char*>(der->data());
  Pkey key(der->size() == 32  // the seed of RFC 8032 §5.1.5, as RFC 8463 writes Ed25519 keys
               ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, p, der->size())
               : d2i_AutoPrivateKey(nullptr, &p, static_cast<long>(der->size())));
  OPENSSL_cleanse(der->data(), der->size());
  return key;
}

std::string bytes_of(BIO* bio) {
  char* data = nullptr;
  long n = BIO_get_mem_data(bio, &data);
  return n > 0 ? std::string(data, static_cast<std::size_t>(n)) : std::string();
}

}  // namespace

struct DkimKey::Impl {
  Pkey key;
  PkeyContext
      signer;  // RSA: set up once, copied for each signature, so that threads share nothing that changes
  std::once_flag beside_once;
  std::shared_ptr<const DkimKey> beside;
};

DkimKey::DkimKey(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)),
      algorithm_(EVP_PKEY_is_a(impl_->key.get(), "RSA") ? Algorithm::rsa_sha256 : Algorithm::ed25519_sha256),
      bits_(EVP_PKEY_get_bits(impl_->key.get())) {
  if (algorithm_ != Algorithm::rsa_sha256) return;
  impl_->signer.reset(EVP_PKEY_CTX_new(impl_->key.get(), nullptr));
  auto* ctx = impl_->signer.get();
  if (!ctx || EVP_PKEY_sign_init(ctx) <= 0 || EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) <= 0 ||
      EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) <= 0)
    throw std::runtime_error("cannot sign with this RSA key");
}

DkimKey::~DkimKey() = default;

DkimKey::Parsed DkimKey::parse(std::string_view text) {
  text = base::trim(text);
  if (text.empty() || text.size() > kMaxKeyText)
    return base::Failure{std::string("The private key is invalid.")};
  auto key = text.find("-----BEGIN") != std::string_view::npos ? from_pem(text) : from_base64(text);
  bool rsa = key && EVP_PKEY_is_a(key.get(), "RSA");
  if (!rsa && !(key && EVP_PKEY_is_a(key.get(), "ED25519")))
    return base::Failure{std::string("The private key is invalid.")};
  int bits = EVP_PKEY_get_bits(key.get());
  if (rsa && (bits < kMinRsaBits || bits > kMaxRsaBits))
    return base::Failure{std::string("The private key must be an RSA key of 1024 to 2048 bits.")};
  try {
    auto impl = std::make_unique<Impl>();
    impl->key = std::move(key);
    std::shared_ptr<const DkimKey> made(new DkimKey(std::move(impl)));
    // A key whose parts do not belong together shows here and not in the mail of its first recipient.
    std::array<unsigned char, 32> digest{};
    if (made->verify_digest(digest, made->sign_digest(digest))) return made;
  } catch (const std::runtime_error&) {
  }
  return base::Failure{std::string("The private key is invalid.")};
}

std::shared_ptr<const DkimKey> DkimKey::generate_rsa(int bits) {
  auto impl = std::make_unique<Impl>();
  impl->key.reset(EVP_RSA_gen(static_cast<unsigned>(bits)));
  if (!impl->key) throw std::runtime_error("cannot make an RSA key");
  return std::shared_ptr<const DkimKey>(new DkimKey(std::move(impl)));
}

std::shared_ptr<const DkimKey> DkimKey::generate_ed25519() {
  auto impl = std::make_unique<Impl>();
  impl->key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!impl->key) throw std::runtime_error("cannot make an Ed25519 key");
  return std::shared_ptr<const DkimKey>(new DkimKey(std::move(impl)));
}

std::shared_ptr<const DkimKey> DkimKey::ed25519_beside() const {
  std::call_once(impl_->beside_once, [this] {
    auto secret = private_pem();
    auto seed = base::hmac_sha256(secret, "sesame: Ed25519 key beside an RSA key of DKIM");
    OPENSSL_cleanse(secret.data(), secret.size());
    auto impl = std::make_unique<Impl>();
    impl->key.reset(EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), seed.size()));
    OPENSSL_cleanse(seed.data(), seed.size());
    if (!impl->key) throw std::runtime_error("cannot make an Ed25519 key");
    impl_->beside.reset(new DkimKey(std::move(impl)));
  });
  return impl_->beside;
}

std::string DkimKey::private_pem() const {
  Bio bio(BIO_new(BIO_s_secmem()));
  if (!bio ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), impl_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    throw std::runtime_error("cannot write the key");
  return bytes_of(bio.get());
}

std::string DkimKey::public_key_base64() const {
  if (algorithm_ == Algorithm::ed25519_sha256) {
    unsigned char raw[32];
    std::size_t n = sizeof raw;
    if (EVP_PKEY_get_raw_public_key(impl_->key.get(), raw, &n) != 1)
      throw std::runtime_error("no public key");
    return base::base64_encode({reinterpret_cast<char*>(raw), n});
  }
  unsigned char* der = nullptr;
  int n = i2d_PUBKEY(impl_->key.get(), &der);
  if (n <= 0) throw std::runtime_error("no public key");
  auto out = base::base64_encode({reinterpret_cast<char*>(der), static_cast<std::size_t>(n)});
  OPENSSL_free(der);
  return out;
}

std::string DkimKey::dns_record() const {
  return std::string("v=DKIM1; k=") + (algorithm_ == Algorithm::rsa_sha256 ? "rsa" : "ed25519") +
         "; p=" + public_key_base64();
}

std::string DkimKey::sign_digest(std::span<const unsigned char, 32> digest) const {
  unsigned char out[kMaxRsaBits / 8];
  std::size_t n = sizeof out;
  bool ok;
  if (algorithm_ == Algorithm::rsa_sha256) {
    PkeyContext ctx(EVP_PKEY_CTX_dup(impl_->signer.get()));
    ok = ctx && EVP_PKEY_sign(ctx.get(), out, &n, digest.data(), digest.size()) > 0;
  } else {
    // RFC 8463 §3: PureEdDSA over the SHA-256 digest.
    Digest ctx(EVP_MD_CTX_new());
    ok = ctx && EVP_DigestSignInit(ctx.get(), nullptr, nullptr, nullptr, impl_->key.get()) > 0 &&
         EVP_DigestSign(ctx.get(), out, &n, digest.data(), digest.size()) > 0;
  }
  if (!ok) throw std::runtime_error("DKIM signing failed");
  return {reinterpret_cast<char*>(out), n};
}

bool DkimKey::verify_digest(std::span<const unsigned char, 32> digest, std::string_view signature) const {
  return dkim_verify_digest(impl_->key.get(), digest, signature);
}

bool dkim_verify_digest(EVP_PKEY* key, std::span<const unsigned char, 32> digest,
                        std::string_view signature) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  if (!EVP_PKEY_is_a(key, "RSA")) {
    Digest ctx(EVP_MD_CTX_new());
    return ctx && EVP_DigestVerifyInit(ctx.get(), nullptr, nullptr, nullptr, key) > 0 &&
           EVP_DigestVerify(ctx.get(), bytes, signature.size(), digest.data(), digest.size()) == 1;
  }
  PkeyContext ctx(EVP_PKEY_CTX_new(key, nullptr));
  return ctx && EVP_PKEY_verify_init(ctx.get()) > 0 &&
         EVP_PKEY_CTX_set_rsa_padding(ctx.get(), RSA_PKCS1_PADDING) > 0 &&
         EVP_PKEY_CTX_set_signature_md(ctx.get(), EVP_sha256()) > 0 &&
         EVP_PKEY_verify(ctx.get(), bytes, signature.size(), digest.data(), digest.size()) == 1;
}

}  // namespace mail

#include "mail/dkim_public_key.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "mail/dkim_evp.h"
#include "mail/tag_list.h"

namespace mail {
namespace {

constexpr int kMinRsaBits = 1024;
constexpr int kMaxRsaBits = 8192;  // a longer one would only cost time
constexpr std::size_t kMaxRecord = 16 * 1024;

// A colon-separated list, empty, or with the word or "*" in it.
bool allows(std::string_view list, std::string_view word) {
  if (list.empty()) return true;
  auto words = base::split(list, ':');
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) {
    w = base::trim(w);
    return w == "*" || base::iequals(w, word);
  });
}

bool has_flag(std::string_view list, std::string_view flag) {
  auto flags = base::split(list, ':');
  return std::any_of(flags.begin(), flags.end(), [&](std::string_view f) { return base::trim(f) == flag; });
}

Pkey rsa_of(std::string_view der) {
  const auto* p = reinterpret_cast<const unsigned char*>(der.data());
  Pkey key(d2i_PUBKEY(nullptr, &p, static_cast<long>(der.size())));
  if (key) return EVP_PKEY_is_a(key.get(), "RSA") ? std::move(key) : nullptr;
  // RFC 6376 §3.6.1 names this form; most publish the other.
  p = reinterpret_cast<const unsigned char*>(der.data());
  return Pkey(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &p, static_cast<long>(der.size())));
}

Pkey ed25519_of(std::string_view raw) {
  if (raw.size() != 32) return nullptr;
  return Pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                          reinterpret_cast<const unsigned char*>(raw.data()), raw.size()));
}

auto fault(std::string_view text) { return base::Failure{std::string(text)}; }

}  // namespace

struct DkimPublicKey::Impl {
  Pkey key;
};

DkimPublicKey::DkimPublicKey(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)),
      algorithm_(EVP_PKEY_is_a(impl_->key.get(), "RSA") ? DkimKey::Algorithm::rsa_sha256
                                                        : DkimKey::Algorithm::ed25519_sha256),
      bits_(EVP_PKEY_get_bits(impl_->key.get())) {}

DkimPublicKey::~DkimPublicKey() = default;

bool DkimPublicKey::is_key(std::string_view txt) {
  if (txt.size() > kMaxRecord) return false;
  auto tags = TagList::parse(txt);
  return tags && tags->find("p");
}

DkimPublicKey::Parsed DkimPublicKey::parse(std::string_view txt) {
  auto tags = txt.size() <= kMaxRecord ? TagList::parse(txt) : std::nullopt;
  if (!tags || !tags->find("p")) return fault("the key record cannot be read");
  if (tags->find("v") && (tags->tags()[0].name != "v" || tags->value("v") != "DKIM1"))
    return fault("the key record is of another version");
  if (!allows(tags->value("h"), "sha256")) return fault("the key does not allow SHA-256");
  if (!allows(tags->value("s"), "email")) return fault("the key is not for mail");
  const bool rsa = tags->value("k", "rsa") == "rsa";
  if (!rsa && tags->value("k") != "ed25519") return fault("the key is of an unknown kind");
  if (tags->value("p").empty()) return fault("the key was revoked");
  auto bytes = base::base64_decode(tags->value("p"), true);
  auto impl = std::make_unique<Impl>();
  if (bytes) impl->key = rsa ? rsa_of(*bytes) : ed25519_of(*bytes);
  if (!impl->key) return fault("the key cannot be read");
  std::shared_ptr<DkimPublicKey> key(new DkimPublicKey(std::move(impl)));
  if (rsa && (key->bits() < kMinRsaBits || key->bits() > kMaxRsaBits))
    return fault("the key has " + std::to_string(key->bits()) + " bits");
  key->testing_ = has_flag(tags->value("t"), "y");
  key->strict_ = has_flag(tags->value("t"), "s");
  return std::shared_ptr<const DkimPublicKey>(std::move(key));
}

bool DkimPublicKey::verify(std::span<const unsigned char, 32> digest, std::string_view signature) const {
  return dkim_verify_digest(impl_->key.get(), digest, signature);
}

DkimPublicKey::Parsed DkimKeyCache::get(std::string_view txt) {
  auto name = base::sha256(txt);
  {
    std::lock_guard lock(mutex_);
    if (auto at = newer_.find(name); at != newer_.end()) return at->second;
    if (auto at = older_.find(name); at != older_.end()) return newer_[name] = at->second;
  }
  auto key = DkimPublicKey::parse(txt);
  if (!key) return key;  // quickly found, mostly
  std::lock_guard lock(mutex_);
  if (newer_.size() >= most_ / 2) older_ = std::exchange(newer_, {});
  newer_.emplace(std::move(name), *key);
  return key;
}

}  // namespace mail

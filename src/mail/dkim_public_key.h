// A DKIM key as it stands in DNS (RFC 6376 §3.6.1, RFC 8463 §4). Immutable; any thread.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "mail/dkim.h"

namespace mail {

class DkimPublicKey {
 public:
  using Parsed = base::Result<std::shared_ptr<const DkimPublicKey>, std::string>;

  // The text of a TXT record. The fault is for people: revoked, too short (RFC 8301 §3.2 wants 1024 bits), of
  // an unknown kind, not for mail.
  static Parsed parse(std::string_view txt);
  // Whether the text has a p= at all: other records at the name are passed over.
  static bool is_key(std::string_view txt);

  ~DkimPublicKey();
  DkimPublicKey(const DkimPublicKey&) = delete;
  DkimPublicKey& operator=(const DkimPublicKey&) = delete;

  DkimKey::Algorithm algorithm() const { return algorithm_; }
  int bits() const { return bits_; }
  bool testing() const { return testing_; }  // t=y
  bool strict() const { return strict_; }    // t=s: i= may not be in a subdomain
  bool verify(std::span<const unsigned char, 32> digest, std::string_view signature) const;

 private:
  struct Impl;
  explicit DkimPublicKey(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
  DkimKey::Algorithm algorithm_;
  int bits_;
  bool testing_ = false, strict_ = false;
};

// Keys that were read lately: reading one costs several times what a verification does. Bounded; any thread.
class DkimKeyCache {
 public:
  explicit DkimKeyCache(std::size_t most = 2000) : most_(most) {}
  DkimPublicKey::Parsed get(std::string_view txt);

 private:
  // By the record's SHA-256. When the newer half is full it becomes the older, which is let go.
  using Keys = std::unordered_map<std::string, std::shared_ptr<const DkimPublicKey>>;

  const std::size_t most_;
  std::mutex mutex_;
  Keys newer_, older_;
};

}  // namespace mail

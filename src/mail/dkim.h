// DKIM signing (RFC 6376; Ed25519: RFC 8463), as SES signs (SES §8.4). Two steps, so that signatures can be
// made in batches on any thread: prepare() canonicalises and hashes in one pass, sign_batch() makes the
// headers. DkimKey is immutable and may be shared by threads; all functions may run on any thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace mail {

class DkimKey {
 public:
  enum class Algorithm { rsa_sha256, ed25519_sha256 };
  using Parsed = base::Result<std::shared_ptr<const DkimKey>, std::string>;

  // A PEM private key (PKCS#1 or PKCS#8), or the base64 of its DER without armour and line breaks, as BYODKIM
  // gives it. RSA of 1024 to 4096 bits, or Ed25519.
  static Parsed parse(std::string_view pem_or_base64);
  static std::shared_ptr<const DkimKey> generate_rsa(int bits);  // takes up to seconds: on the heavy pool
  static std::shared_ptr<const DkimKey> generate_ed25519();
  // The Ed25519 key that stands beside this RSA key (RFC 8463): derived from it, so always the same and
  // nothing more to keep. Made once.
  std::shared_ptr<const DkimKey> ed25519_beside() const;

  ~DkimKey();
  DkimKey(const DkimKey&) = delete;
  DkimKey& operator=(const DkimKey&) = delete;

  Algorithm algorithm() const { return algorithm_; }
  int bits() const { return bits_; }
  std::string private_pem() const;  // PKCS#8; a secret
  // What stands in p= of the TXT record: SubjectPublicKeyInfo for RSA, the 32 raw octets for Ed25519 (RFC
  // 8463 §4).
  std::string public_key_base64() const;
  // The TXT record: "v=DKIM1; k=rsa; p=..." (in one string; the zone file must split it at 255 octets).
  std::string dns_record() const;

  // Signs a SHA-256 digest; raw octets.
  std::string sign_digest(std::span<const unsigned char, 32> digest) const;
  bool verify_digest(std::span<const unsigned char, 32> digest, std::string_view signature) const;

 private:
  struct Impl;
  explicit DkimKey(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
  Algorithm algorithm_;
  int bits_;
};

enum class Canonicalization { simple, relaxed };

struct DkimRequest {
  std::shared_ptr<const DkimKey> key;
  std::string domain;    // d=, an A-label
  std::string selector;  // s=
  base::WallTime time;   // t=
  Canonicalization header = Canonicalization::relaxed;
  Canonicalization body = Canonicalization::simple;
};

// A message ready to be signed: the header as far as "b=" and the digest the signature is made over.
struct DkimDigest {
  std::shared_ptr<const DkimKey> key;
  std::string header;
  std::array<unsigned char, 32> digest{};
};

// `message` must be as it will leave: CRLF line ends, no further header of those signed. Signed are the
// headers present that dkim_signs() names, in message order.
DkimDigest prepare(std::string_view message, const DkimRequest& request);
// For several keys (RSA and Ed25519, say) over one message: bodies are hashed once per canonicalisation.
std::vector<DkimDigest> prepare(std::string_view message, std::span<const DkimRequest> requests);

// The finished headers, "DKIM-Signature: ...\r\n", folded, to stand above the message.
std::vector<std::string> sign_batch(std::span<const DkimDigest> digests);

std::string sign(std::string_view message, const DkimRequest& request);

bool dkim_signs(std::string_view header_name);

// RFC 6376 §3.4, also for verification and tests. A header comes with its last line break.
void canonicalize_header(std::string_view field, Canonicalization how, std::string& out);
std::string canonicalize_body(std::string_view body, Canonicalization how);

}  // namespace mail

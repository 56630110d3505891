// SHA-256 and HMAC-SHA256 without allocation or a look-up of the algorithm: SigV4 does a dozen small ones a
// request.
#pragma once

#include <openssl/sha.h>

#include <array>
#include <string>
#include <string_view>

namespace aws {

using Digest = std::array<unsigned char, 32>;

inline std::string_view as_text(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

class Sha256 {
 public:
  Sha256();
  Sha256& add(std::string_view bytes);
  Digest finish();

 private:
  SHA256_CTX state_;
};

Digest hmac(std::string_view key, std::string_view message);
void append_hex(std::string& out, const Digest& digest);

}  // namespace aws

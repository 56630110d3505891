#define OPENSSL_SUPPRESS_DEPRECATED  // the low-level calls take half the time of EVP here
#include "aws/sigv4_hash.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace aws {

Sha256::Sha256() { SHA256_Init(&state_); }

Sha256& Sha256::add(std::string_view bytes) {
  SHA256_Update(&state_, bytes.data(), bytes.size());
  return *this;
}

Digest Sha256::finish() {
  Digest out;
  SHA256_Final(out.data(), &state_);
  return out;
}

Digest hmac(std::string_view key, std::string_view message) {
  constexpr std::size_t kBlock = 64;  // RFC 2104 §2
  std::array<unsigned char, kBlock> pad{};
  if (key.size() > kBlock) {
    auto digest = Sha256().add(key).finish();
    std::ranges::copy(digest, pad.begin());
  } else {
    std::ranges::copy(key, pad.begin());
  }
  std::string_view pad_text(reinterpret_cast<const char*>(pad.data()), pad.size());
  for (auto& byte : pad) byte ^= 0x36;
  auto inner = Sha256().add(pad_text).add(message).finish();
  for (auto& byte : pad) byte ^= 0x36 ^ 0x5c;
  auto outer = Sha256().add(pad_text).add(as_text(inner)).finish();
  OPENSSL_cleanse(pad.data(), pad.size());
  return outer;
}

void append_hex(std::string& out, const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (unsigned char byte : digest) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

}  // namespace aws

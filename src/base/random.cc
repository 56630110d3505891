#include "base/random.h"

#include <fmt/core.h>
#include <openssl/rand.h>

#include <stdexcept>

namespace base {

std::string Random::bytes(std::size_t n) {
  std::string out(n, '\0');
  fill({reinterpret_cast<unsigned char*>(out.data()), n});
  return out;
}

std::uint64_t Random::u64() {
  std::uint64_t value = 0;
  fill({reinterpret_cast<unsigned char*>(&value), sizeof value});
  return value;
}

double Random::unit() { return static_cast<double>(u64() >> 11) * 0x1.0p-53; }

std::string Random::text(std::size_t n, std::string_view alphabet) {
  std::string out;
  out.reserve(n);
  // Bytes at or above the largest multiple of the alphabet are drawn again, so each character is equally
  // likely.
  unsigned limit = 256 - 256 % static_cast<unsigned>(alphabet.size());
  while (out.size() < n) {
    for (char c : bytes(n - out.size() + 8)) {
      auto value = static_cast<unsigned char>(c);
      if (value < limit && out.size() < n) out += alphabet[value % alphabet.size()];
    }
  }
  return out;
}

void SystemRandom::fill(std::span<unsigned char> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) throw std::runtime_error("no randomness");
}

void SeededRandom::fill(std::span<unsigned char> out) {
  for (auto& byte : out) byte = static_cast<unsigned char>(engine_());
}

std::string uuid4(Random& random) {
  unsigned char b[16];
  random.fill(b);
  b[6] = static_cast<unsigned char>((b[6] & 0x0f) | 0x40);
  b[8] = static_cast<unsigned char>((b[8] & 0x3f) | 0x80);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kHex[b[i] >> 4];
    out += kHex[b[i] & 15];
  }
  return out;
}

}  // namespace base

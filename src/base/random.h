// Randomness, a parameter so that tests can be exact. SystemRandom is the kernel's; SeededRandom is for tests
// only and never for keys. Any thread (SeededRandom: one).
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace base {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> out) = 0;

  std::string bytes(std::size_t n);
  std::uint64_t u64();
  double unit();  // [0, 1)
  // n characters drawn evenly from the alphabet (2 to 256 characters).
  std::string text(std::size_t n, std::string_view alphabet);
};

class SystemRandom final : public Random {
 public:
  void fill(std::span<unsigned char> out) override;
};

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<unsigned char> out) override;

 private:
  std::mt19937_64 engine_;
};

inline constexpr std::string_view kLowerAlnum = "abcdefghijklmnopqrstuvwxyz0123456789";
inline constexpr std::string_view kUpperAlnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
inline constexpr std::string_view kAlnum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

// RFC 4122 version 4, lower case.
std::string uuid4(Random& random);

}  // namespace base

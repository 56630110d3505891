// Fingerprints: a set of hashes kept in little memory, that says "surely not in it" or "perhaps". Two octets
// an entry and some for the table: 10 million take about 24 MB, and then one in 400 of those not in it is
// "perhaps". Entries that are equal are counted, so that each can be taken out again. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

namespace ses {

class Fingerprints {
 public:
  bool may_have(std::uint64_t hash) const;
  void add(std::uint64_t hash);
  void remove(std::uint64_t hash);                // one that was added
  void add_all(std::span<std::uint64_t> hashes);  // sorts them; quick for many
  void clear();

  std::size_t size() const;
  std::size_t bytes() const;  // of memory taken

  // A hash that spreads well over all its bits; `seed` is that of what stands before.
  static std::uint64_t hash(std::string_view text, std::uint64_t seed = 0);

 private:
  // The upper bits of a hash choose the bucket, the next 16 are kept in it, in order.
  static constexpr int kBucketBits = 16;
  static constexpr std::size_t kBuckets = std::size_t{1} << kBucketBits;
  static constexpr std::size_t kLocks = 64;
  using Bucket = std::vector<std::uint16_t>;

  static std::size_t bucket_of(std::uint64_t hash) { return hash >> (64 - kBucketBits); }
  static std::uint16_t print_of(std::uint64_t hash) {
    return static_cast<std::uint16_t>(hash >> (64 - kBucketBits - 16));
  }
  std::mutex& lock_of(std::size_t bucket) const { return locks_[bucket % kLocks]; }
  static void make_room(Bucket& bucket, std::size_t more);

  mutable std::array<std::mutex, kLocks> locks_;
  std::vector<Bucket> buckets_{kBuckets};
};

}  // namespace ses

#include "ses/fingerprints.h"

#include <algorithm>
#include <cstring>

namespace ses {
namespace {

// The finisher of SplitMix64.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

}  // namespace

std::uint64_t Fingerprints::hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t h = mix(seed + 0x9e3779b97f4a7c15ull * (text.size() + 1));
  while (!text.empty()) {
    std::uint64_t word = 0;
    auto n = std::min(text.size(), sizeof word);
    std::memcpy(&word, text.data(), n);
    text.remove_prefix(n);
    h = mix(h ^ word) + 0x9e3779b97f4a7c15ull;
  }
  return mix(h);
}

bool Fingerprints::may_have(std::uint64_t hash) const {
  auto n = bucket_of(hash);
  std::lock_guard lock(lock_of(n));
  const auto& bucket = buckets_[n];
  return std::binary_search(bucket.begin(), bucket.end(), print_of(hash));
}

// Vectors would double; here what is not used must stay little.
void Fingerprints::make_room(Bucket& bucket, std::size_t more) {
  auto wanted = bucket.size() + more;
  if (wanted > bucket.capacity()) bucket.reserve(wanted + wanted / 16);
}

void Fingerprints::add(std::uint64_t hash) {
  auto n = bucket_of(hash);
  std::lock_guard lock(lock_of(n));
  auto& bucket = buckets_[n];
  make_room(bucket, 1);
  auto print = print_of(hash);
  bucket.insert(std::lower_bound(bucket.begin(), bucket.end(), print), print);
}

void Fingerprints::remove(std::uint64_t hash) {
  auto n = bucket_of(hash);
  std::lock_guard lock(lock_of(n));
  auto& bucket = buckets_[n];
  auto print = print_of(hash);
  auto at = std::lower_bound(bucket.begin(), bucket.end(), print);
  if (at != bucket.end() && *at == print) bucket.erase(at);
}

void Fingerprints::add_all(std::span<std::uint64_t> hashes) {
  std::sort(hashes.begin(), hashes.end());
  for (std::size_t i = 0; i < hashes.size();) {
    auto n = bucket_of(hashes[i]);
    auto end = i;
    while (end < hashes.size() && bucket_of(hashes[end]) == n) ++end;
    std::lock_guard lock(lock_of(n));
    auto& bucket = buckets_[n];
    make_room(bucket, end - i);
    auto middle = static_cast<std::ptrdiff_t>(bucket.size());
    for (; i < end; ++i) bucket.push_back(print_of(hashes[i]));
    std::inplace_merge(bucket.begin(), bucket.begin() + middle, bucket.end());
  }
}

void Fingerprints::clear() {
  for (std::size_t n = 0; n < kBuckets; ++n) {
    std::lock_guard lock(lock_of(n));
    Bucket().swap(buckets_[n]);
  }
}

std::size_t Fingerprints::size() const {
  std::size_t out = 0;
  for (std::size_t n = 0; n < kBuckets; ++n) {
    std::lock_guard lock(lock_of(n));
    out += buckets_[n].size();
  }
  return out;
}

std::size_t Fingerprints::bytes() const {
  std::size_t out = kBuckets * sizeof(Bucket);
  for (std::size_t n = 0; n < kBuckets; ++n) {
    std::lock_guard lock(lock_of(n));
    out += buckets_[n].capacity() * sizeof(std::uint16_t);
  }
  return out;
}

}  // namespace ses

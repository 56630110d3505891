#include "ses/login_throttle.h"

#include <algorithm>
#include <cstring>

#include "aws/sigv4_hash.h"

namespace ses {
namespace {

constexpr std::uint32_t kMostFailures = 1 << 20;

}  // namespace

std::chrono::milliseconds throttle_delay(const ThrottleLimits& limits, std::size_t failures,
                                         std::size_t free_failures) {
  if (failures <= free_failures) return {};
  const auto doublings = std::min<std::size_t>(failures - free_failures - 1, 16);
  return std::min(limits.first_delay * (1 << doublings), limits.longest_delay);
}

LoginThrottle::LoginThrottle(ThrottleLimits limits, base::Random& random)
    : limits_(limits),
      seed_(random.bytes(16)),
      entries_(std::max<std::size_t>(limits.entries / kWays, 1) * kWays),
      waiting_(limits.waiting, limits.waiting_per_source) {}
LoginThrottle::~LoginThrottle() = default;

std::chrono::milliseconds LoginThrottle::delay(std::string_view address, std::string_view key_id,
                                               Time now) const {
  const auto source = net::source_of(address);
  const auto pair = key_id.empty() ? Entry{} : look(hash(source, key_id));
  const auto own = throttle_delay(limits_, failures(pair, now), limits_.free_failures_of_key);
  if (pair.trusted) return own;
  const auto all = failures(look(hash(source, {})), now);
  return std::max(own, throttle_delay(limits_, all, limits_.free_failures));
}

void LoginThrottle::failed(std::string_view address, std::string_view key_id, Time now) {
  const auto source = net::source_of(address);
  note_failure(hash(source, {}), now);
  if (!key_id.empty()) note_failure(hash(source, key_id), now);
}

void LoginThrottle::succeeded(std::string_view address, std::string_view key_id, Time now) {
  if (!key_id.empty()) note_success(hash(net::source_of(address), key_id), now);
}

void LoginThrottle::forget() {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::lock_guard lock(locks_[i / kWays % kLocks]);
    entries_[i] = {};
  }
}

// Keyed, so that nobody can choose sources or key ids that share a set with another's.
std::uint64_t LoginThrottle::hash(std::string_view source, std::string_view key_id) const {
  std::string text(source);
  text += '\0';
  text += key_id;
  const auto digest = aws::hmac(seed_, text);
  std::uint64_t tag = 0;
  std::memcpy(&tag, digest.data(), sizeof tag);
  return tag ? tag : 1;
}

std::size_t LoginThrottle::failures(const Entry& entry, Time now) const {
  const auto halvings = now <= entry.last ? 0 : (now - entry.last) / limits_.memory;
  return halvings > 20 ? 0 : entry.count >> halvings;
}

LoginThrottle::Entry* LoginThrottle::find(std::uint64_t tag) {
  auto* set = &entries_[set_of(tag)];
  auto* at = std::find_if(set, set + kWays, [tag](const Entry& entry) { return entry.tag == tag; });
  return at == set + kWays ? nullptr : at;
}

LoginThrottle::Entry LoginThrottle::look(std::uint64_t tag) const {
  std::lock_guard lock(locks_[set_of(tag) / kWays % kLocks]);
  auto* found = const_cast<LoginThrottle*>(this)->find(tag);
  return found ? *found : Entry{};
}

void LoginThrottle::note_failure(std::uint64_t tag, Time now) {
  std::lock_guard lock(locks_[set_of(tag) / kWays % kLocks]);
  auto* entry = find(tag);
  if (!entry) {
    auto* set = &entries_[set_of(tag)];
    const auto weight = [&](const Entry& e) { return std::pair(failures(e, now), e.last); };
    entry = std::min_element(set, set + kWays,
                             [&](const Entry& a, const Entry& b) { return weight(a) < weight(b); });
    *entry = {tag, 0, false, now};
  }
  entry->count = std::min(static_cast<std::uint32_t>(failures(*entry, now)) + 1, kMostFailures);
  entry->last = now;
}

// A success takes no place from one that failed.
void LoginThrottle::note_success(std::uint64_t tag, Time now) {
  std::lock_guard lock(locks_[set_of(tag) / kWays % kLocks]);
  auto* entry = find(tag);
  if (!entry) {
    auto* set = &entries_[set_of(tag)];
    const auto idle = [&](const Entry& e) { return failures(e, now) == 0; };
    for (auto* e = set; e != set + kWays; ++e)
      if (idle(*e) && (!entry || e->last < entry->last)) entry = e;
    if (!entry) return;
  }
  *entry = {tag, 0, true, now};
}

}  // namespace ses

// The caching resolver. A look-up under way is shared by all who ask for the same; it runs detached from
// them, so none of them can take it away from the others.
#include <list>
#include <mutex>
#include <unordered_map>

#include "base/oneshot.h"
#include "net/dns.h"
#include "net/dns_rdata.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Task;

constexpr std::chrono::seconds kKeepFailure = 5s;
constexpr std::chrono::seconds kMostNegative = 300s;
constexpr std::chrono::seconds kMostPositive = 24h;
constexpr std::size_t kMostOctets = 64u << 20;  // of all answers: a stranger's may have 64 KB each
constexpr std::size_t kEntryOctets = 400, kRecordOctets = 48;  // besides texts

struct Cache : std::enable_shared_from_this<Cache> {
  using Waiter = base::OneShot<DnsAnswer>;
  struct Entry {
    std::string key;
    DnsAnswer answer;
    base::WallTime expires;
    std::size_t octets;
  };
  using Place = std::list<Entry>::iterator;

  Cache(Resolver& r, const base::Clock& c, std::size_t most) : inner(r), clock(c), max_entries(most) {}

  static std::string key_of(const std::string& name, DnsType type) {
    return std::to_string(static_cast<unsigned>(type)) + " " + name;
  }
  static std::chrono::seconds keep_for(const DnsAnswer& answer);
  static std::size_t octets_of(const std::string& key, const DnsAnswer& answer);

  std::optional<DnsAnswer> find(const std::string& key);
  void store(const std::string& key, const DnsAnswer& answer);
  void forget(Place entry);
  static Task<void> fly(std::shared_ptr<Cache> self, std::string key, std::string name, DnsType type);

  Resolver& inner;
  const base::Clock& clock;
  const std::size_t max_entries;
  std::mutex mutex;
  std::list<Entry> entries;  // used last at the front
  std::size_t octets = 0;    // of all of them
  std::unordered_map<std::string, Place> by_key;
  std::unordered_map<std::string, std::vector<Waiter>> flights;
};

std::chrono::seconds Cache::keep_for(const DnsAnswer& answer) {
  switch (answer.status) {
    case DnsAnswer::ok:
      return std::min(answer.ttl, kMostPositive);
    case DnsAnswer::failed:
      return kKeepFailure;
    default:
      return std::min(answer.ttl, kMostNegative);
  }
}

std::size_t Cache::octets_of(const std::string& key, const DnsAnswer& answer) {
  auto sum = kEntryOctets + 2 * key.size() + answer.canonical_name.size() + answer.detail.size();
  for (const auto& record : answer.records) sum += kRecordOctets + record.value.size();
  return sum;
}

void Cache::forget(Place entry) {
  octets -= entry->octets;
  by_key.erase(entry->key);
  entries.erase(entry);
}

std::optional<DnsAnswer> Cache::find(const std::string& key) {
  auto found = by_key.find(key);
  if (found == by_key.end()) return {};
  auto entry = found->second;
  auto left = entry->expires - clock.now();
  if (left <= base::Millis(0)) {
    forget(entry);
    return {};
  }
  entries.splice(entries.begin(), entries, entry);
  auto answer = entry->answer;
  answer.ttl = std::min(answer.ttl, std::chrono::ceil<std::chrono::seconds>(left));
  return answer;
}

void Cache::store(const std::string& key, const DnsAnswer& answer) {
  auto keep = keep_for(answer);
  if (keep <= 0s || max_entries == 0) return;
  if (auto found = by_key.find(key); found != by_key.end()) forget(found->second);
  const auto size = octets_of(key, answer);
  while (!entries.empty() && (entries.size() >= max_entries || octets + size > kMostOctets))
    forget(std::prev(entries.end()));
  entries.push_front({key, answer, clock.now() + keep, size});
  by_key[key] = entries.begin();
  octets += size;
}

Task<void> Cache::fly(std::shared_ptr<Cache> self, std::string key, std::string name, DnsType type) {
  DnsAnswer answer;
  try {
    auto asking = self->inner.query(std::move(name), type);
    answer = co_await asking;
  } catch (const std::exception& e) {
    answer = DnsAnswer{};
    answer.detail = e.what();
  }
  std::vector<Waiter> waiting;
  {
    std::lock_guard lock(self->mutex);
    self->store(key, answer);
    waiting = std::move(self->flights[key]);
    self->flights.erase(key);
  }
  for (auto& waiter : waiting) waiter.set(answer);
}

class CachingResolver final : public Resolver {
 public:
  CachingResolver(Resolver& inner, const base::Clock& clock, std::size_t most)
      : cache_(std::make_shared<Cache>(inner, clock, most)) {}

  Task<DnsAnswer> query(std::string name, DnsType type) override {
    return ask(cache_, std::move(name), type);
  }

 private:
  static Task<DnsAnswer> ask(std::shared_ptr<Cache> cache, std::string asked, DnsType type) {
    auto name = normal_dns_name(asked);
    if (!name) {
      DnsAnswer none;
      none.status = DnsAnswer::no_name;
      none.detail = "not a name of the DNS";
      co_return none;
    }
    auto key = Cache::key_of(*name, type);
    Cache::Waiter waiter;
    bool first = false;
    {
      std::lock_guard lock(cache->mutex);
      if (auto known = cache->find(key)) co_return std::move(*known);
      auto& flight = cache->flights[key];
      first = flight.empty();
      flight.push_back(waiter);
    }
    if (first) base::spawn(Cache::fly(cache, key, std::move(*name), type));
    co_return co_await waiter;
  }

  std::shared_ptr<Cache> cache_;
};

}  // namespace

std::unique_ptr<Resolver> make_caching_resolver(Resolver& inner, const base::Clock& clock,
                                                std::size_t max_entries) {
  return std::make_unique<CachingResolver>(inner, clock, max_entries);
}

}  // namespace net

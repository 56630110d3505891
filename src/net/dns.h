// DNS look-ups as values. UnboundResolver asks through libunbound (forwarding to a given server, or
// recursing); CachingResolver keeps answers by TTL on the house's clock; TableResolver answers from a table
// in tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "net/endpoint.h"

namespace net {

enum class DnsType : std::uint16_t {
  a = 1,
  cname = 5,
  soa = 6,
  ptr = 12,
  mx = 15,
  txt = 16,
  aaaa = 28,
  tlsa = 52
};

struct DnsRecord {
  // a, aaaa: address text; cname, ptr, mx, soa: host name, lower case, no final dot ("" is the root: null MX,
  // RFC 7505); txt: the strings joined; tlsa: raw bytes.
  std::string value;
  std::uint16_t preference = 0;  // mx
};

struct DnsAnswer {
  enum Status {
    ok,
    no_data,
    no_name,
    failed
  };  // failed: SERVFAIL, time-out, refused, bogus: try again later
  Status status = failed;
  std::vector<DnsRecord> records;
  std::string canonical_name;  // where CNAMEs led, if anywhere
  std::chrono::seconds ttl{0};
  bool secure = false;  // DNSSEC validated
  std::string detail;   // why it failed
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  // `name` is ASCII, any case, with or without final dot. Any loop; resumes on the caller's executor.
  virtual base::Task<DnsAnswer> query(std::string name, DnsType type) = 0;
};

// Follows CNAMEs of the table. Any thread.
class TableResolver final : public Resolver {
 public:
  void add(const std::string& name, DnsType type, DnsRecord record);
  void fail(const std::string& name);  // every look-up of the name fails
  void clear();
  base::Task<DnsAnswer> query(std::string name, DnsType type) override;
  std::size_t queries() const;

 private:
  DnsAnswer look_up(const std::string& name, DnsType type);

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, DnsType>, std::vector<DnsRecord>> records_;
  std::map<std::string, bool> failing_;
  std::size_t queries_ = 0;
};

struct UnboundOptions {
  // Forward to this server (tests, or the operator's resolver); empty address: the system's resolv.conf.
  Endpoint server{};
  std::chrono::milliseconds timeout{10000};
  // DNSSEC's root trust anchor (a file of DS or DNSKEY records); empty: nothing is validated, `secure` stays
  // false.
  std::string trust_anchor_file{};
  std::size_t max_outstanding = 4096;  // more look-ups at once fail
};
// Keeps nothing itself when forwarding: the caching resolver does, on the house's clock. Throws
// std::runtime_error if libunbound refuses the options.
std::unique_ptr<Resolver> make_unbound_resolver(UnboundOptions options);

// Bounded to `max_entries` and in octets; failures are kept 5 s, no_name/no_data as their TTL says but at
// most 5 min.
std::unique_ptr<Resolver> make_caching_resolver(Resolver& inner, const base::Clock& clock,
                                                std::size_t max_entries = 100000);

}  // namespace net

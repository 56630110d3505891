#include "net/dns.h"
#include "net/dns_rdata.h"

namespace net {
namespace {

constexpr int kMaxAliases = 8;
constexpr std::chrono::seconds kTtl{300};

std::string key_name(const std::string& name) { return normal_dns_name(name).value_or(name); }

}  // namespace

void TableResolver::add(const std::string& name, DnsType type, DnsRecord record) {
  std::lock_guard lock(mutex_);
  if (type == DnsType::cname || type == DnsType::mx || type == DnsType::ptr || type == DnsType::soa) {
    record.value = key_name(record.value);
  }
  records_[{key_name(name), type}].push_back(std::move(record));
}

void TableResolver::fail(const std::string& name) {
  std::lock_guard lock(mutex_);
  failing_[key_name(name)] = true;
}

void TableResolver::clear() {
  std::lock_guard lock(mutex_);
  records_.clear();
  failing_.clear();
}

std::size_t TableResolver::queries() const {
  std::lock_guard lock(mutex_);
  return queries_;
}

DnsAnswer TableResolver::look_up(const std::string& asked, DnsType type) {
  std::lock_guard lock(mutex_);
  ++queries_;
  DnsAnswer answer;
  answer.ttl = kTtl;
  auto name = key_name(asked);
  for (int alias = 0; alias <= kMaxAliases; ++alias) {
    if (failing_.contains(name)) {
      answer.detail = "look-up of " + name + " fails";
      return answer;
    }
    if (alias > 0) answer.canonical_name = name;
    if (auto found = records_.find({name, type}); found != records_.end()) {
      answer.status = DnsAnswer::ok;
      answer.records = found->second;
      return answer;
    }
    auto cname = records_.find({name, DnsType::cname});
    if (cname == records_.end() || cname->second.empty()) {
      auto any = records_.lower_bound({name, DnsType{0}});
      bool exists = any != records_.end() && any->first.first == name;
      answer.status = exists ? DnsAnswer::no_data : DnsAnswer::no_name;
      return answer;
    }
    name = cname->second.front().value;
  }
  answer.detail = "too many aliases";
  return answer;
}

base::Task<DnsAnswer> TableResolver::query(std::string name, DnsType type) { co_return look_up(name, type); }

}  // namespace net

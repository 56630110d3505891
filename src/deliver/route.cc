#include "deliver/route.h"

#include <algorithm>

#include "base/encoding.h"

namespace deliver {
namespace {

Route failed(Route::Status status, std::string enhanced, std::string diagnostic) {
  Route r;
  r.status = status;
  r.enhanced_status = std::move(enhanced);
  r.diagnostic = std::move(diagnostic);
  return r;
}

template <class T>
void shuffle(std::vector<T>& items, std::size_t from, std::size_t to, base::Random& random) {
  for (auto i = to; i > from + 1; --i)
    std::swap(items[i - 1], items[from + static_cast<std::size_t>(random.u64() % (i - from))]);
}

// Sorted by preference, in random order within one (RFC 5321 §5.1).
void order(std::vector<net::DnsRecord>& mx, base::Random& random) {
  std::stable_sort(mx.begin(), mx.end(),
                   [](const auto& a, const auto& b) { return a.preference < b.preference; });
  for (std::size_t from = 0; from < mx.size();) {
    auto to = from;
    while (to < mx.size() && mx[to].preference == mx[from].preference) ++to;
    shuffle(mx, from, to, random);
    from = to;
  }
}

std::string site_of(const std::vector<net::DnsRecord>& mx) {
  std::vector<std::string> names;
  for (const auto& record : mx) names.push_back(record.value);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string site;
  for (const auto& name : names) site += (site.empty() ? "" : ",") + name;
  return site;
}

Route single_host(const std::string& name) {
  Route r;
  r.status = Route::ok;
  r.site = name;
  r.hosts.push_back({name, {}});
  return r;
}

}  // namespace

base::Task<Route> find_route(net::Resolver& resolver, std::string domain, base::Random& random) {
  if (domain.size() > 2 && domain.front() == '[' && domain.back() == ']') {
    auto literal = domain.substr(1, domain.size() - 2);
    if (base::ascii_lower(literal.substr(0, 5)) == "ipv6:") literal.erase(0, 5);
    if (!net::is_ip_address(literal))
      co_return failed(Route::permanent, "5.1.2", "bad address literal [" + literal + "]");
    auto route = single_host(literal);
    route.hosts.front().addresses.push_back(literal);
    co_return route;
  }

  auto answer = co_await resolver.query(domain, net::DnsType::mx);
  switch (answer.status) {
    case net::DnsAnswer::failed:
      co_return failed(Route::temporary, "4.4.3",
                       "DNS look-up of MX for " + domain + " failed: " + answer.detail);
    case net::DnsAnswer::no_name:
      co_return failed(Route::permanent, "5.1.2", "the domain " + domain + " does not exist");
    case net::DnsAnswer::no_data:
      // RFC 5321 §5.1: no MX means the domain itself is the host, if it has an address.
      co_return single_host(domain);
    case net::DnsAnswer::ok:
      break;
  }
  auto& mx = answer.records;
  if (mx.empty()) co_return single_host(domain);
  bool null_mx = std::all_of(mx.begin(), mx.end(), [](const auto& r) { return r.value.empty(); });
  if (null_mx)  // RFC 7505 §3
    co_return failed(Route::permanent, "5.1.10", "the domain " + domain + " accepts no mail (null MX)");
  std::erase_if(mx, [](const auto& r) { return r.value.empty(); });
  order(mx, random);
  Route route;
  route.status = Route::ok;
  route.site = site_of(mx);
  for (auto& record : mx) {
    if (route.hosts.size() == kMaxHosts) break;
    route.hosts.push_back({std::move(record.value), {}});
  }
  co_return route;
}

base::Task<net::DnsAnswer> find_addresses(net::Resolver& resolver, std::string host, AddressFamilies families,
                                          base::Random& random) {
  net::DnsAnswer merged;
  merged.status = net::DnsAnswer::no_data;
  bool any_failed = false;
  if (families.ipv6) {
    auto v6 = co_await resolver.query(host, net::DnsType::aaaa);
    if (v6.status == net::DnsAnswer::failed) {
      any_failed = true;
      merged.detail = v6.detail;
    }
    if (v6.status == net::DnsAnswer::no_name) merged.status = net::DnsAnswer::no_name;
    shuffle(v6.records, 0, v6.records.size(), random);
    for (auto& record : v6.records) merged.records.push_back(std::move(record));
  }
  if (families.ipv4) {
    auto v4 = co_await resolver.query(host, net::DnsType::a);
    if (v4.status == net::DnsAnswer::failed) {
      any_failed = true;
      merged.detail = v4.detail;
    }
    if (v4.status == net::DnsAnswer::no_name) merged.status = net::DnsAnswer::no_name;
    shuffle(v4.records, 0, v4.records.size(), random);
    for (auto& record : v4.records) merged.records.push_back(std::move(record));
  }
  if (!merged.records.empty()) {
    merged.status = net::DnsAnswer::ok;
  } else if (any_failed) {
    merged.status = net::DnsAnswer::failed;
  }
  co_return merged;
}

}  // namespace deliver

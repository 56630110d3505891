// Route: the hosts that take mail for a domain, best first (RFC 5321 §5.1, RFC 7505), and the site they make:
// domains with the same exchangers are one site and share its limits and connections.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "base/task.h"
#include "net/dns.h"
#include "net/endpoint.h"

namespace deliver {

struct RouteHost {
  std::string name;
  std::vector<std::string> addresses;
};

struct Route {
  enum Status { ok, permanent, temporary };
  Status status = temporary;
  std::string site;              // key: the exchangers' names
  std::vector<RouteHost> hosts;  // at most kMaxHosts; addresses are looked up by resolve_hosts()
  std::string enhanced_status;   // when not ok: RFC 3463
  std::string diagnostic;
};

struct AddressFamilies {
  bool ipv4 = true, ipv6 = true;
};

inline constexpr std::size_t kMaxHosts = 8;

// Who takes mail for `domain` (ASCII); address literals "[192.0.2.1]" go straight there (RFC 5321 §4.1.3).
base::Task<Route> find_route(net::Resolver& resolver, std::string domain, base::Random& random);
// The addresses of one host, v6 before v4 (RFC 6724), shuffled within.
base::Task<net::DnsAnswer> find_addresses(net::Resolver& resolver, std::string host, AddressFamilies families,
                                          base::Random& random);

}  // namespace deliver

#include "deliver/route.h"

#include <gtest/gtest.h>

#include "base/run_task.h"
#include "deliver/retry.h"

namespace deliver {
namespace {

Route route_of(net::Resolver& resolver, const std::string& domain) {
  base::SeededRandom random(1);
  return base::run_task(find_route(resolver, domain, random));
}

TEST(Route, ByPreferenceAndSiteByAllExchangers) {
  net::TableResolver dns;
  dns.add("a.example", net::DnsType::mx, {"mx2.host.example", 20});
  dns.add("a.example", net::DnsType::mx, {"mx1.host.example", 10});
  dns.add("b.example", net::DnsType::mx, {"mx1.host.example", 5});
  dns.add("b.example", net::DnsType::mx, {"mx2.host.example", 5});
  auto a = route_of(dns, "a.example");
  ASSERT_EQ(a.status, Route::ok);
  ASSERT_EQ(a.hosts.size(), 2u);
  EXPECT_EQ(a.hosts[0].name, "mx1.host.example");
  EXPECT_EQ(a.site, route_of(dns, "b.example").site);
}

TEST(Route, WithoutMxTheDomainItself) {
  net::TableResolver dns;
  dns.add("plain.example", net::DnsType::a, {"192.0.2.1"});
  auto r = route_of(dns, "plain.example");
  ASSERT_EQ(r.status, Route::ok);
  EXPECT_EQ(r.hosts.at(0).name, "plain.example");
}

TEST(Route, NullMxAndNoSuchDomainAndTrouble) {
  net::TableResolver dns;
  dns.add("null.example", net::DnsType::mx, {"", 0});
  dns.fail("broken.example");
  EXPECT_EQ(route_of(dns, "null.example").status, Route::permanent);
  EXPECT_EQ(route_of(dns, "null.example").enhanced_status, "5.1.10");
  EXPECT_EQ(route_of(dns, "gone.example").status, Route::permanent);
  EXPECT_EQ(route_of(dns, "broken.example").status, Route::temporary);
}

TEST(Route, AddressLiterals) {
  net::TableResolver dns;
  EXPECT_EQ(route_of(dns, "[192.0.2.7]").hosts.at(0).addresses.at(0), "192.0.2.7");
  EXPECT_EQ(route_of(dns, "[IPv6:2001:db8::1]").hosts.at(0).addresses.at(0), "2001:db8::1");
  EXPECT_EQ(route_of(dns, "[nonsense]").status, Route::permanent);
}

TEST(Route, ManyExchangersAreCut) {
  net::TableResolver dns;
  for (int i = 0; i < 40; ++i)
    dns.add("many.example", net::DnsType::mx, {"mx" + std::to_string(i) + ".example", 10});
  EXPECT_EQ(route_of(dns, "many.example").hosts.size(), kMaxHosts);
}

TEST(Retry, GrowsWithJitterAndEndsWithTheMail) {
  Options o;
  base::SeededRandom random(3);
  auto now = base::from_millis(1'000'000'000);
  auto expires = now + std::chrono::hours{14};
  base::Millis last{0};
  for (int attempt = 1; attempt < 30; ++attempt) {
    auto wait = next_attempt(o, now, expires, attempt, random) - now;
    EXPECT_GE(wait, std::chrono::minutes{4});
    EXPECT_LE(wait, std::chrono::minutes{144});
    if (attempt < 6) {
      EXPECT_GT(wait, last);
    }
    last = wait;
  }
  EXPECT_EQ(next_attempt(o, now, now + std::chrono::minutes{1}, 3, random), now + std::chrono::minutes{1});
}

}  // namespace
}  // namespace deliver

#include "mail/spf.h"

#include <gtest/gtest.h>

#include "base/run_task.h"
#include "mail/spf_record.h"
#include "mail/test_look_up.h"

namespace mail {
namespace {

using T = LookUpType;

// The zone most cases share.
void add_zone(TableLookUp& dns) {
  dns.add("example.net", T::a, "192.0.2.10");
  dns.add("example.net", T::aaaa, "2001:db8::10");
  dns.add("example.net", T::mx, "mx1.example.net");
  dns.add("example.net", T::mx, "mx2.example.net");
  dns.add("mx1.example.net", T::a, "192.0.2.65");
  dns.add("mx2.example.net", T::a, "192.0.2.66");
  dns.add("mx2.example.net", T::aaaa, "2001:db8:1::66");
  dns.add("host.example.net", T::a, "192.0.2.4");
  dns.add("host.example.net", T::aaaa, "2001:db8::cb01");
  dns.add("4.2.0.192.in-addr.arpa", T::ptr, "host.example.net");
  dns.add("4.2.0.192.in-addr.arpa", T::ptr, "liar.example.com");
  dns.add("liar.example.com", T::a, "192.0.2.99");
  dns.add("1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", T::ptr,
          "host.example.net");
  dns.add("pass.example.net", T::txt, "v=spf1 +all");
  dns.add("fail.example.net", T::txt, "v=spf1 -all");
  dns.add("soft.example.net", T::txt, "v=spf1 ~all");
  dns.add("broken.example.net", T::txt, "v=spf1 a:");
  dns.add("text.example.net", T::txt, "unrelated");
  dns.fail("down.example.net");
  dns.add("4.2.0.192.in-addr._spf.example.net", T::a, "127.0.0.2");
  dns.add("strong.lp._spf.example.net", T::a, "127.0.0.2");
}

struct Case {
  std::string_view record;
  SpfResult result;
  std::string_view ip = "192.0.2.4";
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.record << " for " << c.ip; }

class Spf : public testing::TestWithParam<Case> {};

TEST_P(Spf, DecidesBy) {
  TableLookUp dns;
  add_zone(dns);
  dns.add("email.example.net", T::txt, std::string(GetParam().record));
  SpfRequest request{std::string(GetParam().ip), "strong-bad@email.example.net", "mail.example.org"};
  auto out = base::run_task(check_spf(request, dns));
  EXPECT_EQ(name_of(out.result), name_of(GetParam().result)) << out.problem;
}

using R = SpfResult;

INSTANTIATE_TEST_SUITE_P(Records, Spf,
                         testing::Values(Case{"v=spf1", R::neutral}, Case{"V=sPf1 -aLL", R::fail},
                                         Case{"v=spf10 -all", R::none}, Case{"v=spf1-all", R::none},
                                         Case{"v=spf1  -all  ", R::fail}, Case{"v=spf1\t-all", R::none},
                                         Case{"v=spf1 -all\t", R::permerror},
                                         Case{"v=spf1 ?all -all", R::neutral},
                                         Case{"v=spf1 +all a:", R::permerror},
                                         Case{"v=spf1 a:caf\xc3\xa9.example.net -all", R::permerror},
                                         Case{"v=spf1 unknown -all", R::permerror},
                                         Case{"v=spf1 -", R::permerror}, Case{"v=spf1 =x", R::permerror}));

INSTANTIATE_TEST_SUITE_P(All, Spf,
                         testing::Values(Case{"v=spf1 all", R::pass}, Case{"v=spf1 ~all", R::softfail},
                                         Case{"v=spf1 all.", R::permerror},
                                         Case{"v=spf1 all/8", R::permerror},
                                         Case{"v=spf1 all:example.net", R::permerror}));

INSTANTIATE_TEST_SUITE_P(
    Networks, Spf,
    testing::Values(
        Case{"v=spf1 ip4:192.0.2.4 -all", R::pass}, Case{"v=spf1 ip4:192.0.2.5 -all", R::fail},
        Case{"v=spf1 ip4:192.0.0.0/22 -all", R::pass}, Case{"v=spf1 ip4:192.0.0.0/23 -all", R::fail},
        Case{"v=spf1 ip4:9.9.9.9/0 -all", R::pass}, Case{"v=spf1 ip4:9.9.9.9/0 -all", R::fail, "2001:db8::1"},
        Case{"v=spf1 ip4:192.0.2.4/33 -all", R::permerror},
        Case{"v=spf1 ip4:192.0.2.4/032 -all", R::permerror}, Case{"v=spf1 ip4 -all", R::permerror},
        Case{"v=spf1 ip4:192.0.2 -all", R::permerror}, Case{"v=spf1 ip4:192.0.2.4:25 -all", R::permerror},
        Case{"v=spf1 ip4:2001:db8::1 -all", R::permerror},
        Case{"v=spf1 ip4:192.0.2.4 -all", R::pass, "::ffff:192.0.2.4"},
        Case{"v=spf1 ip6:::ffff:192.0.2.4 -all", R::fail},
        Case{"v=spf1 ip6:2001:db8::/32 -all", R::pass, "2001:db8:1::1"},
        Case{"v=spf1 ip6:2001:db8:8000::/33 -all", R::fail, "2001:db8:1::1"},
        Case{"v=spf1 ip6:::/0 -all", R::fail}, Case{"v=spf1 ip6:::1/129 -all", R::permerror},
        Case{"v=spf1 ip6:::1//128 -all", R::permerror}, Case{"v=spf1 ip6:CAFE::BABE::1 -all", R::permerror},
        Case{"v=spf1 ip6 -all", R::permerror}, Case{"v=spf1 ip6:192.0.2.4 -all", R::permerror}));

INSTANTIATE_TEST_SUITE_P(
    Addresses, Spf,
    testing::Values(
        Case{"v=spf1 a:host.example.net -all", R::pass}, Case{"v=spf1 a:host.example.net. -all", R::pass},
        Case{"v=spf1 a -all", R::fail}, Case{"v=spf1 a:example.net/28 -all", R::pass},
        Case{"v=spf1 a:example.net/29 -all", R::fail}, Case{"v=spf1 a:example.net/0 -all", R::pass},
        Case{"v=spf1 a:nothing.example.net/0 -all", R::fail},
        Case{"v=spf1 a:example.net//64 -all", R::pass, "2001:db8::cb01"},
        Case{"v=spf1 a:example.net/24//128 -all", R::fail, "2001:db8::cb01"},
        Case{"v=spf1 a:example.net/33 -all", R::permerror},
        Case{"v=spf1 a:example.net//129 -all", R::permerror}, Case{"v=spf1 a/", R::permerror},
        Case{"v=spf1 a: -all", R::permerror}, Case{"v=spf1 a:museum -all", R::permerror},
        Case{"v=spf1 a:museum. -all", R::permerror}, Case{"v=spf1 a:192.0.2.4 -all", R::permerror},
        Case{"v=spf1 a:example.123 -all", R::permerror}, Case{"v=spf1 a:example.-com -all", R::permerror},
        Case{"v=spf1 a:foo:bar/baz.example.net -all", R::fail},
        Case{"v=spf1 a:example.xn--zckzah -all", R::fail},
        Case{"v=spf1 a:down.example.net -all", R::temperror}));

INSTANTIATE_TEST_SUITE_P(Exchangers, Spf,
                         testing::Values(Case{"v=spf1 mx:example.net -all", R::pass, "192.0.2.66"},
                                         Case{"v=spf1 mx:example.net -all", R::fail, "192.0.2.67"},
                                         Case{"v=spf1 mx:example.net/26 -all", R::pass, "192.0.2.67"},
                                         Case{"v=spf1 mx:example.net -all", R::pass, "2001:db8:1::66"},
                                         Case{"v=spf1 mx:host.example.net -all", R::fail},
                                         Case{"v=spf1 mx:down.example.net -all", R::temperror},
                                         Case{"v=spf1 mx: -all", R::permerror},
                                         Case{"v=spf1 mx//129", R::permerror}));

INSTANTIATE_TEST_SUITE_P(Pointers, Spf,
                         testing::Values(Case{"v=spf1 ptr:example.net -all", R::pass},
                                         Case{"v=spf1 ptr:EXAMPLE.net -all", R::pass},
                                         Case{"v=spf1 ptr:xample.net -all", R::fail},
                                         Case{"v=spf1 ptr:example.com -all", R::fail},
                                         Case{"v=spf1 ptr -all", R::fail},
                                         Case{"v=spf1 ptr:example.net -all", R::fail, "192.0.2.9"},
                                         Case{"v=spf1 ptr:example.net -all", R::pass, "2001:db8::cb01"},
                                         Case{"v=spf1 ptr:example.net/24 -all", R::permerror},
                                         Case{"v=spf1 ptr: -all", R::permerror}));

INSTANTIATE_TEST_SUITE_P(Includes, Spf,
                         testing::Values(Case{"v=spf1 include:pass.example.net -all", R::pass},
                                         Case{"v=spf1 ?include:pass.example.net -all", R::neutral},
                                         Case{"v=spf1 include:fail.example.net ~all", R::softfail},
                                         Case{"v=spf1 include:soft.example.net ?all", R::neutral},
                                         Case{"v=spf1 include:broken.example.net -all", R::permerror},
                                         Case{"v=spf1 include:text.example.net -all", R::permerror},
                                         Case{"v=spf1 include:nothing.example.net -all", R::permerror},
                                         Case{"v=spf1 include:down.example.net -all", R::temperror},
                                         Case{"v=spf1 include -all", R::permerror},
                                         Case{"v=spf1 include: -all", R::permerror},
                                         Case{"v=spf1 include:pass.example.net/24 -all", R::permerror},
                                         Case{"v=spf1 include:email.example.net -all", R::permerror}));

INSTANTIATE_TEST_SUITE_P(
    Exists, Spf,
    testing::Values(Case{"v=spf1 exists:%{ir}.%{v}._spf.example.net -all", R::pass},
                    Case{"v=spf1 exists:%{ir}.%{v}._spf.example.net -all", R::fail, "192.0.2.5"},
                    Case{"v=spf1 exists:%{l1r-}.lp._spf.%{d2} -all", R::pass},
                    Case{"v=spf1 exists:%{lr-}.lp._spf.%{d2} -all", R::fail},
                    Case{"v=spf1 exists:%{l1r+-}.lp._spf.%{d2} -all", R::pass},
                    Case{"v=spf1 exists:strong.lp._spf.%{d2} -all", R::pass},
                    Case{"v=spf1 exists:host.example.net -all", R::pass, "2001:db8::1"},
                    Case{"v=spf1 exists:down.example.net -all", R::temperror},
                    Case{"v=spf1 exists -all", R::permerror}, Case{"v=spf1 exists: -all", R::permerror},
                    Case{"v=spf1 exists:host.example.net/24 -all", R::permerror},
                    Case{"v=spf1 exists:%{p} -all", R::pass},
                    Case{"v=spf1 exists:%{p} -all", R::fail, "192.0.2.9"},
                    Case{"v=spf1 exists:%{x}.example.net -all", R::permerror},
                    Case{"v=spf1 exists:%{c}.example.net -all", R::permerror},
                    Case{"v=spf1 exists:%{d0}.example.net -all", R::permerror},
                    Case{"v=spf1 exists:%{d -all", R::permerror},
                    Case{"v=spf1 exists:%a.example.net", R::permerror},
                    Case{"v=spf1 exists:example.net% -all", R::permerror},
                    Case{"v=spf1 exists:%%%_%-.example.net -all", R::fail}));

INSTANTIATE_TEST_SUITE_P(
    Modifiers, Spf,
    testing::Values(Case{"v=spf1 redirect=fail.example.net", R::fail},
                    Case{"v=spf1 redirect=fail.example.net ?all", R::neutral},
                    Case{"v=spf1 redirect=pass.%{d2}", R::pass},
                    Case{"v=spf1 redirect=text.example.net", R::permerror},
                    Case{"v=spf1 redirect=down.example.net", R::temperror},
                    Case{"v=spf1 redirect=email.example.net", R::permerror},
                    Case{"v=spf1 redirect=", R::permerror},
                    Case{"v=spf1 redirect:fail.example.net", R::permerror},
                    Case{"v=spf1 redirect=a..example.net", R::permerror},
                    Case{"v=spf1 redirect=pass.example.net redirect=pass.example.net", R::permerror},
                    Case{"v=spf1 exp=a.example.net -all", R::fail},
                    Case{"v=spf1 exp=a.example.net exp=b.example.net -all", R::permerror},
                    Case{"v=spf1 exp= -all", R::permerror}, Case{"v=spf1 exp=-all", R::permerror},
                    Case{"v=spf1 moo.cow-far_out=%{c}man -all", R::fail},
                    Case{"v=spf1 moo=%q -all", R::permerror}, Case{"v=spf1 1moo=x -all", R::permerror}));

SpfResult result_for(TableLookUp& dns, std::string_view mail_from, std::string_view helo = "h.example.org") {
  SpfRequest request{"192.0.2.4", std::string(mail_from), std::string(helo)};
  return base::run_task(check_spf(request, dns)).result;
}

std::string numbered(std::string_view mechanism, int count) {
  std::string out = "v=spf1";
  for (int i = 0; i < count; ++i)
    out += " " + std::string(mechanism) + ":n" + std::to_string(i) + ".example.net";
  return out + " +all";
}

TEST(SpfLimits, TenTermsMayAskAndNotEleven) {
  TableLookUp dns;
  for (int i = 0; i < 12; ++i) dns.add("n" + std::to_string(i) + ".example.net", T::a, "192.0.2.200");
  dns.add("ten.example.net", T::txt, numbered("a", 10));
  dns.add("eleven.example.net", T::txt, numbered("a", 11));
  dns.add("deep.example.net", T::txt, "v=spf1 include:nine.example.net a:n1.example.net +all");
  dns.add("nine.example.net", T::txt, numbered("a", 9).substr(0, numbered("a", 9).size() - 5));
  EXPECT_EQ(result_for(dns, "a@ten.example.net"), SpfResult::pass);
  EXPECT_EQ(result_for(dns, "a@eleven.example.net"), SpfResult::permerror);
  EXPECT_EQ(result_for(dns, "a@deep.example.net"), SpfResult::permerror);
}

TEST(SpfLimits, TwoVoidAnswersAndNotThree) {
  TableLookUp dns;
  dns.add("two.example.net", T::txt, numbered("a", 2));
  dns.add("three.example.net", T::txt, numbered("a", 3));
  EXPECT_EQ(result_for(dns, "a@two.example.net"), SpfResult::pass);
  EXPECT_EQ(result_for(dns, "a@three.example.net"), SpfResult::permerror);
}

TEST(SpfLimits, TenExchangersAndTenNamesOfTheClient) {
  TableLookUp dns;
  for (int i = 0; i < 11; ++i) {
    auto name = "n" + std::to_string(i) + ".example.net";
    dns.add(name, T::a, i == 10 ? "192.0.2.4" : "192.0.2.200");
    dns.add("many.example.net", T::mx, name);
    dns.add("4.2.0.192.in-addr.arpa", T::ptr, name);
  }
  dns.add("many.example.net", T::txt, "v=spf1 mx -all");
  dns.add("ptr.example.net", T::txt, "v=spf1 ptr:n10.example.net -all");
  EXPECT_EQ(result_for(dns, "a@many.example.net"), SpfResult::permerror);
  EXPECT_EQ(result_for(dns, "a@ptr.example.net"), SpfResult::fail);
}

TEST(SpfLimits, LoopsEnd) {
  TableLookUp dns;
  dns.add("a.example.net", T::txt, "v=spf1 include:b.example.net -all");
  dns.add("b.example.net", T::txt, "v=spf1 redirect=a.example.net");
  EXPECT_EQ(result_for(dns, "x@a.example.net"), SpfResult::permerror);
  EXPECT_LE(dns.asked.size(), 12u);
}

TEST(SpfIdentity, NeedsADomain) {
  TableLookUp dns;
  dns.add("example.net", T::txt, "v=spf1 exists:%{l}.%{o}.example.com -all");
  dns.add("postmaster.example.net.example.com", T::a, "127.0.0.2");
  for (std::string_view from : {"@example.net", "example.net", "postmaster@EXAMPLE.NET", ""})
    EXPECT_EQ(result_for(dns, from, "example.net"), SpfResult::pass) << from;
  for (std::string_view from : {"a@localhost", "a@[192.0.2.4]", "a@a..example.net", "a@.net", "a@",
                                "a@192.0.2.4", "a@b\tc.example.net"})
    EXPECT_EQ(result_for(dns, from), SpfResult::none) << from;
  EXPECT_EQ(result_for(dns, "a@" + std::string(64, 'x') + ".example.net"), SpfResult::none);
  EXPECT_EQ(result_for(dns, "", "[192.0.2.4]"), SpfResult::none);
  SpfRequest request{"192.0.2.4", "a@example.org", "example.net"};
  EXPECT_EQ(base::run_task(check_spf_helo(request, dns)).result, SpfResult::pass);
  request.client_ip = "not an address";
  EXPECT_EQ(base::run_task(check_spf_helo(request, dns)).result, SpfResult::none);
}

TEST(SpfIdentity, InternationalDomainsAreAskedForInAscii) {
  TableLookUp dns;
  dns.add("xn--bcher-kva.example", T::txt, "v=spf1 exists:%{o}.known.example -all");
  dns.add("xn--bcher-kva.example.known.example", T::a, "127.0.0.2");
  dns.add("named.example", T::txt, "v=spf1 exists:%{l}.known.example ?all");
  SpfRequest request{"192.0.2.4",
                     "j\xc3\xb6rg@b\xc3\xbc"
                     "cher.example",
                     "h.example.org"};
  auto out = base::run_task(check_spf(request, dns));
  EXPECT_EQ(out.result, SpfResult::pass) << out.problem;
  EXPECT_EQ(out.domain, "xn--bcher-kva.example");
  EXPECT_EQ(out.sender, "j\xc3\xb6rg@xn--bcher-kva.example");
  EXPECT_EQ(result_for(dns, "j\xc3\xb6rg@named.example"), SpfResult::neutral);  // RFC 8616 §4
  EXPECT_EQ(result_for(dns, "a@\xc3.example"), SpfResult::none);
}

TEST(SpfIdentity, OneRecordOfSeveralTexts) {
  TableLookUp dns;
  dns.add("one.example.net", T::txt, "other");
  dns.add("one.example.net", T::txt, "v=spf1 -all");
  dns.add("two.example.net", T::txt, "v=spf1 -all");
  dns.add("two.example.net", T::txt, "v=SPF1");
  dns.fail("gone.example.net", T::txt);
  EXPECT_EQ(result_for(dns, "a@one.example.net"), SpfResult::fail);
  EXPECT_EQ(result_for(dns, "a@two.example.net"), SpfResult::permerror);
  EXPECT_EQ(result_for(dns, "a@gone.example.net"), SpfResult::temperror);
}

TEST(SpfIdentity, TellsWhoseRecordDecided) {
  TableLookUp dns;
  dns.add("example.net", T::txt, "v=spf1 redirect=_spf.example.net");
  dns.add("_spf.example.net", T::txt, "v=spf1 include:deep.example.net ~all");
  dns.add("deep.example.net", T::txt, "v=spf1 ip4:192.0.2.0/24 -all");
  SpfRequest request{"192.0.2.4", "a@example.net", "h.example.org"};
  auto out = base::run_task(check_spf(request, dns));
  EXPECT_EQ(out.result, SpfResult::pass);
  EXPECT_EQ(out.domain, "_spf.example.net");
  EXPECT_EQ(out.sender, "a@example.net");
  EXPECT_EQ(out.mechanism, "include:deep.example.net");
}

// The examples of RFC 7208 §7.4.
TEST(SpfMacros, ExpandAsTheStandardShows) {
  SpfMacros m;
  m.sender = "strong-bad@email.example.com";
  m.domain = "email.example.com";
  m.helo = "mx.example.org";
  m.client = *IpAddress::parse("192.0.2.3");
  struct Row {
    std::string_view spec, expanded;
  };
  for (auto [spec, expanded] : std::initializer_list<Row>{
           {"%{s}", "strong-bad@email.example.com"},
           {"%{o}", "email.example.com"},
           {"%{d4}", "email.example.com"},
           {"%{d3}", "email.example.com"},
           {"%{d2}", "example.com"},
           {"%{d1}", "com"},
           {"%{dr}", "com.example.email"},
           {"%{d2r}", "example.email"},
           {"%{l}", "strong-bad"},
           {"%{l-}", "strong.bad"},
           {"%{lr}", "strong-bad"},
           {"%{lr-}", "bad.strong"},
           {"%{l1r-}", "strong"},
           {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
           {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
           {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
           {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
           {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
           {"%{S}.x.org", "strong-bad%40email.example.com.x.org"},
           {"%{h}.%{p}.x.org", "mx.example.org.unknown.x.org"}})
    EXPECT_EQ(expand_spf_domain(spec, m), expanded) << spec;
  m.client = *IpAddress::parse("2001:db8::cb01");
  EXPECT_EQ(expand_spf_domain("%{ir}.%{v}._spf.%{d2}", m),
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com");
}

TEST(SpfMacros, AreShortenedFromTheLeft) {
  SpfMacros m;
  m.client = *IpAddress::parse("192.0.2.3");
  m.domain = "example.com";
  std::string labels;
  for (int i = 0; i < 40000; ++i) labels += "a.";
  auto name = expand_spf_domain(labels + "%{d}", m);
  ASSERT_TRUE(name);
  EXPECT_LE(name->size(), 253u);
  EXPECT_TRUE(name->ends_with(".a.example.com"));
  EXPECT_FALSE(expand_spf_domain(std::string(64, 'a') + ".%{d}", m));
  EXPECT_FALSE(expand_spf_domain("a..%{d}", m));
}

}  // namespace
}  // namespace mail

#include "ses/dns_check.h"

#include <gmock/gmock.h>

#include "ses/test_world.h"

namespace ses {
namespace {

using base::run_task;
using net::DnsType;
using State = DnsFinding::State;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kService = "ses.example.net";

struct CheckWorld : testing::TestWorld {
  CheckWorld() : TestWorld(testing::instant_settings()) {}
  IdentityPtr easy() {
    Identities::CreateRequest request;
    request.name = "example.com";
    request.easy_dkim_bits = 1024;
    return run_task(identities->create(caller(), request));
  }
  void txt(const std::string& name, const std::string& value) { dns.add(name, DnsType::txt, {value, 0}); }
  DnsReport check(IdentityPtr identity) {
    return run_task(check_dns(&dns, kService, identity, identities->mail_from_for(*identity)));
  }
  // "DKIM:missing DKIM:missing …"
  std::string states(IdentityPtr identity) {
    std::string out;
    for (const auto& f : check(identity).records)
      out += (out.empty() ? "" : ", ") + f.purpose + " " + std::string(state_name(f.state));
    return out;
  }
  DnsFinding finding(IdentityPtr identity, const std::string& purpose) {
    for (auto& f : check(identity).records)
      if (f.purpose == purpose) return f;
    return {};
  }
  net::TableResolver dns;
};

TEST(DnsCheck, NothingPublished) {
  CheckWorld w;
  auto identity = w.easy();
  EXPECT_EQ(w.states(identity),
            "DKIM missing, DKIM missing, DKIM missing, DKIM key missing, SPF advice, DMARC advice");
  EXPECT_FALSE(w.check(identity).good());
  auto dkim = w.finding(identity, "DKIM");
  const auto& token = identity->dkim.tokens[0];
  EXPECT_EQ(dkim.name, token + "._domainkey.example.com");
  EXPECT_EQ(dkim.wanted, token + ".dkim." + kService);
  EXPECT_EQ(dkim.fix, "Publish CNAME " + dkim.name + " with the value: " + dkim.wanted);
  EXPECT_THAT(w.finding(identity, "DKIM key").fix, HasSubstr("must stand at " + dkim.wanted));
}

TEST(DnsCheck, AllPublished) {
  CheckWorld w;
  auto identity = w.easy();
  for (const auto& token : identity->dkim.tokens)
    w.dns.add(token + "._domainkey.example.com", DnsType::cname, {token + ".dkim." + kService, 0});
  w.txt(identity->dkim.selector + ".dkim." + kService, identity->dkim.key->dns_record());
  w.txt("example.com", "v=spf1 include:ses.example.net ~all");
  w.txt("example.com", "something else");
  w.txt("_dmarc.example.com", "v=DMARC1; p=reject");
  EXPECT_EQ(w.states(identity), "DKIM ok, DKIM ok, DKIM ok, DKIM key ok, SPF ok, DMARC ok");
  EXPECT_TRUE(w.check(identity).good());
  EXPECT_THAT(w.finding(identity, "SPF").found, ElementsAre("v=spf1 include:ses.example.net ~all"));
}

TEST(DnsCheck, TheKeyInPlaceMakesCnamesNeedless) {
  CheckWorld w;
  auto identity = w.easy();
  w.txt(identity->dkim.selector + "._domainkey.example.com", identity->dkim.key->dns_record());
  EXPECT_EQ(w.states(identity), "DKIM key ok, SPF advice, DMARC advice");
}

TEST(DnsCheck, WrongValues) {
  CheckWorld w;
  auto identity = w.easy();
  const auto& tokens = identity->dkim.tokens;
  w.dns.add(tokens[0] + "._domainkey.example.com", DnsType::cname, {"elsewhere.example.org", 0});
  w.txt("elsewhere.example.org", mail::DkimKey::generate_rsa(1024)->dns_record());
  w.dns.fail(tokens[1] + "._domainkey.example.com");
  w.txt("example.com", "v=spf1 -all");
  w.txt("example.com", "v=spf1 ~all");
  w.txt("_dmarc.example.com", "v=DMARC1; p=none");
  w.txt("_dmarc.example.com", "v=DMARC1; p=reject");
  EXPECT_EQ(w.states(identity),
            "DKIM wrong, DKIM unknown, DKIM missing, DKIM key wrong, SPF wrong, DMARC wrong");
  EXPECT_THAT(w.finding(identity, "SPF").fix, HasSubstr("Keep one SPF record"));
}

TEST(DnsCheck, MailFrom) {
  CheckWorld w;
  run_task(w.identities->verify_domain(w.caller(), "example.com"));
  run_task(w.identities->set_mail_from(w.caller(), {"example.com", "m.example.com", false}));
  auto identity = w.identities->find(w.scope(), "example.com");
  EXPECT_EQ(w.states(identity),
            "verification missing, MAIL FROM missing, MAIL FROM SPF missing, SPF advice, DMARC advice");
  EXPECT_EQ(w.finding(identity, "MAIL FROM").wanted, "10 feedback-smtp.us-east-1.ses.example.net");
  w.dns.add("m.example.com", DnsType::mx, {"feedback-smtp.us-east-1.ses.example.net", 10});
  w.txt("m.example.com", "v=spf1 ip4:192.0.2.1 -all");
  w.txt("_amazonses.example.com", identity->token);
  EXPECT_EQ(w.states(identity),
            "verification ok, MAIL FROM ok, MAIL FROM SPF wrong, SPF advice, DMARC advice");
  EXPECT_EQ(w.finding(identity, "MAIL FROM SPF").fix,
            "Put include:ses.example.net into the SPF record of m.example.com.");
  EXPECT_THAT(w.finding(identity, "MAIL FROM").found,
              ElementsAre("10 feedback-smtp.us-east-1.ses.example.net"));
  w.dns.add("m.example.com", DnsType::mx, {"mx.example.com", 20});
  EXPECT_EQ(w.finding(identity, "MAIL FROM").state, State::wrong);
  EXPECT_THAT(w.finding(identity, "MAIL FROM").fix, HasSubstr("Keep one MX"));
}

TEST(DnsCheck, DmarcOfTheParent) {
  CheckWorld w;
  run_task(w.identities->verify_domain(w.caller(), "a.example.com"));
  w.txt("_dmarc.example.com", "v=DMARC1; p=none");
  EXPECT_EQ(w.finding(w.identities->find(w.scope(), "a.example.com"), "DMARC").state, State::good);
}

}  // namespace
}  // namespace ses

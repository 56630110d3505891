// The custom MAIL FROM's look at DNS, and the mails that warn of vanished records.
#include <gmock/gmock.h>

#include "ses/test_world.h"
#include "ses/verification.h"

namespace ses {
namespace {

using base::run_task;
using net::DnsType;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using S = VerificationStatus;

constexpr const char* kService = "ses.example.net";
constexpr const char* kHost = "feedback-smtp.us-east-1.ses.example.net";

struct MailFromWorld : testing::TestWorld {
  explicit MailFromWorld(std::string identity = "example.com")
      : TestWorld(make()), name(std::move(identity)), poller(*identities, dns, settings, clock, loop) {
    if (name.find('@') == std::string::npos) {
      auto token = run_task(identities->verify_domain(caller(), name))->token;
      dns.add("_amazonses." + name, DnsType::txt, {token, 0});
    } else {
      run_task(identities->verify_address(caller(), name));
      run_task(identities->confirm_address(scope(), name));
    }
    pass();
    set();
  }
  static Settings make() {
    Settings s;
    s.service_domain = kService;
    return s;
  }
  void set() { run_task(identities->set_mail_from(caller(), {name, "m.example.com", true})); }
  void mx(const std::string& host, std::uint16_t preference = 10) {
    dns.add("m.example.com", DnsType::mx, {host, preference});
  }
  S status() { return identities->find(scope(), name)->mail_from.status; }
  S own_status() { return identities->find(scope(), name)->status; }
  void pass(base::Millis later = seconds(0)) {
    clock.freeze(clock.now() + later);
    run_task(poller.run_due());
  }
  // As time goes by: a look whenever one is due.
  void live(base::Millis span) {
    auto end = clock.now() + span;
    for (auto due = identities->next_check(); due && *due <= end; due = identities->next_check()) {
      if (*due > clock.now()) clock.freeze(*due);
      run_task(poller.run_due());
    }
    clock.freeze(end);
    run_task(poller.run_due());
  }

  std::string name;
  net::TableResolver dns;
  net::Loop loop;  // not run
  VerificationPoller poller;
};

TEST(MailFromVerification, ByItsMx) {
  struct Case {
    std::vector<std::string> hosts;
    S status;
  };
  const Case cases[] = {{{kHost}, S::success},
                        {{"Feedback-SMTP.us-east-1.ses.example.NET."}, S::success},
                        {{}, S::pending},
                        {{"mx.example.com"}, S::pending},
                        {{kHost, "mx.example.com"}, S::pending},
                        {{"feedback-smtp.eu-west-1.ses.example.net"}, S::pending}};
  for (const auto& c : cases) {
    MailFromWorld w;
    EXPECT_EQ(w.status(), S::pending);
    for (const auto& host : c.hosts) w.mx(host);
    w.pass();
    EXPECT_EQ(w.status(), c.status) << (c.hosts.empty() ? "none" : c.hosts.back());
  }
}

TEST(MailFromVerification, OfAnAddress) {
  MailFromWorld w("bob@example.com");
  w.mx(kHost);
  w.pass();
  EXPECT_EQ(w.status(), S::success);
  EXPECT_EQ(w.own_status(), S::success);
}

TEST(MailFromVerification, GivesUpAfterThreeDaysAndStartsAgain) {
  MailFromWorld w;
  w.live(hours(71));
  EXPECT_EQ(w.status(), S::pending);
  w.live(hours(1));
  EXPECT_EQ(w.status(), S::failed);
  EXPECT_EQ(w.own_status(), S::success);
  w.mx(kHost);
  w.live(hours(48));
  EXPECT_EQ(w.status(), S::failed);  // until it is asked for again
  w.set();
  EXPECT_EQ(w.status(), S::pending);
  w.pass();
  EXPECT_EQ(w.status(), S::success);
  w.set();
  EXPECT_EQ(w.status(), S::success);
}

TEST(MailFromVerification, VanishedMxHasAGrace) {
  MailFromWorld w;
  w.mx(kHost);
  w.pass();
  ASSERT_EQ(w.status(), S::success);
  auto token = w.identities->find(w.scope(), "example.com")->token;
  w.dns.clear();
  w.dns.add("_amazonses.example.com", DnsType::txt, {token, 0});
  w.live(hours(24));
  EXPECT_EQ(w.status(), S::temporary_failure);
  auto outbox = w.outbox();
  ASSERT_EQ(outbox.size(), 1u);
  EXPECT_EQ(outbox[0].to, "postmaster@example.com");
  EXPECT_TRUE(outbox[0].null_sender);
  EXPECT_THAT(outbox[0].subject, HasSubstr("Custom MAIL FROM in danger for example.com"));
  EXPECT_THAT(outbox[0].text, HasSubstr("within 72 hours"));
  w.live(hours(71));
  EXPECT_EQ(w.status(), S::temporary_failure);
  w.mx(kHost);
  w.live(hours(1));
  EXPECT_EQ(w.status(), S::success);
  EXPECT_EQ(w.outbox().size(), 1u);

  w.dns.clear();
  w.dns.add("_amazonses.example.com", DnsType::txt, {token, 0});
  w.live(hours(24 + 72));
  EXPECT_EQ(w.status(), S::failed);
  ASSERT_EQ(w.outbox().size(), 3u);
  EXPECT_THAT(w.outbox()[2].subject, HasSubstr("Custom MAIL FROM ended for example.com"));
  EXPECT_EQ(w.own_status(), S::success);
}

TEST(MailFromVerification, ADeadResolverChangesNothing) {
  MailFromWorld w;
  w.mx(kHost);
  w.pass();
  w.dns.fail("m.example.com");
  w.live(hours(24));
  EXPECT_EQ(w.status(), S::success);
}

TEST(VerificationNotice, DomainAndDkim) {
  testing::TestWorld w{MailFromWorld::make()};
  net::TableResolver dns;
  net::Loop loop;
  VerificationPoller poller(*w.identities, dns, w.settings, w.clock, loop);
  Identities::CreateRequest request;
  request.name = "example.com";
  request.easy_dkim_bits = 1024;
  auto made = run_task(w.identities->create(w.caller(), request));
  for (const auto& token : made->dkim.tokens)
    dns.add(token + "._domainkey.example.com", DnsType::cname, {token + ".dkim." + kService, 0});
  run_task(poller.run_due());
  ASSERT_TRUE(w.identities->find(w.scope(), "example.com")->verified());
  EXPECT_TRUE(w.outbox().empty());
  dns.clear();
  auto hour = [&](int n) {
    for (int i = 0; i < n; ++i) {
      w.clock.freeze(w.clock.now() + hours(1));
      run_task(poller.run_due());
    }
  };
  auto now = [&] { return w.identities->find(w.scope(), "example.com"); };
  hour(24);
  EXPECT_EQ(now()->status, S::temporary_failure);
  EXPECT_EQ(now()->dkim.status, S::temporary_failure);
  auto outbox = w.outbox();
  ASSERT_EQ(outbox.size(), 2u);
  EXPECT_THAT(outbox[0].subject,
              HasSubstr("Domain verification in danger for example.com in region US East"));
  EXPECT_THAT(outbox[0].text, HasSubstr("sesame dns check example.com"));
  EXPECT_THAT(outbox[1].subject, HasSubstr("DKIM in danger"));
  EXPECT_THAT(outbox[1].text, HasSubstr("within 5 days"));
  hour(71);
  EXPECT_TRUE(w.identities->match_sender(w.scope(), "a@example.com"));
  hour(1);
  EXPECT_EQ(now()->status, S::failed);
  EXPECT_FALSE(w.identities->match_sender(w.scope(), "a@example.com"));
  ASSERT_EQ(w.outbox().size(), 3u);
  EXPECT_THAT(w.outbox()[2].subject, HasSubstr("Domain verification ended for example.com"));
  hour(47);
  EXPECT_EQ(now()->dkim.status, S::temporary_failure);
  hour(1);
  EXPECT_EQ(now()->dkim.status, S::failed);
  ASSERT_EQ(w.outbox().size(), 4u);
  EXPECT_FALSE(w.identities->next_check());
}

// A domain whose verification ended starts again though its DKIM is still in its grace.
TEST(VerificationNotice, StartsAgainWithinTheGraceOfDkim) {
  testing::TestWorld w{MailFromWorld::make()};
  net::TableResolver dns;
  net::Loop loop;
  VerificationPoller poller(*w.identities, dns, w.settings, w.clock, loop);
  auto tokens = run_task(w.identities->verify_domain_dkim(w.caller(), "example.com"))->dkim.tokens;
  auto publish = [&] {
    for (const auto& token : tokens)
      dns.add(token + "._domainkey.example.com", DnsType::cname, {token + ".dkim." + kService, 0});
  };
  publish();
  run_task(poller.run_due());
  dns.clear();
  for (auto span : {24, 72}) {
    w.clock.freeze(w.clock.now() + hours(span));
    run_task(poller.run_due());
  }
  auto now = [&] { return w.identities->find(w.scope(), "example.com"); };
  ASSERT_EQ(now()->status, S::failed);
  ASSERT_EQ(now()->dkim.status, S::temporary_failure);
  publish();
  EXPECT_EQ(run_task(w.identities->verify_domain_dkim(w.caller(), "example.com"))->dkim.tokens, tokens);
  EXPECT_EQ(now()->status, S::pending);
  run_task(poller.run_due());
  EXPECT_EQ(now()->status, S::success);
  EXPECT_EQ(now()->dkim.status, S::success);
}

}  // namespace
}  // namespace ses

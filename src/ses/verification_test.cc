#include "ses/verification.h"

#include <gmock/gmock.h>

#include <semaphore>
#include <thread>

#include "ses/test_world.h"
#include "ses/verification_link.h"

namespace ses {
namespace {

using base::run_task;
using net::DnsType;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::TestWorld;
using S = VerificationStatus;

constexpr const char* kService = "ses.example.net";

struct DnsWorld : TestWorld {
  DnsWorld() : TestWorld(make()), poller(*identities, dns, settings, clock, loop) {}
  static Settings make() {
    Settings s;
    s.service_domain = kService;
    return s;
  }
  IdentityPtr domain() { return identities->find(scope(), "example.com"); }
  void easy() {
    Identities::CreateRequest request;
    request.name = "example.com";
    request.easy_dkim_bits = 1024;
    run_task(identities->create(caller(), request));
  }
  void publish_cnames() {
    for (const auto& token : domain()->dkim.tokens)
      dns.add(token + "._domainkey.example.com", DnsType::cname, {token + ".dkim." + kService, 0});
  }
  void pass(base::Millis later = seconds(0)) {
    clock.freeze(clock.now() + later);
    run_task(poller.run_due());
  }

  net::TableResolver dns;
  net::Loop loop;  // not run
  VerificationPoller poller;
};

TEST(Verification, TxtTokenInItsThreeForms) {
  struct Case {
    std::string name, prefix;
    bool good;
  };
  const Case cases[] = {{"_amazonses.example.com", "", true},
                        {"example.com", "", true},
                        {"example.com", "amazonses:", true},
                        {"_amazonses.example.com", "x", false},
                        {"other.example.com", "", false}};
  for (const auto& c : cases) {
    DnsWorld w;
    auto token = run_task(w.identities->verify_domain(w.caller(), "example.com"))->token;
    w.dns.add(c.name, DnsType::txt, {"v=spf1 -all", 0});
    w.dns.add(c.name, DnsType::txt, {c.prefix + token, 0});
    w.pass();
    EXPECT_EQ(w.domain()->status, c.good ? S::success : S::pending) << c.name << c.prefix;
  }
}

TEST(Verification, EasyDkimByThreeCnames) {
  DnsWorld w;
  w.easy();
  w.pass();
  EXPECT_EQ(w.domain()->status, S::pending);
  EXPECT_EQ(w.domain()->error_type, "HOST_NOT_FOUND");
  w.publish_cnames();
  w.pass(seconds(10));
  EXPECT_EQ(w.domain()->status, S::success);
  EXPECT_EQ(w.domain()->dkim.status, S::success);
  EXPECT_EQ(w.domain()->error_type, "");
  EXPECT_EQ(w.identities->match_sender(w.scope(), "a@example.com")->signer->name, "example.com");
}

TEST(Verification, TwoCnamesAreNotEnough) {
  DnsWorld w;
  w.easy();
  const auto tokens = w.domain()->dkim.tokens;
  for (int i : {0, 2})
    w.dns.add(tokens[i] + "._domainkey.example.com", DnsType::cname, {tokens[i] + ".dkim." + kService, 0});
  w.dns.add(tokens[1] + "._domainkey.example.com", DnsType::cname, {"elsewhere.example.net", 0});
  w.pass();
  EXPECT_EQ(w.domain()->dkim.status, S::pending);
  EXPECT_EQ(w.domain()->error_type, "INVALID_VALUE");
}

TEST(Verification, EasyDkimByTheKeyItself) {
  DnsWorld w;
  w.easy();
  auto dkim = w.domain()->dkim;
  auto record = dkim.key->dns_record();
  w.dns.add(dkim.selector + "._domainkey.example.com", DnsType::txt, {record, 0});
  w.pass();
  EXPECT_EQ(w.domain()->dkim.status, S::success);
  EXPECT_TRUE(w.domain()->verified());
}

// SES §8.4: a change of length makes DKIM pending and keeps the domain verified; the old key goes on.
TEST(Verification, KeyOfAnotherLength) {
  for (bool keys_published : {false, true}) {
    DnsWorld w;
    run_task(w.identities->create(w.caller(), [] {
      Identities::CreateRequest request;
      request.name = "example.com";
      request.easy_dkim_bits = 2048;
      return request;
    }()));
    auto first = w.domain()->dkim;
    w.publish_cnames();
    if (keys_published)
      w.dns.add(first.selector + ".dkim." + kService, DnsType::txt, {first.key->dns_record(), 0});
    w.pass();
    ASSERT_EQ(w.domain()->dkim.status, S::success);
    run_task(w.identities->set_dkim_signing(w.caller(), {"example.com", false, {}, {}, 1024}));
    w.identities->load();
    auto waiting = w.domain()->dkim;
    EXPECT_EQ(waiting.status, S::pending);
    EXPECT_EQ(w.domain()->status, S::success);
    EXPECT_EQ(waiting.key_bits, 2048);
    EXPECT_EQ(waiting.next_key_bits, 1024);
    EXPECT_EQ(waiting.selector, first.tokens[0]);
    EXPECT_EQ(waiting.next_selector, first.tokens[1]);
    EXPECT_TRUE(w.identities->match_sender(w.scope(), "a@example.com")->signer);
    w.pass(seconds(10));
    EXPECT_EQ(w.domain()->dkim.status, keys_published ? S::pending : S::success);
    EXPECT_EQ(w.domain()->status, S::success);
    w.dns.add(waiting.next_selector + ".dkim." + kService, DnsType::txt, {waiting.next_key->dns_record(), 0});
    w.pass(minutes(15));
    auto done = w.domain()->dkim;
    EXPECT_EQ(done.status, S::success);
    EXPECT_EQ(done.selector, first.tokens[1]);
    EXPECT_EQ(done.key_bits, 1024);
    EXPECT_EQ(done.key->public_key_base64(), waiting.next_key->public_key_base64());
    EXPECT_FALSE(done.next_key);
    EXPECT_EQ(done.tokens, first.tokens);
  }
}

TEST(Verification, AnotherKeyIsNone) {
  DnsWorld w;
  w.easy();
  auto other = mail::DkimKey::generate_rsa(1024)->dns_record();
  w.dns.add(w.domain()->dkim.selector + "._domainkey.example.com", DnsType::txt, {other, 0});
  w.pass();
  EXPECT_EQ(w.domain()->dkim.status, S::pending);
  EXPECT_EQ(w.domain()->error_type, "INVALID_VALUE");
}

TEST(Verification, BackOff) {
  Identity identity;
  identity.kind = IdentityKind::domain;
  identity.status = S::pending;
  identity.verification_started = base::from_millis(0);
  auto wait = [&](base::Millis checked) {
    identity.last_checked = base::WallTime(checked);
    return *next_look(identity) - *identity.last_checked;
  };
  EXPECT_EQ(*next_look(identity), identity.verification_started);
  EXPECT_EQ(wait(seconds(0)), seconds(10));
  EXPECT_EQ(wait(minutes(2)), seconds(30));
  EXPECT_EQ(wait(minutes(10)), minutes(1));
  EXPECT_EQ(wait(minutes(30)), minutes(5));
  EXPECT_EQ(wait(hours(5)), minutes(15));
  identity.status = S::success;
  EXPECT_EQ(wait(hours(5)), hours(24));
  identity.status = S::temporary_failure;
  EXPECT_EQ(wait(hours(5)), hours(1));
  identity.status = S::failed;
  EXPECT_FALSE(next_look(identity));
}

TEST(Verification, FailsAfterThreeDays) {
  DnsWorld w;
  w.easy();
  w.pass(hours(71));
  EXPECT_EQ(w.domain()->status, S::pending);
  w.pass(hours(1));
  EXPECT_EQ(w.domain()->status, S::failed);
  EXPECT_EQ(w.domain()->dkim.status, S::failed);
  EXPECT_FALSE(w.identities->next_check());
  // Until asked for again.
  run_task(w.identities->verify_domain_dkim(w.caller(), "example.com"));
  EXPECT_EQ(w.domain()->dkim.status, S::pending);
  EXPECT_EQ(w.domain()->status, S::pending);
  w.publish_cnames();
  w.pass();
  EXPECT_TRUE(w.domain()->verified());
}

TEST(Verification, VanishedRecordsHaveAGrace) {
  DnsWorld w;
  w.easy();
  w.publish_cnames();
  w.pass();
  ASSERT_TRUE(w.domain()->verified());
  w.dns.clear();
  auto token = w.domain()->token;
  w.dns.add("_amazonses.example.com", DnsType::txt, {token, 0});
  w.pass(hours(24));
  EXPECT_EQ(w.domain()->status, S::success);
  EXPECT_EQ(w.domain()->dkim.status, S::temporary_failure);
  w.pass(hours(5 * 24 - 1));
  EXPECT_EQ(w.domain()->dkim.status, S::temporary_failure);
  w.pass(hours(1));
  EXPECT_EQ(w.domain()->dkim.status, S::failed);
  EXPECT_TRUE(w.domain()->verified());

  w.dns.clear();
  w.pass(hours(24));
  EXPECT_EQ(w.domain()->status, S::temporary_failure);
  EXPECT_TRUE(w.identities->match_sender(w.scope(), "a@example.com"));
  w.pass(hours(72));
  EXPECT_EQ(w.domain()->status, S::failed);
  EXPECT_FALSE(w.identities->match_sender(w.scope(), "a@example.com"));
}

TEST(Verification, ADeadResolverChangesNothing) {
  DnsWorld w;
  auto token = run_task(w.identities->verify_domain(w.caller(), "example.com"))->token;
  w.dns.fail("_amazonses.example.com");
  w.dns.fail("example.com");
  w.pass();
  EXPECT_EQ(w.domain()->status, S::pending);
  EXPECT_EQ(w.domain()->error_type, "DNS_SERVER_ERROR");
  net::TableResolver good;
  good.add("_amazonses.example.com", DnsType::txt, {token, 0});
  VerificationPoller second(*w.identities, good, w.settings, w.clock, w.loop);
  w.clock.freeze(w.clock.now() + minutes(1));
  run_task(second.run_due());
  EXPECT_TRUE(w.domain()->verified());
  w.pass(hours(24));
  EXPECT_EQ(w.domain()->status, S::success);
}

TEST(Verification, AddressLinksEnd) {
  DnsWorld w;
  run_task(w.identities->verify_address(w.caller(), "bob@example.com"));
  auto status = [&] { return w.identities->find(w.scope(), "bob@example.com")->status; };
  w.pass(hours(23));
  EXPECT_EQ(status(), S::pending);
  w.pass(hours(1));
  EXPECT_EQ(status(), S::failed);
  EXPECT_EQ(w.dns.queries(), 0u);
  EXPECT_FALSE(run_task(w.identities->confirm_address(w.scope(), "bob@example.com")));
  run_task(w.identities->verify_address(w.caller(), "bob@example.com"));
  EXPECT_EQ(status(), S::pending);
  EXPECT_EQ(w.outbox().size(), 2u);
}

TEST(Verification, AChangeMeanwhileIsLeftAlone) {
  DnsWorld w;
  w.easy();
  auto seen = w.domain();
  run_task(w.identities->set_dkim_enabled(w.caller(), "example.com", false));
  Identities::CheckResult result{S::failed, S::failed, "", seen->generation, w.clock.now()};
  run_task(w.identities->record_check(w.scope(), "example.com", result));
  EXPECT_EQ(w.domain()->status, S::pending);
  EXPECT_FALSE(w.domain()->dkim.enabled);
}

// The look saw the world as it was when it began: what the clock did since makes the next one due.
TEST(Verification, AClockThatMovesDuringALookIsSeenByTheNext) {
  DnsWorld w;
  w.easy();
  w.pass(hours(71));
  auto began = w.clock.now() + minutes(15);
  w.clock.freeze(began);
  auto seen = w.domain();
  auto result = judge(*seen, {}, w.clock.now());
  w.clock.freeze(began + hours(2));
  run_task(w.identities->record_check(w.scope(), "example.com", result));
  EXPECT_EQ(w.domain()->status, S::pending);
  EXPECT_EQ(w.domain()->last_checked, began);
  w.pass();
  EXPECT_EQ(w.domain()->status, S::failed);
}

TEST(Verification, PollerIsWokenByChanges) {
  DnsWorld w;
  auto token = run_task(w.identities->verify_domain(w.caller(), "example.com"))->token;
  run_task(w.identities->remove(w.caller(), "example.com"));  // the token comes again
  w.dns.add("_amazonses.example.com", DnsType::txt, {token, 0});

  std::thread thread([&] { w.loop.run(); });
  std::counting_semaphore<> verified(0);
  w.identities->on_change([&] {
    auto now = w.domain();
    if (now && now->verified()) verified.release();
  });
  w.poller.start();
  run_task(w.identities->verify_domain(w.caller(), "example.com"));
  EXPECT_TRUE(verified.try_acquire_for(seconds(20)));
  w.poller.stop();
  w.loop.post([&] { w.loop.stop(); });
  thread.join();
}

TEST(VerificationLink, ReadsOnlyItsOwn) {
  VerificationLink link{{AccountId("1"), Region("us-east-1")}, "a+b@example.com", base::from_millis(1234)};
  auto token = make_link_token(link, "secret");
  auto read = read_link_token(token, "secret");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->scope, link.scope);
  EXPECT_EQ(read->address, link.address);
  EXPECT_EQ(read->ends, link.ends);
  EXPECT_FALSE(read_link_token(token, "other"));
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto bent = token;
    bent[i] = bent[i] == 'A' ? 'B' : 'A';
    auto found = read_link_token(bent, "secret");
    // The last character of base64 may hold bits that count for nothing.
    EXPECT_TRUE(!found || found->address == link.address) << i;
  }
  for (const auto& junk : std::vector<std::string>{"", ".", "a.b", "....", std::string(5000, 'A')})
    EXPECT_FALSE(read_link_token(junk, "secret")) << junk;
}

TEST(VerificationLink, Regions) {
  EXPECT_EQ(region_title("eu-west-1"), "Europe (Ireland)");
  EXPECT_EQ(region_title("moon-1"), "moon-1");
}

TEST(SystemMail, OldestFirstUntilRemoved) {
  TestWorld w;
  SystemMail mail{0, w.scope(), "a@example.com", "no-reply@x.example", true, "S", "T", ""};
  w.store->write_now([&](store::Db& db) {
    put_system_mail(db, mail, w.clock.now());
    mail.to = "b@example.com";
    put_system_mail(db, mail, w.clock.now());
  });
  auto out = w.outbox();
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].to, "a@example.com");
  EXPECT_TRUE(out[0].null_sender);
  EXPECT_EQ(out[0].scope, w.scope());
  w.store->write_now([&](store::Db& db) { remove_system_mail(db, out[0].id); });
  ASSERT_EQ(w.outbox().size(), 1u);
  EXPECT_EQ(w.outbox()[0].to, "b@example.com");
}

}  // namespace
}  // namespace ses

#include "ses/identity.h"

#include <gmock/gmock.h>

#include <thread>

#include "ses/identity_name.h"
#include "ses/identity_view.h"
#include "ses/test_world.h"

namespace ses {
namespace {

using base::run_task;
using ::testing::ElementsAre;
using testing::fault_of;
using ::testing::HasSubstr;
using testing::instant_settings;
using testing::TestWorld;

using Create = Identities::CreateRequest;
using Signing = Identities::SigningRequest;

Create easy(std::string name, int bits = 1024) {
  Create request;
  request.name = std::move(name);
  request.easy_dkim_bits = bits;
  return request;
}

Create plain(std::string name) {
  Create request;
  request.name = std::move(name);
  return request;
}

// The base64 of a PEM body, as BYODKIM wants a key.
std::string bare_base64(const mail::DkimKey& key) {
  std::string out;
  auto pem = key.private_pem();
  std::size_t begin = pem.find('\n') + 1;
  for (char c : pem.substr(begin, pem.find("-----END") - begin))
    if (c != '\n') out += c;
  return out;
}

TEST(IdentityName, Forms) {
  struct Case {
    std::string given, normal;
  };
  const Case cases[] = {
      {"example.com", "example.com"},
      {"EXAMPLE.Com", "example.com"},
      {"b\xc3\xbc"
       "cher.example",
       "xn--bcher-kva.example"},
      {"Bob@Example.COM", "Bob@example.com"},
      {"localhost", ""},
      {"", ""},
      {"foo", ""},
      {"a b.example", ""},
      {"Bob <bob@example.com>", ""},
      {" bob@example.com", ""},
      {"bob@", ""},
      {"@example.com", ""},
      {"a@b@c.example", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(normal_name(c.given).value_or(""), c.normal) << c.given;
  EXPECT_EQ(fault_of([] { require_domain("a@b.example"); }),
            "BadRequestException: Domain a@b.example is invalid.");
  EXPECT_EQ(fault_of([] { require_deletable("foobar"); }),
            "BadRequestException: Identity foobar is invalid. Must be a verified email address or domain.");
  EXPECT_EQ(fault_of([] { require_deletable("x.example"); }), "");
}

TEST(IdentityView, LaterGenerationWinsWhoeverComesLast) {
  IdentityView view;
  Scope scope{AccountId("1"), Region("r")};
  auto identity = [](std::int64_t generation) {
    auto i = std::make_shared<Identity>();
    i->name = "x.example";
    i->generation = generation;
    return i;
  };
  IdentityView::Writing writing(view);
  view.publish(scope, "x.example", identity(2), 2);
  view.publish(scope, "x.example", identity(1), 1);
  EXPECT_EQ(IdentityView::find(*view.names(scope), "x.example")->generation, 2);
  view.publish(scope, "x.example", nullptr, 4);
  view.publish(scope, "x.example", identity(3), 3);
  EXPECT_EQ(IdentityView::find(*view.names(scope), "x.example"), nullptr);
  view.publish(scope, "x.example", identity(5), 5);
  EXPECT_NE(IdentityView::find(*view.names(scope), "x.example"), nullptr);
}

TEST(Identities, InstantModeVerifiesAtOnce) {
  TestWorld w(instant_settings());
  auto address = run_task(w.identities->verify_address(w.caller(), "Bob@Example.com"));
  EXPECT_EQ(address->name, "Bob@example.com");
  EXPECT_EQ(address->status, VerificationStatus::success);
  EXPECT_TRUE(w.outbox().empty());

  auto domain = run_task(w.identities->create(w.caller(), easy("Example.ORG")));
  EXPECT_EQ(domain->name, "example.org");
  EXPECT_EQ(domain->status, VerificationStatus::success);
  EXPECT_EQ(domain->dkim.status, VerificationStatus::success);
  EXPECT_TRUE(domain->dkim.enabled);
  EXPECT_EQ(domain->dkim.key->bits(), 1024);
  ASSERT_EQ(domain->dkim.tokens.size(), 3u);
  EXPECT_EQ(domain->dkim.selector, domain->dkim.tokens[0]);
  for (const auto& token : domain->dkim.tokens) {
    EXPECT_EQ(token.size(), 32u);
    EXPECT_EQ(token.find_first_not_of(base::kLowerAlnum), std::string::npos);
  }
  // Read what was written; nothing of it in another region.
  EXPECT_NE(w.identities->find(w.scope(), "EXAMPLE.org"), nullptr);
  EXPECT_EQ(w.identities->find(w.caller("eu-west-1").scope, "example.org"), nullptr);
}

TEST(Identities, DnsModeWaitsAndMails) {
  TestWorld w;
  auto address = run_task(w.identities->verify_address(w.caller(), "bob@example.com"));
  EXPECT_EQ(address->status, VerificationStatus::pending);
  auto outbox = w.outbox();
  ASSERT_EQ(outbox.size(), 1u);
  EXPECT_EQ(outbox[0].to, "bob@example.com");
  EXPECT_EQ(outbox[0].from, "no-reply@sesame.localhost");
  EXPECT_THAT(outbox[0].subject,
              HasSubstr("Email Address Verification Request in region US East (N. Virginia)"));
  EXPECT_THAT(outbox[0].text, HasSubstr("https://sesame.localhost/verify?t="));

  EXPECT_TRUE(run_task(w.identities->confirm_address(w.scope(), "bob@example.com")));
  EXPECT_TRUE(run_task(w.identities->confirm_address(w.scope(), "bob@example.com")));
  EXPECT_FALSE(run_task(w.identities->confirm_address(w.scope(), "eve@example.com")));
  // Harmless now: no second mail, still verified.
  EXPECT_TRUE(run_task(w.identities->verify_address(w.caller(), "bob@example.com"))->verified());
  EXPECT_EQ(w.outbox().size(), 1u);
}

TEST(Identities, DomainTokenIsStable) {
  TestWorld w;
  auto first = run_task(w.identities->verify_domain(w.caller(), "example.com"))->token;
  EXPECT_EQ(first.size(), 44u);
  EXPECT_EQ(run_task(w.identities->verify_domain(w.caller(), "EXAMPLE.com"))->token, first);
  EXPECT_TRUE(run_task(w.identities->remove(w.caller(), "example.com")));
  EXPECT_FALSE(run_task(w.identities->remove(w.caller(), "example.com")));
  w.reopen();
  EXPECT_EQ(run_task(w.identities->verify_domain(w.caller(), "example.com"))->token, first);
  EXPECT_NE(run_task(w.identities->verify_domain(w.caller("eu-west-1"), "example.com"))->token, first);
}

TEST(Identities, SurvivesARestart) {
  TestWorld w(instant_settings());
  auto request = easy("example.com");
  request.tags = {{"team", "a=b+c d"}, {"empty", ""}};
  auto made = run_task(w.identities->create(w.caller(), request));
  auto service_key = run_task(w.identities->service_key())->public_key_base64();
  auto secret = w.identities->link_secret();
  w.reopen();
  auto again = w.identities->find(w.scope(), "example.com");
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->tags, request.tags);
  EXPECT_EQ(again->dkim.tokens, made->dkim.tokens);
  EXPECT_EQ(again->dkim.key->public_key_base64(), made->dkim.key->public_key_base64());
  EXPECT_EQ(again->created, made->created);
  EXPECT_EQ(again->generation, made->generation);
  EXPECT_EQ(run_task(w.identities->service_key())->public_key_base64(), service_key);
  EXPECT_EQ(w.identities->link_secret(), secret);
}

TEST(Identities, FaultsOfCreate) {
  TestWorld w(instant_settings());
  run_task(w.identities->verify_address(w.caller(), "bob@example.com"));
  auto create = [&](Create r) { return fault_of([&] { run_task(w.identities->create(w.caller(), r)); }); };
  auto taken = plain("bob@example.com");
  taken.tags = {{"", ""}};
  EXPECT_EQ(create(taken), "AlreadyExistsException: Email identity bob@example.com already exist.");
  auto bad_tag = plain("eve@example.com");
  bad_tag.tags = {{"aws:x", ""}};
  bad_tag.configuration_set = "none";
  EXPECT_EQ(create(bad_tag), "BadRequestException: Tag keys must not start with aws:.");
  auto no_set = plain("eve@example.com");
  no_set.configuration_set = "none";
  EXPECT_EQ(create(no_set), "NotFoundException: Configuration set <none> does not exist.");
  EXPECT_EQ(create(plain("foo")), "BadRequestException: Domain foo is invalid.");
  EXPECT_EQ(create(plain("foo@")), "BadRequestException: Invalid email address<foo@>.");
  EXPECT_THAT(create(easy("eve@example.com")), HasSubstr("must be a valid domain"));
  auto half = plain("x.example");
  half.byodkim_selector = "sel";
  EXPECT_THAT(create(half), HasSubstr("given together"));
  auto junk = half;
  junk.byodkim_private_key = "AAAA";
  EXPECT_THAT(create(junk), HasSubstr("RSA key of 1024 to 2048 bits"));
  EXPECT_EQ(w.identities->all(w.scope()).size(), 1u);
}

TEST(Identities, Byodkim) {
  TestWorld w;
  auto key = mail::DkimKey::generate_rsa(1024);
  auto request = plain("example.com");
  request.byodkim_selector = "Sel1";
  request.byodkim_private_key = bare_base64(*key);
  auto made = run_task(w.identities->create(w.caller(), request));
  EXPECT_EQ(made->dkim.origin, DkimOrigin::external);
  EXPECT_THAT(made->dkim.tokens, ElementsAre("Sel1"));
  EXPECT_EQ(made->dkim.status, VerificationStatus::pending);
  EXPECT_EQ(made->dkim.key->public_key_base64(), key->public_key_base64());

  auto large = request;
  large.name = "large.example";
  large.byodkim_private_key = bare_base64(*mail::DkimKey::generate_rsa(3072));
  EXPECT_THAT(fault_of([&] { run_task(w.identities->create(w.caller(), large)); }),
              HasSubstr("1024 to 2048"));

  // To Easy DKIM and back.
  auto easy_again =
      run_task(w.identities->set_dkim_signing(w.caller(), {"example.com", false, {}, {}, 1024}));
  EXPECT_EQ(easy_again->dkim.origin, DkimOrigin::aws_ses);
  EXPECT_EQ(easy_again->dkim.tokens.size(), 3u);
  Signing back{"example.com", true, "s2", bare_base64(*key), {}};
  EXPECT_THAT(run_task(w.identities->set_dkim_signing(w.caller(), back))->dkim.tokens, ElementsAre("s2"));
}

TEST(Identities, DkimOfV1) {
  TestWorld w(instant_settings());
  auto first = run_task(w.identities->verify_domain_dkim(w.caller(), "example.com"))->dkim.tokens;
  EXPECT_EQ(run_task(w.identities->verify_domain_dkim(w.caller(), "example.com"))->dkim.tokens, first);
  EXPECT_EQ(fault_of([&] { run_task(w.identities->verify_domain_dkim(w.caller(), "a@example.com")); }),
            "BadRequestException: Domain a@example.com is invalid.");
}

TEST(Identities, KeyLengthRules) {
  TestWorld w(instant_settings());
  auto made = run_task(w.identities->create(w.caller(), easy("example.com", 2048)));
  auto set = [&](int bits) {
    return fault_of([&] {
      run_task(w.identities->set_dkim_signing(w.caller(), {"example.com", false, {}, {}, bits}));
    });
  };
  EXPECT_THAT(set(2048), HasSubstr("already"));
  EXPECT_EQ(set(1024), "");  // the first down to 1024 is free
  auto rotated = w.identities->find(w.scope(), "example.com");
  EXPECT_EQ(rotated->dkim.tokens, made->dkim.tokens);
  EXPECT_EQ(rotated->dkim.selector, made->dkim.tokens[1]);
  EXPECT_EQ(rotated->dkim.key_bits, 1024);
  EXPECT_THAT(set(2048), HasSubstr("once in 24 hours"));
  w.clock.freeze(w.clock.now() + std::chrono::hours(24));
  EXPECT_EQ(set(2048), "");
  EXPECT_THAT(set(1024), HasSubstr("once in 24 hours"));
}

TEST(Identities, FaultsOfDkim) {
  TestWorld w(instant_settings());
  run_task(w.identities->verify_address(w.caller(), "bob@plain.example"));
  run_task(w.identities->verify_domain(w.caller(), "plain.example"));
  auto signing = [&](std::string name) {
    return fault_of([&] { run_task(w.identities->set_dkim_signing(w.caller(), {name, false, {}, {}, {}})); });
  };
  const std::string not_domain = "BadRequestException: The EmailIdentity value must be a valid domain.";
  EXPECT_EQ(signing("bob@plain.example"), not_domain);
  EXPECT_EQ(signing(" "), not_domain);
  EXPECT_EQ(signing("none.example"), "NotFoundException: Email identity none.example does not exist.");
  auto enable = [&](std::string name) {
    return fault_of([&] { run_task(w.identities->set_dkim_enabled(w.caller(), name, true)); });
  };
  EXPECT_EQ(enable("none.example"),
            "BadRequestException: Domain none.example is not verified for DKIM signing.");
  EXPECT_EQ(enable("plain.example"),
            "BadRequestException: Domain plain.example is not verified for DKIM signing.");
  EXPECT_EQ(enable("bob@plain.example"),
            "BadRequestException: Domain plain.example is not verified for DKIM signing.");
}

TEST(Identities, MatchSender) {
  TestWorld w(instant_settings());
  run_task(w.identities->verify_address(w.caller(), "Bob@lone.example"));
  run_task(w.identities->create(w.caller(), easy("signed.example")));
  run_task(w.identities->verify_domain(w.caller(), "sub.signed.example"));
  run_task(w.identities->verify_address(w.caller(), "quiet@signed.example"));
  run_task(w.identities->set_dkim_enabled(w.caller(), "quiet@signed.example", false));
  run_task(w.identities->create(w.caller(), easy("off.signed.example")));
  run_task(w.identities->set_dkim_enabled(w.caller(), "off.signed.example", false));
  run_task(w.identities->verify_address(w.caller(), "loud@off.signed.example"));
  run_task(w.identities->set_dkim_enabled(w.caller(), "loud@off.signed.example", true));

  struct Case {
    std::string address, identity, signer;
  };
  const Case cases[] = {
      {"Bob@lone.example", "Bob@lone.example", ""},
      {"Bob@LONE.example", "Bob@lone.example", ""},
      {"Bob+news@lone.example", "Bob@lone.example", ""},
      {"bob@lone.example", "", ""},
      {"Bob@sub.lone.example", "", ""},
      {"any@signed.example", "signed.example", "signed.example"},
      {"any@deep.signed.example", "signed.example", "signed.example"},
      {"any@sub.signed.example", "sub.signed.example", "signed.example"},
      {"quiet@signed.example", "quiet@signed.example", ""},
      {"any@off.signed.example", "off.signed.example", ""},
      {"loud@off.signed.example", "loud@off.signed.example", "off.signed.example"},
      {"any@notsigned.example", "", ""},
      {"any@example", "", ""},
      {"any", "", ""},
      {"@signed.example", "", ""},
  };
  for (const auto& c : cases) {
    auto match = w.identities->match_sender(w.scope(), c.address);
    EXPECT_EQ(match ? match->identity->name : "", c.identity) << c.address;
    EXPECT_EQ(match && match->signer ? match->signer->name : "", c.signer) << c.address;
  }
  EXPECT_FALSE(w.identities->dkim_of(w.scope(), "quiet@signed.example").enabled);
  EXPECT_TRUE(w.identities->dkim_of(w.scope(), "other@signed.example").enabled);
}

TEST(Identities, PendingOnesDoNotSend) {
  TestWorld w;
  run_task(w.identities->verify_address(w.caller(), "bob@example.com"));
  EXPECT_FALSE(w.identities->match_sender(w.scope(), "bob@example.com"));
}

TEST(Identities, AutoVerifyTakesAnyWellFormedAddress) {
  auto settings = instant_settings();
  settings.auto_verify = true;
  TestWorld w(settings);
  auto match = w.identities->match_sender(w.scope(), "who@ever.example");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->identity->name, "ever.example");
  EXPECT_TRUE(match->identity->verified());
  EXPECT_EQ(match->signer, nullptr);
  EXPECT_FALSE(w.identities->match_sender(w.scope(), "who ever@x.example"));
}

TEST(Identities, LimitPerScope) {
  TestWorld w(instant_settings());
  w.store->write_now([](store::Db& db) {
    db.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
        "INSERT INTO identity SELECT '123456789012', 'us-east-1', 'd' || i || '.example', 'domain', "
        "'success', '', "
        "'none', 0, 'not_started', '', '', 0, 0, NULL, 0, 0, NULL, NULL, NULL, 1, NULL, '', 0, 0, NULL, "
        "NULL, NULL, "
        "'', 0, '', 0, 'not_started', NULL, NULL, NULL, '', '', '', 0, '', NULL FROM n");
  });
  w.reopen();
  EXPECT_EQ(w.identities->all(w.scope()).size(), 10000u);
  EXPECT_THAT(fault_of([&] { run_task(w.identities->verify_domain(w.caller(), "one.more.example")); }),
              HasSubstr("LimitExceededException"));
  EXPECT_EQ(
      fault_of([&] { run_task(w.identities->verify_domain(w.caller("eu-west-1"), "one.more.example")); }),
      "");
  EXPECT_EQ(fault_of([&] { run_task(w.identities->verify_domain(w.caller(), "d7.example")); }), "");
}

TEST(Identities, RacingWritersLeaveWhatTheStoreHolds) {
  TestWorld w(instant_settings());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&w] {
      for (int i = 0; i < 50; ++i) {
        run_task(w.identities->verify_address(w.caller(), "bob@example.com"));
        run_task(w.identities->remove(w.caller(), "bob@example.com"));
      }
    });
  for (auto& thread : threads) thread.join();
  auto shown = w.identities->find(w.scope(), "bob@example.com");
  w.reopen();
  EXPECT_EQ(shown != nullptr, w.identities->find(w.scope(), "bob@example.com") != nullptr);
}

}  // namespace
}  // namespace ses

// Users, groups, roles and keys: what they are, what holds at once and after a restart.
#include "ses/principal.h"

#include <gmock/gmock.h>

#include <regex>

#include "ses/iam_names.h"
#include "ses/principal_test_world.h"

namespace ses {
namespace {

using base::run_task;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace testing;  // NOLINT: the world of these tests

TEST(Principals, UserAndKeys) {
  IamWorld w;
  auto user = w.make_user("bob");
  EXPECT_EQ(user.arn, "arn:aws:iam::123456789012:user/bob");
  EXPECT_TRUE(std::regex_match(user.id, std::regex("AIDA[A-Z0-9]{17}"))) << user.id;
  EXPECT_EQ(user.created, w.clock.now());

  auto key = run_task(w.iam().create_key(kAccount, "bob"));
  EXPECT_TRUE(std::regex_match(key->id, std::regex("AKIA[A-Z2-7]{16}"))) << key->id;
  EXPECT_EQ(iam::account_of_key_id(key->id), kAccount);
  EXPECT_EQ(key->secret.size(), 40u);
  EXPECT_EQ(key->arn, user.arn);
  EXPECT_EQ(key->owner, user.id);
  ASSERT_NE(w.iam().find_key(key->id), nullptr);
  EXPECT_EQ(w.iam().find_key("AKIAZZZZZZZZZZZZZZZZ"), nullptr);

  auto root = run_task(w.iam().create_key(kAccount, ""));
  EXPECT_EQ(root->arn, "arn:aws:iam::123456789012:root");

  run_task(w.iam().set_key_active(kAccount, "bob", key->id, false));
  EXPECT_FALSE(w.iam().find_key(key->id)->active);

  w.reopen();
  EXPECT_EQ(w.iam().find_key(key->id)->secret, key->secret);
  EXPECT_FALSE(w.iam().find_key(key->id)->active);
  EXPECT_EQ(run_task(w.iam().list(kAccount, PrincipalKind::user, {})).items.size(), 1u);
  EXPECT_EQ(run_task(w.iam().list_keys(kAccount, "bob")).size(), 1u);
}

TEST(Principals, IdsOfKeysTellTheAccount) {
  base::SystemRandom random;
  for (const char* account : {"000000000000", "123456789012", "999999999999"})
    for (const char* prefix : {"AKIA", "ASIA"}) {
      const auto id = iam::fresh_key_id(prefix, AccountId(account), random);
      EXPECT_EQ(id.size(), 20u);
      EXPECT_EQ(iam::account_of_key_id(id).str(), account);
    }
  for (const char* bad :
       {"", "AKIA", "AKIA0000000000000000", "XXXXAAAAAAAAAAAAAAAA", "AKIAAAAAAAAAAAAAAAAAA"})
    EXPECT_TRUE(iam::account_of_key_id(bad).empty()) << bad;
}

TEST(Principals, SecretsAreSealed) {
  IamWorld w;
  auto key = run_task(w.iam().create_key(kAccount, ""));
  std::string stored;
  w.store->read_now([&](store::Db& db) {
    auto q = db.query("SELECT secret FROM access_key");
    q.next();
    stored = q.get_string(0);
  });
  EXPECT_EQ(stored.find(key->secret), std::string::npos);
  EXPECT_EQ(w.keyring.open(stored, "access-key:" + key->id), key->secret);
}

TEST(Principals, RolesAndGroupsCarryWhatTheyAreMadeWith) {
  IamWorld w;
  auto made = run_task(w.iam().create({.name = w.group("ops"), .path = "/eu/"}));
  EXPECT_EQ(made.arn, "arn:aws:iam::123456789012:group/eu/ops");
  EXPECT_EQ(made.id.substr(0, 4), "AGPA");

  run_task(w.iam().create({.name = w.role("mailer"),
                           .path = "/app/",
                           .boundary = std::string(kSesFull),
                           .tags = {{"Team", "blue + green=1"}},
                           .description = "sends",
                           .trust = kTrust,
                           .max_session = std::chrono::seconds(7200)}));
  w.reopen();
  auto role = run_task(w.iam().get(w.role("mailer")));
  EXPECT_EQ(role.arn, "arn:aws:iam::123456789012:role/app/mailer");
  EXPECT_EQ(role.id.substr(0, 4), "AROA");
  EXPECT_EQ(role.boundary, kSesFull);
  EXPECT_THAT(role.tags, ElementsAre(Tag{"Team", "blue + green=1"}));
  EXPECT_EQ(role.description, "sends");
  EXPECT_EQ(role.trust, kTrust);
  EXPECT_EQ(role.max_session, std::chrono::seconds(7200));
  const auto found = w.iam().find_role(role.arn);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->role.id, role.id);
  EXPECT_NE(found->trust, nullptr);
  EXPECT_FALSE(w.iam().find_role("arn:aws:iam::123456789012:role/mailer"));
}

TEST(Principals, ARenamedUserKeepsItsIdAndItsKeys) {
  IamWorld w;
  const auto before = w.make_user("bob");
  const auto key = run_task(w.iam().create_key(kAccount, "bob"));
  auto after = run_task(w.iam().update(w.user("bob"), {.name = "BOB", .path = "/x/"}));
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.arn, "arn:aws:iam::123456789012:user/x/BOB");
  EXPECT_EQ(w.iam().find_key(key->id)->user, "BOB");
  EXPECT_EQ(w.iam().find_key(key->id)->arn, after.arn);
  EXPECT_EQ(w.iam().subject_of(*key)->arn, after.arn);
  EXPECT_EQ(w.fault([&] { run_task(w.iam().get(w.user("bob"))); }),
            "NoSuchEntity: The user with name bob cannot be found.");
}

TEST(Principals, ListsComeInPages) {
  IamWorld w;
  for (const char* name : {"eve", "ann", "dan", "bob", "cat"})
    run_task(w.iam().create({.name = w.user(name), .path = name[0] < 'c' ? "/first/" : "/"}));
  std::vector<std::string> names;
  std::size_t pages = 0;
  PageRequest wanted{"", "", 2};
  do {
    auto page = run_task(w.iam().list(kAccount, PrincipalKind::user, wanted));
    for (const auto& user : page.items) names.push_back(user.name);
    wanted.after = page.next;
    ++pages;
  } while (!wanted.after.empty());
  EXPECT_THAT(names, ElementsAre("ann", "bob", "cat", "dan", "eve"));
  EXPECT_EQ(pages, 3u);
  EXPECT_EQ(run_task(w.iam().list(kAccount, PrincipalKind::user, {.path_prefix = "/first/"})).items.size(),
            2u);
  EXPECT_EQ(run_task(w.iam().list(kAccount, PrincipalKind::group, {})).items.size(), 0u);
  EXPECT_EQ(run_task(w.iam().summary(kAccount)).users, 5);
}

TEST(Principals, TagsMergeInAnyCase) {
  IamWorld w;
  w.make_user("bob");
  run_task(w.iam().tag(w.user("bob"), {{"Team", "blue"}, {"Cost", "1"}}));
  run_task(w.iam().tag(w.user("bob"), {{"team", "red"}}));
  EXPECT_THAT(run_task(w.iam().get(w.user("bob"))).tags, ElementsAre(Tag{"team", "red"}, Tag{"Cost", "1"}));
  run_task(w.iam().untag(w.user("bob"), {"COST", "nothing"}));
  EXPECT_THAT(run_task(w.iam().get(w.user("bob"))).tags, ElementsAre(Tag{"team", "red"}));
}

TEST(Principals, LastUseIsKept) {
  IamWorld w;
  const auto key = run_task(w.iam().create_key(kAccount, ""));
  EXPECT_FALSE(w.iam().last_use(*key));
  w.iam().note_use(key->id, "ses", "eu-west-1");
  const auto first = w.clock.now();
  ASSERT_TRUE(w.iam().last_use(*key));
  w.clock.freeze(first + std::chrono::seconds(30));
  w.iam().note_use(key->id, "ses", "eu-west-1");  // within the minute: nothing new to write
  EXPECT_EQ(w.iam().last_use(*key)->at, first);
  run_task(w.iam().save_uses());
  w.reopen();
  const auto kept = w.iam().last_use(*w.iam().find_key(key->id));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->at, first);
  EXPECT_EQ(kept->region, "eu-west-1");
  EXPECT_EQ(kept->service, "ses");
}

TEST(Principals, TheSummaryCounts) {
  IamWorld w;
  w.make_user("bob");
  run_task(w.iam().create({.name = w.group("ops")}));
  run_task(w.iam().create({.name = w.role("mailer"), .trust = kTrust}));
  w.make_policy("send");
  run_task(w.iam().create_key(kAccount, ""));
  const auto s = run_task(w.iam().summary(kAccount));
  EXPECT_EQ(s.users, 1);
  EXPECT_EQ(s.groups, 1);
  EXPECT_EQ(s.roles, 1);
  EXPECT_EQ(s.policies, 1);
  EXPECT_EQ(s.versions, 1);
  EXPECT_EQ(s.root_keys, 1);
  EXPECT_EQ(run_task(w.iam().summary(AccountId("210987654321"))).users, 0);
}

}  // namespace
}  // namespace ses

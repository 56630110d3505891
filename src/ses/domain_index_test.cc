#include "ses/domain_index.h"

#include <gmock/gmock.h>

#include "ses/receipt.h"
#include "ses/test_world.h"

namespace ses {
namespace {

using base::run_task;
using ::testing::ElementsAre;
using testing::instant_settings;
using ::testing::IsEmpty;
using testing::TestWorld;

Scope scope(const std::string& account) { return {AccountId(account), Region("us-east-1")}; }

Identity identity(const std::string& account, const std::string& name,
                  VerificationStatus status = VerificationStatus::success) {
  Identity i;
  i.scope = scope(account);
  i.name = name;
  i.kind = name.find('@') == std::string::npos ? IdentityKind::domain : IdentityKind::address;
  i.status = status;
  return i;
}

TEST(DomainIndex, FindsWhoOwnsADomainOrOneAboveIt) {
  DomainIndex index;
  index.add(identity("2", "example.com"));
  index.add(identity("1", "a.example.com"));
  index.add(identity("3", "example.com", VerificationStatus::temporary_failure));
  index.add(identity("4", "example.com", VerificationStatus::pending));
  index.add(identity("5", "box@example.com"));
  EXPECT_THAT(index.owners("example.com"), ElementsAre(scope("2"), scope("3")));
  EXPECT_THAT(index.owners("b.a.example.com"), ElementsAre(scope("1"), scope("2"), scope("3")));
  for (const char* none : {"", "com", "example.org", "notexample.com", "box@example.com"}) {
    EXPECT_THAT(index.owners(none), IsEmpty()) << none;
    EXPECT_FALSE(index.has_owner(none)) << none;
  }
  EXPECT_TRUE(index.has_owner("b.a.example.com"));

  index.add(identity("1", "example.com"));
  EXPECT_THAT(index.owners("a.example.com"), ElementsAre(scope("1"), scope("2"), scope("3")));  // each once
  for (const char* account : {"1", "2", "3", "4"}) index.remove(identity(account, "example.com"));
  EXPECT_THAT(index.owners("a.example.com"), ElementsAre(scope("1")));
  EXPECT_FALSE(index.has_owner("example.com"));
}

TEST(DomainIndex, AMailFromIsOneAsLongAsSomebodyHasIt) {
  DomainIndex index;
  auto one = identity("1", "box@example.com"), other = identity("2", "box@example.com");
  one.mail_from.domain = other.mail_from.domain = "bounce.example.com";
  index.add(one);
  index.add(other);
  index.remove(one);
  EXPECT_TRUE(index.is_mail_from("bounce.example.com"));
  EXPECT_FALSE(index.is_mail_from("example.com"));
  index.remove(other);
  EXPECT_FALSE(index.is_mail_from("bounce.example.com"));
}

TEST(ReceivingFor, FollowsIdentitiesAndRules) {
  TestWorld w(instant_settings());
  auto receipt = std::make_unique<Receipt>(*w.store, *w.identities, w.clock);
  receipt->load();
  const auto takers = [&](std::string_view address) {
    std::vector<std::string> regions;
    for (const auto& setup : receipt->receiving_for(address)) regions.push_back(setup->scope.region.str());
    return regions;
  };
  run_task(w.identities->verify_domain(w.caller(), "example.com"));
  run_task(receipt->create_set(w.caller(), "set"));
  EXPECT_THAT(takers("box@example.com"), IsEmpty());
  run_task(receipt->activate_set(w.caller(), "set"));
  EXPECT_THAT(takers("box@example.com"), ElementsAre("us-east-1"));
  EXPECT_THAT(takers("box@Sub.EXAMPLE.com"), ElementsAre("us-east-1"));
  EXPECT_THAT(takers("box@example.org"), IsEmpty());
  EXPECT_THAT(takers("box@[192.0.2.1]"), IsEmpty());
  EXPECT_THAT(takers("box"), IsEmpty());

  const auto other = w.caller("eu-west-1");
  run_task(w.identities->verify_domain(other, "sub.example.com"));
  run_task(receipt->create_set(other, "set"));
  run_task(receipt->activate_set(other, "set"));
  EXPECT_THAT(takers("box@sub.example.com"), ElementsAre("eu-west-1", "us-east-1"));

  receipt.reset();
  w.reopen();
  receipt = std::make_unique<Receipt>(*w.store, *w.identities, w.clock);
  receipt->load();
  EXPECT_THAT(takers("box@sub.example.com"), ElementsAre("eu-west-1", "us-east-1"));
  run_task(w.identities->remove(w.caller(), "example.com"));
  EXPECT_THAT(takers("box@sub.example.com"), ElementsAre("eu-west-1"));
  run_task(receipt->activate_set(other, std::nullopt));
  EXPECT_THAT(takers("box@sub.example.com"), IsEmpty());
}

}  // namespace
}  // namespace ses

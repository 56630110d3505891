// Who a caller is and which policies bind it: all of them, and from the moment a change has answered.
#include <gmock/gmock.h>

#include <fstream>

#include "ses/builtin_policies.h"
#include "ses/principal_test_world.h"

namespace ses {
namespace {

using base::run_task;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using namespace testing;  // NOLINT: the world of these tests

std::vector<std::string> names(const std::vector<aws::AttachedPolicy>& policies) {
  std::vector<std::string> out;
  for (const auto& policy : policies) out.push_back(policy.name);
  return out;
}

struct SubjectWorld : IamWorld {
  SubjectWorld() {
    make_user("bob");
    key = run_task(iam().create_key(kAccount, "bob"));
  }
  SubjectPtr subject() { return iam().subject_of(*key); }
  std::vector<std::string> identity() { return names(subject()->policies.identity); }

  AccessKeyPtr key;
};

TEST(Subjects, AUserHasItsOwnPoliciesAndThoseOfItsGroups) {
  SubjectWorld w;
  auto& p = w.iam();
  EXPECT_EQ(w.subject()->kind, SubjectKind::user);
  EXPECT_EQ(w.subject()->userid, w.key->owner);
  EXPECT_THAT(w.identity(), IsEmpty());
  const auto arn = w.make_policy("send");
  run_task(p.create({.name = w.group("ops")}));
  run_task(p.put_policy(w.user("bob"), {"own", allow("ses:Get*")}));
  EXPECT_THAT(w.identity(), ElementsAre("user/bob/own"));
  run_task(p.attach(w.user("bob"), arn));
  run_task(p.put_policy(w.group("ops"), {"shared", allow("ses:List*")}));
  run_task(p.attach(w.group("ops"), std::string(kSesFull)));
  EXPECT_THAT(w.identity(), UnorderedElementsAre("user/bob/own", arn));
  run_task(p.add_member(kAccount, "ops", "bob"));
  const auto all = UnorderedElementsAre("user/bob/own", arn, "group/ops/shared", std::string(kSesFull));
  EXPECT_THAT(w.identity(), all);
  w.reopen();
  EXPECT_THAT(w.identity(), all);
  run_task(w.iam().remove_member(kAccount, "ops", "bob"));
  run_task(w.iam().detach(w.user("bob"), arn));
  run_task(w.iam().remove_policy(w.user("bob"), "own"));
  EXPECT_THAT(w.identity(), IsEmpty());
}

TEST(Subjects, OneThatDidNotChangeIsNotMadeAgain) {
  SubjectWorld w;
  const auto before = w.subject();
  EXPECT_EQ(w.subject(), before);
  w.make_user("eve");
  EXPECT_NE(w.subject(), before);
  NewManagedPolicy elsewhere;
  elsewhere.account = AccountId("210987654321");
  elsewhere.name = "x";
  elsewhere.document = allow("ses:*");
  const auto now = w.subject();
  run_task(w.iam().create_managed(elsewhere));
  EXPECT_EQ(w.subject(), now);
}

TEST(Subjects, ANewDefaultVersionHoldsAtOnce) {
  SubjectWorld w;
  auto& p = w.iam();
  const auto arn = w.make_policy("send");
  run_task(p.attach(w.user("bob"), arn));
  const auto policy = [&] { return w.subject()->policies.identity.at(0).policy; };
  const auto first = policy();
  run_task(p.create_version({kAccount, arn, allow("ses:*"), false}));
  EXPECT_EQ(policy(), first);
  run_task(p.set_default_version(kAccount, arn, "v2"));
  EXPECT_NE(policy(), first);
  run_task(p.set_default_version(kAccount, arn, "v1"));
  EXPECT_EQ(policy(), first);  // compiled once
  EXPECT_EQ(run_task(p.get_version(kAccount, arn, "v1")).is_default, true);
}

TEST(Subjects, TheBoundaryIsApart) {
  SubjectWorld w;
  run_task(w.iam().set_boundary(w.user("bob"), std::string(kSesFull)));
  ASSERT_TRUE(w.subject()->policies.boundary);
  EXPECT_EQ(w.subject()->policies.boundary->name, kSesFull);
  EXPECT_THAT(w.identity(), IsEmpty());
  EXPECT_EQ(run_task(w.iam().entities_of(kAccount, std::string(kSesFull), true)).users.size(), 1u);
  EXPECT_EQ(run_task(w.iam().get_managed(kAccount, std::string(kSesFull))).boundaries, 1);
  run_task(w.iam().set_boundary(w.user("bob"), ""));
  EXPECT_FALSE(w.subject()->policies.boundary);
}

TEST(Subjects, CallersAreLookedUpEachTime) {
  SubjectWorld w;
  auto& p = w.iam();
  auto caller = Principals::caller_of(*w.key, Region("eu-west-1"));
  EXPECT_EQ(caller.principal_name, "bob");
  EXPECT_EQ(p.subject_of(caller)->name, "bob");
  run_task(p.set_key_active(kAccount, "bob", w.key->id, false));
  EXPECT_EQ(p.subject_of(caller), nullptr);
  run_task(p.set_key_active(kAccount, "bob", w.key->id, true));
  EXPECT_NE(p.subject_of(caller), nullptr);
  run_task(p.delete_key(kAccount, "bob", w.key->id));
  EXPECT_EQ(p.subject_of(caller), nullptr);
  EXPECT_EQ(p.subject_of(Caller{}), nullptr);  // who is not known is nobody
}

TEST(Subjects, Root) {
  SubjectWorld w;
  const auto check = [](const SubjectPtr& root) {
    ASSERT_NE(root, nullptr);
    EXPECT_EQ(root->kind, SubjectKind::root);
    EXPECT_TRUE(root->policies.root);
    EXPECT_EQ(root->requester.arn, "arn:aws:iam::123456789012:root");
    EXPECT_EQ(root->userid, "123456789012");
  };
  check(w.iam().subject_of(w.caller()));
  check(w.iam().subject_of(*run_task(w.iam().create_key(kAccount, ""))));
}

TEST(Subjects, GroupsAndRolesCanBeLookedAt) {
  SubjectWorld w;
  const auto role = run_task(w.iam().create({.name = w.role("app"), .trust = kTrust}));
  run_task(w.iam().put_policy(w.role("app"), {"own", allow("ses:*")}));
  const auto subject = w.iam().subject_by_id(kAccount, role.id);
  ASSERT_NE(subject, nullptr);
  EXPECT_EQ(subject->kind, SubjectKind::role);
  EXPECT_THAT(names(subject->policies.identity), ElementsAre("role/app/own"));
  EXPECT_EQ(w.iam().subject_by_id(kAccount, "AROANOTHING"), nullptr);
  EXPECT_EQ(w.iam().subject_by_id(kAccount, ""), nullptr);
}

TEST(Subjects, AStoredDocumentThatCannotBeReadDenies) {
  SubjectWorld w;
  run_task(w.iam().put_policy(w.user("bob"), {"own", allow("ses:*")}));
  const auto good = w.subject()->policies.identity.at(0).policy;
  w.store->write_now([](store::Db& db) { db.execute("UPDATE inline_policy SET document = 'broken'"); });
  w.reopen();
  const auto now = w.subject()->policies.identity;
  ASSERT_EQ(now.size(), 1u);
  EXPECT_NE(now[0].policy, nullptr);
  EXPECT_NE(now[0].policy, good);
}

TEST(BuiltinPolicies, AreThoseOfTheDataFile) {
  std::ifstream file(SESAME_SOURCE_DIR "/data/managed_policies.json");
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  std::string plain;
  for (char c : all)
    if (c != ' ' && c != '\n') plain += c;
  for (const auto& builtin : builtin_policies()) {
    std::string wanted = "\"name\":\"" + builtin.facts.name + "\",\"id\":\"" + builtin.facts.id +
                         "\",\"created\":\"" + base::iso8601_short(builtin.facts.created) +
                         "\",\"document\":" + builtin.document + "}";
    EXPECT_NE(plain.find(wanted), plain.npos) << wanted;
  }
  EXPECT_NE(find_builtin_policy(kAdministratorAccess), nullptr);
  EXPECT_EQ(find_builtin_policy("arn:aws:iam::aws:policy/Nothing"), nullptr);
  IamWorld w;
  EXPECT_EQ(run_task(w.iam().list_managed(kAccount, {}, {})).items.size(), 3u);
  Principals::PolicyFilter local;
  local.scope = Principals::PolicyScope::local;
  EXPECT_EQ(run_task(w.iam().list_managed(kAccount, local, {})).items.size(), 0u);
}

}  // namespace
}  // namespace ses

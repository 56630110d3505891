// What IAM refuses, in its words.
#include <gmock/gmock.h>

#include "ses/principal_test_world.h"

namespace ses {
namespace {

using base::run_task;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace testing;  // NOLINT: the world of these tests

TEST(PrincipalFaults, Names) {
  IamWorld w;
  w.make_user("bob");
  EXPECT_EQ(w.fault([&] { w.make_user("BOB"); }), "EntityAlreadyExists: User with name BOB already exists.");
  EXPECT_EQ(w.fault([&] { w.make_user("b b"); }),
            "ValidationError: The specified value for userName is invalid. It must contain only alphanumeric "
            "characters and/or the following: +=,.@_-");
  EXPECT_THAT(w.fault([&] { w.make_user(std::string(65, 'x')); }),
              HasSubstr("Member must have length less than or equal to 64"));
  EXPECT_THAT(w.fault([&] { w.make_user(""); }), HasSubstr("greater than or equal to 1"));
  for (const char* path : {"", "x", "/x", "x/", "//", "/a//b/", "/a b/"})
    EXPECT_THAT(w.fault([&] { run_task(w.iam().create({.name = w.user("ann"), .path = path})); }),
                StartsWith("ValidationError: The specified value for path is invalid."))
        << path;
  EXPECT_THAT(w.fault([&] {
    run_task(w.iam().create({.name = w.role("x"), .path = "/aws-service-role/y/", .trust = kTrust}));
  }),
              StartsWith("InvalidInput: "));
  run_task(w.iam().create({.name = w.group("bob")}));  // kinds do not share their names
  EXPECT_EQ(w.fault([&] { run_task(w.iam().create({.name = w.group("Bob")})); }),
            "EntityAlreadyExists: Group with name Bob already exists.");
  w.make_user("eve");
  EXPECT_EQ(w.fault([&] { run_task(w.iam().update(w.user("eve"), {.name = "Bob"})); }),
            "EntityAlreadyExists: User with name Bob already exists.");
}

TEST(PrincipalFaults, WhatIsNotThere) {
  IamWorld w;
  w.make_user("bob");
  auto& p = w.iam();
  const std::string gone = "arn:aws:iam::123456789012:policy/gone";
  const std::string other = "arn:aws:iam::210987654321:policy/x";
  struct Case {
    std::function<void()> call;
    std::string text;
  };
  const Case cases[] = {
      {[&] { run_task(p.get(w.user("eve"))); }, "The user with name eve cannot be found."},
      {[&] { run_task(p.get(w.group("ops"))); }, "The group with name ops cannot be found."},
      {[&] { run_task(p.get(w.role("app"))); }, "The role with name app cannot be found."},
      {[&] { run_task(p.remove(w.user("eve"))); }, "The user with name eve cannot be found."},
      {[&] { run_task(p.create_key(kAccount, "eve")); }, "The user with name eve cannot be found."},
      {[&] { run_task(p.list_keys(kAccount, "eve")); }, "The user with name eve cannot be found."},
      {[&] { run_task(p.delete_key(kAccount, "bob", "AKIAX")); },
       "The Access Key with id AKIAX cannot be found."},
      {[&] { run_task(p.add_member(kAccount, "ops", "bob")); }, "The group with name ops cannot be found."},
      {[&] { run_task(p.get_policy(w.user("bob"), "x")); }, "The user policy with name x cannot be found."},
      {[&] { run_task(p.remove_policy(w.user("bob"), "x")); },
       "The user policy with name x cannot be found."},
      {[&] { run_task(p.attach(w.user("bob"), gone)); },
       "Policy " + gone + " does not exist or is not attachable."},
      {[&] { run_task(p.detach(w.user("bob"), std::string(kSesFull))); },
       "Policy arn:aws:iam::aws:policy/AmazonSESFullAccess was not found."},
      {[&] { run_task(p.set_boundary(w.user("bob"), gone)); },
       "Scope ARN: " + gone + " does not exist or is not attachable."},
      {[&] { run_task(p.get_managed(kAccount, gone)); }, "Policy " + gone + " was not found."},
      {[&] { run_task(p.get_managed(kAccount, other)); }, "Policy " + other + " was not found."},
      {[&] { run_task(p.get_version(kAccount, std::string(kSesFull), "v9")); },
       "Policy arn:aws:iam::aws:policy/AmazonSESFullAccess version v9 does not exist or is not attachable."},
  };
  for (const auto& c : cases) EXPECT_EQ(w.fault(c.call), "NoSuchEntity: " + c.text);
}

TEST(PrincipalFaults, AnotherAccountsPolicyCannotBeAttached) {
  IamWorld w;
  w.make_user("bob");
  NewManagedPolicy made;
  made.account = AccountId("210987654321");
  made.name = "x";
  made.document = allow("ses:*");
  const auto arn = run_task(w.iam().create_managed(made)).arn;
  EXPECT_THAT(w.fault([&] { run_task(w.iam().attach(w.user("bob"), arn)); }), StartsWith("NoSuchEntity: "));
}

TEST(PrincipalFaults, AnotherUsersKeyCannotBeNamed) {
  IamWorld w;
  w.make_user("bob");
  w.make_user("eve");
  const auto key = run_task(w.iam().create_key(kAccount, "bob"));
  EXPECT_THAT(w.fault([&] { run_task(w.iam().delete_key(kAccount, "", key->id)); }),
              HasSubstr("NoSuchEntity"));
  EXPECT_THAT(w.fault([&] { run_task(w.iam().set_key_active(kAccount, "eve", key->id, false)); }),
              HasSubstr("NoSuchEntity"));
  EXPECT_TRUE(w.iam().find_key(key->id)->active);
}

TEST(PrincipalFaults, WhatIsInUseStays) {
  IamWorld w;
  auto& p = w.iam();
  w.make_user("bob");
  run_task(p.create({.name = w.group("ops")}));
  const auto key = run_task(p.create_key(kAccount, "bob"));
  const auto arn = w.make_policy("send");
  run_task(p.add_member(kAccount, "ops", "bob"));
  run_task(p.attach(w.user("bob"), arn));
  run_task(p.put_policy(w.user("bob"), {"own", allow("ses:*")}));

  const auto user_held = [&] { return w.fault([&] { run_task(p.remove(w.user("bob"))); }); };
  EXPECT_EQ(user_held(), "DeleteConflict: Cannot delete entity, must detach all policies first.");
  EXPECT_EQ(w.fault([&] { run_task(p.remove_managed(kAccount, arn)); }),
            "DeleteConflict: Cannot delete a policy attached to entities.");
  run_task(p.detach(w.user("bob"), arn));
  EXPECT_EQ(user_held(), "DeleteConflict: Cannot delete entity, must delete policies first.");
  run_task(p.remove_policy(w.user("bob"), "own"));
  EXPECT_EQ(user_held(), "DeleteConflict: Cannot delete entity, must delete access keys first.");
  run_task(p.delete_key(kAccount, "bob", key->id));
  EXPECT_EQ(user_held(), "DeleteConflict: Cannot delete entity, must remove users from group first.");
  EXPECT_EQ(w.fault([&] { run_task(p.remove(w.group("ops"))); }),
            "DeleteConflict: Cannot delete entity, must remove users from group first.");
  run_task(p.remove_member(kAccount, "ops", "bob"));
  EXPECT_EQ(user_held(), "");
  EXPECT_EQ(w.fault([&] { run_task(p.remove(w.group("ops"))); }), "");

  run_task(p.create({.name = w.role("app"), .boundary = arn, .trust = kTrust}));
  EXPECT_THAT(w.fault([&] { run_task(p.remove_managed(kAccount, arn)); }), StartsWith("DeleteConflict"));
  run_task(p.remove(w.role("app")));
  EXPECT_EQ(w.fault([&] { run_task(p.remove_managed(kAccount, arn)); }), "");
}

TEST(PrincipalFaults, Quotas) {
  IamWorld w;
  auto& p = w.iam();
  w.make_user("bob");
  for (int i = 0; i < 2; ++i) run_task(p.create_key(kAccount, "bob"));
  EXPECT_EQ(w.fault([&] { run_task(p.create_key(kAccount, "bob")); }),
            "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");

  for (int i = 0; i < 11; ++i) {
    run_task(p.create({.name = w.group("g" + std::to_string(i))}));
    if (i < 10) run_task(p.add_member(kAccount, "g" + std::to_string(i), "bob"));
  }
  EXPECT_EQ(w.fault([&] { run_task(p.add_member(kAccount, "g10", "bob")); }),
            "LimitExceeded: Cannot exceed quota for GroupsPerUser: 10");
  run_task(p.add_member(kAccount, "g1", "bob"));  // where it is already

  std::vector<std::string> arns;
  for (int i = 0; i < 11; ++i) arns.push_back(w.make_policy("p" + std::to_string(i)));
  for (int i = 0; i < 10; ++i) run_task(p.attach(w.group("g1"), arns[static_cast<std::size_t>(i)]));
  EXPECT_EQ(w.fault([&] { run_task(p.attach(w.group("g1"), arns[10])); }),
            "LimitExceeded: Cannot exceed quota for PoliciesPerGroup: 10");
  run_task(p.attach(w.group("g1"), arns[0]));

  for (int i = 0; i < 4; ++i) run_task(p.create_version({kAccount, arns[0], allow("ses:*"), false}));
  EXPECT_EQ(w.fault([&] {
    run_task(p.create_version({kAccount, arns[0], allow("ses:*"), false}));
  }),
            "LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you "
            "must delete an existing version.");

  std::vector<Tag> tags;
  for (int i = 0; i < 50; ++i) tags.push_back({"k" + std::to_string(i), "v"});
  run_task(p.tag(w.user("bob"), tags));
  EXPECT_EQ(w.fault([&] {
    run_task(p.tag(w.user("bob"), {{"one", "more"}}));
  }),
            "LimitExceeded: The number of tags has reached the maximum limit.");
}

TEST(PrincipalFaults, SizesCountWithoutWhiteSpace) {
  IamWorld w;
  auto& p = w.iam();
  w.make_user("bob");
  const auto sized = [](std::size_t size) {
    const auto head = allow("ses:");
    auto text = allow("ses:" + std::string(size - head.size(), 'x'));
    text.insert(1, std::string(5000, ' '));
    return text;
  };
  run_task(p.put_policy(w.user("bob"), {"full", sized(1848)}));
  run_task(p.put_policy(w.user("bob"), {"full", sized(2048)}));  // in place of the one before
  EXPECT_EQ(w.fault([&] {
    run_task(p.put_policy(w.user("bob"), {"full", sized(2049)}));
  }),
            "LimitExceeded: Maximum policy size of 2048 bytes exceeded for user bob");
  EXPECT_EQ(w.fault([&] {
    run_task(p.put_policy(w.user("bob"), {"more", allow("ses:*")}));
  }),
            "LimitExceeded: Maximum policy size of 2048 bytes exceeded for user bob");
  run_task(p.create({.name = w.group("ops")}));
  EXPECT_EQ(w.fault([&] {
    run_task(p.put_policy(w.group("ops"), {"x", sized(5121)}));
  }),
            "LimitExceeded: Maximum policy size of 5120 bytes exceeded for group ops");
  run_task(p.create({.name = w.role("app"), .trust = kTrust}));
  EXPECT_EQ(w.fault([&] {
    run_task(p.put_policy(w.role("app"), {"x", sized(10241)}));
  }),
            "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role app");
  NewManagedPolicy made;
  made.account = kAccount;
  made.name = "big";
  made.document = sized(6145);
  EXPECT_EQ(w.fault([&] { run_task(p.create_managed(made)); }),
            "LimitExceeded: Cannot exceed quota for PolicySize: 6144");
}

TEST(PrincipalFaults, DocumentsAndTags) {
  IamWorld w;
  auto& p = w.iam();
  w.make_user("bob");
  EXPECT_EQ(w.fault([&] {
    run_task(p.put_policy(w.user("eve"), {"x", "no policy"}));
  }),
            "NoSuchEntity: The user with name eve cannot be found.");
  EXPECT_THAT(w.fault([&] {
    run_task(p.put_policy(w.user("bob"), {"x", "no policy"}));
  }),
              StartsWith("MalformedPolicyDocument: "));
  EXPECT_THAT(w.fault([&] { run_task(p.create({.name = w.role("app"), .trust = "{"})); }),
              StartsWith("MalformedPolicyDocument: "));
  EXPECT_THAT(w.fault([&] {
    run_task(p.put_policy(w.user("bob"), {"a b", allow("ses:*")}));
  }),
              StartsWith("ValidationError: The specified value for policyName is invalid."));
  EXPECT_EQ(w.fault([&] {
    run_task(p.tag(w.user("bob"), {{"a", "1"}, {"A", "2"}}));
  }),
            "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  EXPECT_THAT(w.fault([&] {
    run_task(p.tag(w.user("bob"), {{"aws:x", "1"}}));
  }),
              StartsWith("InvalidInput: "));
  EXPECT_THAT(w.fault([&] { run_task(p.tag(w.user("bob"), {{"", "1"}})); }), StartsWith("InvalidInput: "));
}

TEST(PrincipalFaults, ManagedPolicies) {
  IamWorld w;
  auto& p = w.iam();
  const auto arn = w.make_policy("send");
  EXPECT_EQ(arn, "arn:aws:iam::123456789012:policy/send");
  EXPECT_EQ(w.fault([&] { w.make_policy("SEND"); }),
            "EntityAlreadyExists: A policy called SEND already exists. Duplicate names are not allowed.");
  EXPECT_EQ(w.fault([&] { run_task(p.remove_version(kAccount, arn, "v1")); }),
            "DeleteConflict: Cannot delete the default version of a policy.");
  EXPECT_EQ(run_task(p.create_version({kAccount, arn, allow("ses:*"), true})).number, 2);
  EXPECT_EQ(w.fault([&] { run_task(p.remove_managed(kAccount, arn)); }),
            "DeleteConflict: This policy has more than one version. Before you delete a policy, you must "
            "delete the policy's versions. The default version is deleted with the policy.");
  run_task(p.remove_version(kAccount, arn, "v1"));
  EXPECT_EQ(run_task(p.create_version({kAccount, arn, allow("ses:*"), false})).number, 3);  // never 1 again
  EXPECT_EQ(run_task(p.get_managed(kAccount, arn)).default_version, 2);
  EXPECT_EQ(w.fault([&] { run_task(p.remove_version(kAccount, arn, "3")); }),
            "NoSuchEntity: Policy " + arn + " version 3 does not exist or is not attachable.");
  EXPECT_THAT(w.fault([&] { run_task(p.remove_managed(kAccount, std::string(kSesFull))); }),
              StartsWith("InvalidInput: "));
}

}  // namespace
}  // namespace ses

#include "ses/principal.h"

#include <gmock/gmock.h>

#include "ses/test_world.h"

namespace ses {
namespace {

using base::run_task;
using ::testing::HasSubstr;
using testing::TestWorld;

const AccountId kAccount("123456789012");

template <class F>
std::string iam_fault(F call) {
  try {
    call();
  } catch (const base::Fault& fault) {
    return std::string(fault.v1_code()) + ": " + fault.message();
  }
  return "";
}

TEST(Principals, UserAndKeys) {
  TestWorld w;
  auto& p = *w.principals;
  auto user = run_task(p.create_user(kAccount, "bob"));
  EXPECT_EQ(user.arn, "arn:aws:iam::123456789012:user/bob");
  EXPECT_EQ(user.id.size(), 21u);
  EXPECT_EQ(user.id.substr(0, 4), "AIDA");

  auto key = run_task(p.create_key(kAccount, "bob"));
  EXPECT_EQ(key->id.size(), 20u);
  EXPECT_EQ(key->id.substr(0, 4), "AKIA");
  EXPECT_EQ(key->secret.size(), 40u);
  EXPECT_EQ(key->arn, user.arn);
  ASSERT_NE(p.find_key(key->id), nullptr);
  EXPECT_EQ(p.find_key("AKIAZZZZZZZZZZZZZZZZ"), nullptr);

  auto root = run_task(p.create_key(kAccount, ""));
  EXPECT_EQ(root->arn, "arn:aws:iam::123456789012:root");

  run_task(p.set_key_active(kAccount, "bob", key->id, false));
  EXPECT_FALSE(p.find_key(key->id)->active);

  w.reopen();
  EXPECT_EQ(w.principals->find_key(key->id)->secret, key->secret);
  EXPECT_FALSE(w.principals->find_key(key->id)->active);
  EXPECT_EQ(run_task(w.principals->list_users(kAccount)).size(), 1u);
  EXPECT_EQ(run_task(w.principals->list_keys(kAccount, "bob")).size(), 1u);
}

TEST(Principals, SecretsAreSealed) {
  TestWorld w;
  auto key = run_task(w.principals->create_key(kAccount, ""));
  std::string stored;
  w.store->read_now([&](store::Db& db) {
    auto q = db.query("SELECT secret FROM access_key");
    q.next();
    stored = q.get_string(0);
  });
  EXPECT_EQ(stored.find(key->secret), std::string::npos);
  EXPECT_EQ(w.keyring.open(stored, "access-key:" + key->id), key->secret);
}

TEST(Principals, Faults) {
  TestWorld w;
  auto& p = *w.principals;
  run_task(p.create_user(kAccount, "bob"));
  EXPECT_EQ(iam_fault([&] { run_task(p.create_user(kAccount, "BOB")); }),
            "EntityAlreadyExists: User with name BOB already exists.");
  EXPECT_THAT(iam_fault([&] { run_task(p.create_user(kAccount, "b b")); }), HasSubstr("ValidationError"));
  EXPECT_EQ(iam_fault([&] { run_task(p.create_key(kAccount, "eve")); }),
            "NoSuchEntity: The user with name eve cannot be found.");
  EXPECT_EQ(iam_fault([&] { run_task(p.delete_user(kAccount, "eve")); }),
            "NoSuchEntity: The user with name eve cannot be found.");
  EXPECT_EQ(iam_fault([&] { run_task(p.delete_key(kAccount, "bob", "AKIAX")); }),
            "NoSuchEntity: The Access Key with id AKIAX cannot be found.");
  auto key = run_task(p.create_key(kAccount, "bob"));
  run_task(p.create_key(kAccount, "bob"));
  EXPECT_EQ(iam_fault([&] { run_task(p.create_key(kAccount, "bob")); }),
            "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");
  EXPECT_THAT(iam_fault([&] { run_task(p.delete_user(kAccount, "bob")); }), HasSubstr("DeleteConflict"));
  // Another user's key cannot be named.
  EXPECT_THAT(iam_fault([&] { run_task(p.delete_key(kAccount, "", key->id)); }), HasSubstr("NoSuchEntity"));
  run_task(p.delete_key(kAccount, "bob", key->id));
  EXPECT_EQ(p.find_key(key->id), nullptr);
}

}  // namespace
}  // namespace ses

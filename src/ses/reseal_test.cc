// Changing the master key, stopped at each of its steps.
#include "ses/reseal.h"

#include <gmock/gmock.h>

#include <fstream>

#include "ses/principal_test_world.h"

namespace ses {
namespace {

using base::run_task;
using namespace testing;  // NOLINT: the world of these tests

class ResealTest : public ::testing::Test {
 protected:
  ResealTest() : path(w.folder.path() + "/master.key") {
    w.store->write_now([](store::Db& db) { db.execute("DELETE FROM installation"); });
    w.keyring = Keyring::create(path);
    w.reopen();
    key = run_task(w.principals->create_key(kAccount, ""));
    w.settings.verify = VerifyMode::instant;
    run_task(w.identities->verify_domain_dkim(w.caller(), "example.com"));
    run_task(w.identities->service_key());
    link_secret = w.identities->link_secret();
  }

  std::string file() const {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t keys_in_file() const {
    const auto text = file();
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  std::size_t under_an_old_key(const Keyring& keyring) {
    std::size_t n = 0;
    w.store->read_now([&](store::Db& db) {
      auto q = db.query("SELECT secret FROM access_key");
      while (q.next()) n += keyring.is_old(q.get_text(0));
      auto i = db.query("SELECT value FROM installation");
      while (i.next()) n += keyring.is_old(i.get_text(0));
      auto d = db.query("SELECT dkim_key FROM identity");
      while (d.next()) n += keyring.is_old(d.get_text(0));
    });
    return n;
  }
  // As a process that starts now would see it.
  void expect_all_opens() {
    w.keyring = Keyring::open(path);
    w.reopen();
    EXPECT_EQ(w.principals->find_key(key->id)->secret, key->secret);
    EXPECT_NE(w.identities->find(w.scope(), "example.com")->dkim.key, nullptr);
    EXPECT_EQ(w.identities->link_secret(), link_secret);
  }

  TestWorld w;
  std::string path, link_secret;
  AccessKeyPtr key;
};

TEST_F(ResealTest, EverythingGoesOverToTheNewKey) {
  const auto before = file();
  const auto done = run_task(rotate_master_key(*w.store, w.keyring, false));
  EXPECT_EQ(done.secrets, 4u);  // access key, DKIM key, link secret, service key
  EXPECT_EQ(keys_in_file(), 1u);
  EXPECT_NE(file(), before);
  EXPECT_EQ(under_an_old_key(w.keyring), 0u);
  const auto later = run_task(w.principals->create_key(kAccount, ""));
  expect_all_opens();
  EXPECT_EQ(w.principals->find_key(later->id)->secret, later->secret);
}

TEST_F(ResealTest, OldKeysCanBeKept) {
  const auto sealed = w.keyring.seal("an older backup", "c");
  run_task(rotate_master_key(*w.store, w.keyring, true));
  EXPECT_EQ(keys_in_file(), 2u);
  EXPECT_EQ(Keyring::open(path).open(sealed, "c"), "an older backup");
  run_task(rotate_master_key(*w.store, w.keyring, false));
  EXPECT_EQ(keys_in_file(), 1u);
  EXPECT_EQ(Keyring::open(path).open(sealed, "c"), std::nullopt);
}

TEST_F(ResealTest, StoppedAfterTheNewKeyWasWritten) {
  w.keyring.begin_change();
  EXPECT_EQ(keys_in_file(), 2u);
  expect_all_opens();
  run_task(rotate_master_key(*w.store, w.keyring, false));
  EXPECT_EQ(keys_in_file(), 1u);
  expect_all_opens();
}

TEST_F(ResealTest, StoppedAfterTheTransaction) {
  w.keyring.begin_change();
  w.store->write_now([&](store::Db& db) { reseal(db, w.keyring); });
  EXPECT_EQ(under_an_old_key(w.keyring), 0u);
  expect_all_opens();
}

TEST_F(ResealTest, WhatAStoppedChangeLeftBehindDoesNotMatter) {
  std::ofstream(path + ".new") << "half a key";
  run_task(rotate_master_key(*w.store, w.keyring, false));
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  expect_all_opens();
}

TEST_F(ResealTest, AFileBehindALinkIsReplacedWhereItIs) {
  const auto real = w.folder.path() + "/elsewhere.key";
  std::filesystem::rename(path, real);
  std::filesystem::create_symlink(real, path);
  expect_all_opens();
  run_task(rotate_master_key(*w.store, w.keyring, false));
  EXPECT_TRUE(std::filesystem::is_symlink(path));
  expect_all_opens();
}

TEST_F(ResealTest, AFileThatCannotBeWrittenChangesNothing) {
  const auto before = file();
  std::filesystem::create_directory(path + ".new");  // nobody can write a file of that name
  EXPECT_THROW(run_task(rotate_master_key(*w.store, w.keyring, false)), KeyringError);
  EXPECT_EQ(file(), before);
  EXPECT_EQ(under_an_old_key(w.keyring), 0u);
  std::filesystem::remove(path + ".new");
  expect_all_opens();
}

TEST_F(ResealTest, AFailedTransactionLeavesBothKeys) {
  w.store->write_now([](store::Db& db) { db.execute("UPDATE access_key SET secret = 'damaged'"); });
  EXPECT_THROW(run_task(rotate_master_key(*w.store, w.keyring, false)), std::runtime_error);
  EXPECT_EQ(keys_in_file(), 2u);
}

}  // namespace
}  // namespace ses

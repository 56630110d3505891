// For tests: a store in a temporary folder with the nouns on it, a clock that stands still, and no network.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/fault.h"
#include "base/random.h"
#include "base/run_task.h"
#include "ses/account.h"
#include "ses/configuration_set.h"
#include "ses/contact.h"
#include "ses/contact_list.h"
#include "ses/identity.h"
#include "ses/keyring.h"
#include "ses/principal.h"
#include "ses/schema.h"
#include "ses/settings.h"
#include "ses/system_mail.h"
#include "store/store.h"

namespace ses::testing {

class TestFolder {
 public:
  TestFolder() {
    auto pattern = (std::filesystem::temp_directory_path() / "sesame-test-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct TestWorld {
  explicit TestWorld(Settings s = {}) : settings(std::move(s)) {
    clock.freeze(base::from_millis(1700000000000));
    open();
  }

  // Everything read from the disk again, as after a restart.
  void reopen() {
    configuration_sets.reset();
    contacts.reset();
    contact_lists.reset();
    identities.reset();
    accounts.reset();
    principals.reset();
    store.reset();
    open();
  }

  Caller caller(std::string region = "us-east-1") const {
    Caller c;
    c.scope = {AccountId("123456789012"), Region(std::move(region))};
    c.as_root = true;
    return c;
  }
  Scope scope() const { return caller().scope; }

  std::vector<SystemMail> outbox() {
    std::vector<SystemMail> out;
    store->read_now([&](store::Db& db) { out = take_system_mail(db, 100); });
    return out;
  }

  TestFolder folder;
  Settings settings;
  base::MovableClock clock;
  base::SystemRandom random;
  Keyring keyring = Keyring::ephemeral();
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Principals> principals;
  std::unique_ptr<Accounts> accounts;
  std::unique_ptr<Identities> identities;
  std::unique_ptr<ConfigurationSets> configuration_sets;
  std::unique_ptr<ContactLists> contact_lists;
  std::unique_ptr<Contacts> contacts;

 private:
  void open() {
    store::StoreOptions options;
    options.folder = folder.path() + "/data";
    options.durable = false;
    store = store::Store::open(options, schema_steps());
    principals = std::make_unique<Principals>(*store, keyring, clock, random);
    accounts = std::make_unique<Accounts>(*store, settings, clock);
    identities = std::make_unique<Identities>(*store, keyring, settings, clock, random);
    configuration_sets = std::make_unique<ConfigurationSets>(*store, *identities, clock);
    contact_lists = std::make_unique<ContactLists>(*store, clock);
    contacts = std::make_unique<Contacts>(*store, *contact_lists, clock);
    contact_lists->load();
    principals->load();
    accounts->load();
    identities->load();
    configuration_sets->load();
  }
};

inline Settings instant_settings() {
  Settings s;
  s.dev = true;
  s.verify = VerifyMode::instant;
  return s;
}

// "not_found: Email identity x does not exist.", or "" if nothing was thrown; the kind as the v2 type.
template <class F>
std::string fault_of(F call) {
  try {
    call();
  } catch (const base::Fault& fault) {
    return std::string(fault.v2_type()) + ": " + fault.message();
  }
  return "";
}

}  // namespace ses::testing

// Access keys, and when they were last used.
#include "base/log.h"
#include "ses/access_key_rows.h"
#include "ses/principal_impl.h"

namespace ses {
namespace {

// The id of the user; empty for the account's root.
Principal owner_of(store::Db& db, const AccountId& account, const std::string& user) {
  if (user.empty()) return {};
  return principal_rows::need(db, {account, PrincipalKind::user, user});
}

}  // namespace

base::Task<AccessKeyPtr> Principals::create_key(AccountId account, std::string user) {
  AccessKey key;
  key.id = iam::fresh_key_id("AKIA", account, impl_->random);
  key.account = std::move(account);
  key.user = std::move(user);
  key.secret = iam::fresh_secret(impl_->random);
  key.created = impl_->clock.now();
  const auto id = key.id;
  Impl::Work work = [key = std::move(key), impl = impl_.get()](store::Db& db, Impl::Touched& touched) {
    auto made = key;
    made.owner = owner_of(db, key.account, key.user).id;
    const auto held = access_key_rows::ids_of(db, key.account, made.owner);
    if (static_cast<std::int64_t>(held.size()) >= iam_limit::kKeysPerUser)
      throw iam::over_quota("AccessKeysPerUser", iam_limit::kKeysPerUser);
    access_key_rows::insert(db, impl->keyring, made);
    touched.keys.insert(made.id);
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
  auto made = find_key(id);
  if (!made) throw iam::no_such_key(id);  // deleted in this very moment
  co_return made;
}

base::Task<std::vector<AccessKeyPtr>> Principals::list_keys(AccountId account, std::string user) {
  auto reading = impl_->store.read_value([account, user](store::Db& db) {
    return access_key_rows::ids_of(db, account, owner_of(db, account, user).id);
  });
  const auto ids = co_await reading;
  std::vector<AccessKeyPtr> out;
  for (const auto& id : ids)
    if (auto key = find_key(id)) out.push_back(std::move(key));
  co_return out;
}

base::Task<void> Principals::set_key_active(AccountId account, std::string user, std::string id,
                                            bool active) {
  Impl::Work work = [account, user, id, active](store::Db& db, Impl::Touched& touched) {
    const auto owner = owner_of(db, account, user);
    if (!access_key_rows::set_active(db, account, owner.id, id, active)) throw iam::no_such_key(id);
    touched.keys.insert(id);
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
}

base::Task<void> Principals::delete_key(AccountId account, std::string user, std::string id) {
  Impl::Work work = [account, user, id](store::Db& db, Impl::Touched& touched) {
    const auto owner = owner_of(db, account, user);
    if (!access_key_rows::erase(db, account, owner.id, id)) throw iam::no_such_key(id);
    touched.keys.insert(id);
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
  impl_->used.forget(id);
}

void Principals::note_use(std::string_view key_or_role_id, std::string_view service,
                          std::string_view region) {
  if (key_or_role_id.starts_with("AKIA") || key_or_role_id.starts_with("AROA"))
    impl_->used.note(key_or_role_id, service, region, impl_->clock.now());
}

std::optional<LastUse> Principals::last_use(const AccessKey& key) const {
  auto noted = impl_->used.find(key.id);
  return noted ? noted : key.used;
}

base::Task<void> Principals::save_uses() {
  const auto noted = impl_->used.take();
  if (noted.empty()) co_return;
  std::function<void(store::Db&)> work = [noted](store::Db& db) {
    for (const auto& [id, use] : noted) {
      if (id.starts_with("AROA")) {
        principal_rows::set_used(db, id, use);
      } else {
        access_key_rows::set_used(db, id, use);
      }
    }
  };
  auto writing = impl_->store.write(std::move(work));
  co_await writing;
}

}  // namespace ses

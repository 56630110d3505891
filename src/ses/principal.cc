#include "ses/principal.h"

#include <mutex>
#include <unordered_map>

#include "base/encoding.h"
#include "base/fault.h"
#include "ses/sealed.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::int64_t kKeysPerUser = 2;
constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kSecretAlphabet =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";

std::string arn_of(const AccountId& account, const std::string& user) {
  auto head = "arn:aws:iam::" + account.str();
  return user.empty() ? head + ":root" : head + ":user/" + user;
}

std::string key_context(const std::string& id) { return "access-key:" + id; }

// IAM's rule for user names: 1 to 64 of letters, digits and _+=,.@-
void check_user_name(const std::string& name) {
  bool ok = !name.empty() && name.size() <= 64;
  for (char c : name)
    ok = ok && (base::kAlnum.find(c) != std::string_view::npos ||
                std::string_view("_+=,.@-").find(c) != std::string_view::npos);
  if (!ok)
    throw Fault(FaultKind::validation,
                "The specified value for userName is invalid. It must contain only alphanumeric characters "
                "and/or the following: +=,.@_-");
}

[[noreturn]] void no_such_user(const std::string& name) {
  throw Fault::with_code(FaultKind::not_found, "NoSuchEntity",
                         "The user with name " + name + " cannot be found.");
}
[[noreturn]] void no_such_key(const std::string& id) {
  throw Fault::with_code(FaultKind::not_found, "NoSuchEntity",
                         "The Access Key with id " + id + " cannot be found.");
}

std::optional<User> find_user(store::Db& db, const AccountId& account, const std::string& name) {
  auto q = db.query("SELECT name, arn, id, created FROM principal WHERE account = :account AND name = :name");
  q.text(":account", account.str()).text(":name", name);
  if (!q.next()) return std::nullopt;
  return User{account, q.get_string(0), q.get_string(1), q.get_string(2),
              base::from_millis(q.get_integer(3))};
}

// IAM: names differ by more than their case.
bool name_taken(store::Db& db, const AccountId& account, const std::string& name) {
  auto lower = base::ascii_lower(name);
  auto q = db.query("SELECT 1 FROM principal WHERE account = :account AND LOWER(name) = :name");
  return q.text(":account", account.str()).text(":name", lower).next();
}

void require_user(store::Db& db, const AccountId& account, const std::string& name) {
  if (!name.empty() && !find_user(db, account, name)) no_such_user(name);
}

std::int64_t count_keys(store::Db& db, const AccountId& account, const std::string& user) {
  auto q = db.query("SELECT COUNT(*) FROM access_key WHERE account = :account AND name = :name");
  q.text(":account", account.str()).text(":name", user).next();
  return q.get_integer(0);
}

}  // namespace

struct Principals::Impl {
  Impl(store::Store& s, const Keyring& k, const base::Clock& c, base::Random& r)
      : store(s), keyring(k), clock(c), random(r) {}

  store::Store& store;
  const Keyring& keyring;
  const base::Clock& clock;
  base::Random& random;

  using Keys = std::unordered_map<std::string, AccessKeyPtr>;
  mutable std::mutex mutex;
  std::shared_ptr<const Keys> keys = std::make_shared<const Keys>();
  std::int64_t changes = 0;    // of keys; writer thread only
  std::int64_t published = 0;  // the change that `keys` shows

  std::shared_ptr<const Keys> view() const {
    std::lock_guard lock(mutex);
    return keys;
  }

  // All keys as the transaction sees them; what is known already is not opened again.
  std::shared_ptr<const Keys> read_keys(store::Db& db) const;
  // Runs `work` in a transaction and swaps the snapshot before it returns.
  base::Task<void> change(std::function<void(store::Db&)> work);
};

std::shared_ptr<const Principals::Impl::Keys> Principals::Impl::read_keys(store::Db& db) const {
  auto before = view();
  auto out = std::make_shared<Keys>();
  auto q = db.query("SELECT id, account, name, secret, active, created FROM access_key");
  while (q.next()) {
    auto key = std::make_shared<AccessKey>();
    key->id = q.get_string(0);
    key->account = AccountId(q.get_string(1));
    key->user = q.get_string(2);
    key->arn = arn_of(key->account, key->user);
    auto known = before->find(key->id);
    key->secret = known != before->end() ? known->second->secret
                                         : open_sealed(keyring, q.get_text(3), key_context(key->id));
    key->active = q.get_integer(4) != 0;
    key->created = base::from_millis(q.get_integer(5));
    (*out)[key->id] = std::move(key);
  }
  return out;
}

base::Task<void> Principals::Impl::change(std::function<void(store::Db&)> work) {
  struct Result {
    std::shared_ptr<const Keys> keys;
    std::int64_t number;
  };
  std::function<Result(store::Db&)> job = [this, work = std::move(work)](store::Db& db) {
    work(db);
    return Result{read_keys(db), ++changes};
  };
  auto result = co_await store.write_value(std::move(job));
  std::lock_guard lock(mutex);
  if (result.number <= published) co_return;
  published = result.number;
  keys = result.keys;
}

Principals::Principals(store::Store& store, const Keyring& keyring, const base::Clock& clock,
                       base::Random& random)
    : impl_(new Impl(store, keyring, clock, random)) {}
Principals::~Principals() = default;

void Principals::load() {
  std::shared_ptr<const Impl::Keys> keys;
  impl_->store.read_now([&](store::Db& db) { keys = impl_->read_keys(db); });
  std::lock_guard lock(impl_->mutex);
  impl_->keys = std::move(keys);
}

AccessKeyPtr Principals::find_key(std::string_view id) const {
  auto keys = impl_->view();
  auto found = keys->find(std::string(id));
  return found == keys->end() ? nullptr : found->second;
}

base::Task<User> Principals::create_user(AccountId account, std::string name) {
  check_user_name(name);
  User user{account, name, arn_of(account, name), "AIDA" + impl_->random.text(17, kIdAlphabet),
            impl_->clock.now()};
  std::function<void(store::Db&)> job = [user](store::Db& db) {
    if (name_taken(db, user.account, user.name))
      throw Fault::with_code(FaultKind::already_exists, "EntityAlreadyExists",
                             "User with name " + user.name + " already exists.");
    db.query(
          "INSERT INTO principal (account, name, id, arn, created) VALUES (:account, :name, :id, :arn, "
          ":created)")
        .text(":account", user.account.str())
        .text(":name", user.name)
        .text(":id", user.id)
        .text(":arn", user.arn)
        .integer(":created", base::to_millis(user.created))
        .run();
  };
  co_await impl_->store.write(std::move(job));
  co_return user;
}

base::Task<void> Principals::delete_user(AccountId account, std::string name) {
  check_user_name(name);
  std::function<void(store::Db&)> job = [account, name](store::Db& db) {
    require_user(db, account, name);
    if (count_keys(db, account, name) > 0)
      throw Fault::with_code(FaultKind::conflict, "DeleteConflict",
                             "Cannot delete entity, must delete access keys first.");
    db.query("DELETE FROM principal WHERE account = :account AND name = :name")
        .text(":account", account.str())
        .text(":name", name)
        .run();
  };
  co_await impl_->store.write(std::move(job));
}

base::Task<std::vector<User>> Principals::list_users(AccountId account) {
  std::function<std::vector<User>(store::Db&)> job = [account](store::Db& db) {
    auto q = db.query("SELECT name, arn, id, created FROM principal WHERE account = :account ORDER BY name");
    q.text(":account", account.str());
    std::vector<User> out;
    while (q.next())
      out.push_back(
          {account, q.get_string(0), q.get_string(1), q.get_string(2), base::from_millis(q.get_integer(3))});
    return out;
  };
  co_return co_await impl_->store.read_value(std::move(job));
}

base::Task<AccessKeyPtr> Principals::create_key(AccountId account, std::string user) {
  if (!user.empty()) check_user_name(user);
  auto key = std::make_shared<AccessKey>();
  key->id = "AKIA" + impl_->random.text(16, kIdAlphabet);
  key->account = account;
  key->user = user;
  key->arn = arn_of(account, user);
  key->secret = impl_->random.text(40, kSecretAlphabet);
  key->created = impl_->clock.now();
  std::string sealed = impl_->keyring.seal(key->secret, key_context(key->id));
  std::function<void(store::Db&)> job = [key, sealed](store::Db& db) {
    require_user(db, key->account, key->user);
    if (count_keys(db, key->account, key->user) >= kKeysPerUser)
      throw Fault::with_code(FaultKind::limit_exceeded, "LimitExceeded",
                             "Cannot exceed quota for AccessKeysPerUser: " + std::to_string(kKeysPerUser));
    db.query(
          "INSERT INTO access_key (id, account, name, secret, active, created) VALUES "
          "(:id, :account, :name, :secret, 1, :created)")
        .text(":id", key->id)
        .text(":account", key->account.str())
        .text(":name", key->user)
        .blob(":secret", sealed)
        .integer(":created", base::to_millis(key->created))
        .run();
  };
  co_await impl_->change(std::move(job));
  co_return key;
}

base::Task<std::vector<AccessKeyPtr>> Principals::list_keys(AccountId account, std::string user) {
  std::function<std::vector<std::string>(store::Db&)> job = [account, user](store::Db& db) {
    require_user(db, account, user);
    auto q =
        db.query("SELECT id FROM access_key WHERE account = :account AND name = :name ORDER BY created, id");
    q.text(":account", account.str()).text(":name", user);
    std::vector<std::string> ids;
    while (q.next()) ids.push_back(q.get_string(0));
    return ids;
  };
  auto ids = co_await impl_->store.read_value(std::move(job));
  std::vector<AccessKeyPtr> out;
  for (const auto& id : ids)
    if (auto key = find_key(id)) out.push_back(std::move(key));
  co_return out;
}

base::Task<void> Principals::set_key_active(AccountId account, std::string user, std::string id,
                                            bool active) {
  std::function<void(store::Db&)> job = [account, user, id, active](store::Db& db) {
    db.query("UPDATE access_key SET active = :active WHERE id = :id AND account = :account AND name = :name")
        .integer(":active", active)
        .text(":id", id)
        .text(":account", account.str())
        .text(":name", user)
        .run();
    if (db.changes() == 0) no_such_key(id);
  };
  co_await impl_->change(std::move(job));
}

base::Task<void> Principals::delete_key(AccountId account, std::string user, std::string id) {
  std::function<void(store::Db&)> job = [account, user, id](store::Db& db) {
    db.query("DELETE FROM access_key WHERE id = :id AND account = :account AND name = :name")
        .text(":id", id)
        .text(":account", account.str())
        .text(":name", user)
        .run();
    if (db.changes() == 0) no_such_key(id);
  };
  co_await impl_->change(std::move(job));
}

}  // namespace ses

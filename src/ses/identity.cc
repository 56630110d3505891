#include "ses/identity.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/fault.h"
#include "ses/generation.h"
#include "ses/identity_impl.h"
#include "ses/identity_name.h"
#include "ses/identity_rows.h"
#include "ses/installation.h"
#include "ses/sending_policy.h"
#include "ses/tags.h"
#include "ses/verification_link.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::int64_t kMaxIdentities = 10000;  // SES §8.1
constexpr const char* kLinkSecret = "link-secret";
constexpr const char* kServiceKey = "service-dkim";
constexpr int kServiceKeyBits = 2048;

}  // namespace

void no_such_identity(const std::string& name) {
  throw Fault(FaultKind::not_found, "Email identity " + name + " does not exist.");
}

base::Task<Identities::Impl::Changed> Identities::Impl::change(Scope scope, std::string name, Decide decide) {
  struct Written {
    Outcome outcome;
    std::optional<Identity> before;
    std::int64_t generation = 0;
  };
  IdentityView::Writing writing(view);
  std::function<Written(store::Db&)> job = [this, scope, name, decide = std::move(decide)](store::Db& db) {
    Written w;
    w.before = identity_rows::find(db, keyring, scope, name);
    w.outcome = decide(db, w.before);
    if (w.outcome.what == Outcome::keep) return w;
    w.generation = next_generation(db, "identity");
    w.outcome.identity.generation = w.generation;
    if (w.outcome.what == Outcome::save) {
      identity_rows::save(db, keyring, w.outcome.identity);
    } else {
      identity_rows::erase(db, scope, name);
    }
    return w;
  };
  auto written = co_await store.write_value(std::move(job));

  Changed changed;
  changed.what = written.outcome.what;
  if (changed.what == Outcome::save) {
    written.outcome.identity.sending = compiled_policies(written.outcome.identity);
    changed.identity = std::make_shared<const Identity>(std::move(written.outcome.identity));
  } else if (written.before) {
    changed.identity = std::make_shared<const Identity>(std::move(*written.before));
  }
  if (changed.what != Outcome::keep) {
    view.publish(scope, name, changed.what == Outcome::save ? changed.identity : nullptr, written.generation);
    announce();
  }
  co_return changed;
}

void Identities::Impl::announce() {
  std::vector<std::function<void()>> calls;
  {
    std::lock_guard lock(mutex);
    calls = listeners;
  }
  for (const auto& call : calls) call();
}

Identity Identities::Impl::fresh(store::Db& db, const Scope& scope, const std::string& name) const {
  if (identity_rows::count(db, scope) >= kMaxIdentities)
    throw Fault(FaultKind::limit_exceeded, "The number of identities exceeds the maximum of 10000.");
  Identity identity;
  identity.scope = scope;
  identity.name = name;
  identity.kind = kind_of_name(name);
  identity.created = clock.now();
  // SES §8.3: the token is the same for each call, so it is derived, not drawn.
  if (identity.kind == IdentityKind::domain) {
    auto text = "domain-token\n" + scope.account.str() + "\n" + scope.region.str() + "\n" + name;
    identity.token = base::base64_encode(base::hmac_sha256(link_secret, text));
  }
  start(identity);
  return identity;
}

void Identities::Impl::start(Identity& identity) const {
  auto now = clock.now();
  identity.status = instant() ? VerificationStatus::success : VerificationStatus::pending;
  identity.verification_started = now;
  identity.last_checked.reset();
  identity.failing.reset();
  identity.error_type.clear();
  if (instant()) identity.last_success = now;
}

Identities::Identities(store::Store& store, const Keyring& keyring, const Settings& settings,
                       const base::Clock& clock, base::Random& random)
    : impl_(new Impl(store, keyring, settings, clock, random)) {}
Identities::~Identities() = default;

void Identities::load() {
  auto& impl = *impl_;
  impl.store.write_now([&impl](store::Db& db) {
    // Loaded again, after a reset, the secret stays what it was: others read it without a lock.
    auto fresh = impl.link_secret.empty() ? impl.random.bytes(32) : impl.link_secret;
    auto kept = installation::get_or_make(db, impl.keyring, kLinkSecret, fresh);
    if (impl.link_secret.empty()) impl.link_secret = std::move(kept);
    auto identities = identity_rows::all(db, impl.keyring);
    for (auto& identity : identities) identity.sending = compiled_policies(identity);
    impl.view.fill(std::move(identities));
    auto pem = installation::get(db, impl.keyring, kServiceKey);
    std::lock_guard lock(impl.mutex);
    impl.service_key.reset();
    if (!pem) return;
    auto key = mail::DkimKey::parse(*pem);
    if (key) impl.service_key = *key;
  });
}

IdentityPtr Identities::find(const Scope& scope, std::string_view name) const {
  auto names = impl_->view.names(scope);
  if (auto exact = IdentityView::find(*names, name)) return exact;
  auto normal = normal_name(name);
  return normal ? IdentityView::find(*names, *normal) : nullptr;
}

std::vector<IdentityPtr> Identities::all(const Scope& scope) const {
  auto names = impl_->view.names(scope);
  std::vector<IdentityPtr> out;
  for (const auto& [name, entry] : *names)
    if (entry.identity) out.push_back(entry.identity);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
  return out;
}

base::Task<IdentityPtr> Identities::verify_address(Caller caller, std::string address) {
  auto* impl = impl_.get();
  auto name = require_address(address, impl->settings.smtputf8);
  Impl::Decide decide = [impl, caller, name](store::Db& db, const std::optional<Identity>& current) {
    // SES §8.2: harmless for a verified address; a new mail and a new beginning for any other.
    if (current && current->verified()) return Impl::Outcome{};
    auto identity = current ? *current : impl->fresh(db, caller.scope, name);
    impl->start(identity);
    if (!impl->instant()) {
      auto now = impl->clock.now();
      put_system_mail(db, verification_mail(impl->settings, caller.scope, name, impl->link_secret, now), now);
    }
    return Impl::Outcome{Impl::Outcome::save, std::move(identity)};
  };
  auto changed = co_await impl->change(caller.scope, name, std::move(decide));
  co_return changed.identity;
}

base::Task<IdentityPtr> Identities::await_confirmation(Caller caller, std::string address) {
  auto* impl = impl_.get();
  auto name = require_address(address, impl->settings.smtputf8);
  Impl::Decide decide = [impl, caller, name](store::Db& db, const std::optional<Identity>& current) {
    if (current && current->verified()) return Impl::Outcome{};
    auto identity = current ? *current : impl->fresh(db, caller.scope, name);
    impl->start(identity);
    identity.status = VerificationStatus::pending;
    identity.last_success.reset();
    return Impl::Outcome{Impl::Outcome::save, std::move(identity)};
  };
  auto changed = co_await impl->change(caller.scope, name, std::move(decide));
  co_return changed.identity;
}

base::Task<IdentityPtr> Identities::verify_domain(Caller caller, std::string domain) {
  auto* impl = impl_.get();
  auto name = require_domain(domain);
  Impl::Decide decide = [impl, caller, name](store::Db& db, const std::optional<Identity>& current) {
    if (current && current->verified()) return Impl::Outcome{};
    auto identity = current ? *current : impl->fresh(db, caller.scope, name);
    impl->start(identity);
    return Impl::Outcome{Impl::Outcome::save, std::move(identity)};
  };
  auto changed = co_await impl->change(caller.scope, name, std::move(decide));
  co_return changed.identity;
}

base::Task<IdentityPtr> Identities::create(Caller caller, CreateRequest request) {
  auto* impl = impl_.get();
  auto name = require_name(request.name, impl->settings.smtputf8);
  auto taken = [given = request.name] {
    return Fault(FaultKind::already_exists, "Email identity " + given + " already exist.");
  };
  // SES §8.6: the order is AlreadyExists, tags, configuration set.
  if (impl->find(caller.scope, name)) throw taken();
  check_tags(request.tags);
  if (request.configuration_set && request.configuration_set->empty()) request.configuration_set.reset();
  if (request.configuration_set) {
    std::function<void(store::Db&)> look = [scope = caller.scope, set = request.configuration_set](
                                               store::Db& db) { check_default_set(db, scope, set); };
    co_await impl->store.read(std::move(look));
  }

  bool external = request.byodkim_selector || request.byodkim_private_key;
  DkimKeyPtr key;
  if (kind_of_name(name) == IdentityKind::address) {
    if (external || request.easy_dkim_bits)
      throw Fault(FaultKind::invalid_parameter, "The EmailIdentity value must be a valid domain.");
  } else if (external) {
    key = read_byodkim(request.byodkim_selector, request.byodkim_private_key, request.easy_dkim_bits);
  } else {
    key = co_await impl->maker.rsa(request.easy_dkim_bits.value_or(2048));
  }

  Impl::Decide decide = [impl, caller, name, request, key, external, taken](
                            store::Db& db, const std::optional<Identity>& current) {
    if (current) throw taken();
    check_default_set(db, caller.scope, request.configuration_set);
    auto identity = impl->fresh(db, caller.scope, name);
    identity.tags = request.tags;
    identity.configuration_set = request.configuration_set;
    if (identity.kind == IdentityKind::address) {
      auto now = impl->clock.now();
      if (!impl->instant())
        put_system_mail(db, verification_mail(impl->settings, caller.scope, name, impl->link_secret, now),
                        now);
    } else if (external) {
      impl->set_byodkim(identity, key, *request.byodkim_selector);
    } else {
      impl->set_easy_dkim(identity, key);
    }
    return Impl::Outcome{Impl::Outcome::save, std::move(identity)};
  };
  auto changed = co_await impl->change(caller.scope, name, std::move(decide));
  co_return changed.identity;
}

base::Task<bool> Identities::remove(Caller caller, std::string name) {
  auto normal = normal_name(name);
  if (!normal) co_return false;
  Impl::Decide decide = [](store::Db& db, const std::optional<Identity>& current) {
    if (current) Impl::refuse_with_certificates(db, *current);
    return Impl::Outcome{current ? Impl::Outcome::erase : Impl::Outcome::keep, {}};
  };
  auto changed = co_await impl_->change(caller.scope, *normal, std::move(decide));
  co_return changed.what == Impl::Outcome::erase;
}

base::Task<bool> Identities::confirm_address(Scope scope, std::string address) {
  auto* impl = impl_.get();
  auto normal = normal_name(address);
  if (!normal || kind_of_name(*normal) != IdentityKind::address) co_return false;
  Impl::Decide decide = [impl](store::Db&, const std::optional<Identity>& current) {
    if (!current || current->status != VerificationStatus::pending) return Impl::Outcome{};
    auto identity = *current;
    identity.status = VerificationStatus::success;
    identity.last_checked = identity.last_success = impl->clock.now();
    identity.error_type.clear();
    return Impl::Outcome{Impl::Outcome::save, std::move(identity)};
  };
  auto changed = co_await impl->change(scope, *normal, std::move(decide));
  co_return changed.identity&& changed.identity->verified();
}

void Identities::on_change(std::function<void()> listener) {
  std::lock_guard lock(impl_->mutex);
  impl_->listeners.push_back(std::move(listener));
}

base::Task<std::shared_ptr<const mail::DkimKey>> Identities::service_key() {
  auto* impl = impl_.get();
  {
    std::lock_guard lock(impl->mutex);
    if (impl->service_key) co_return impl->service_key;
  }
  auto made = co_await impl->maker.rsa(kServiceKeyBits);
  std::function<std::string(store::Db&)> job = [impl, made](store::Db& db) {
    return installation::get_or_make(db, impl->keyring, kServiceKey, made->private_pem());
  };
  auto pem = co_await impl->store.write_value(std::move(job));
  auto key = pem == made->private_pem() ? mail::DkimKey::Parsed(made) : mail::DkimKey::parse(pem);
  if (!key) throw std::runtime_error("the DKIM key of the service domain cannot be read");
  std::lock_guard lock(impl->mutex);
  if (!impl->service_key) impl->service_key = *key;
  co_return impl->service_key;
}

std::string Identities::service_selector() const { return "sesame"; }
const std::string& Identities::link_secret() const { return impl_->link_secret; }

}  // namespace ses

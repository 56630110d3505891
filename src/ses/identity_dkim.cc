// DKIM of identities, and finding the identity behind a sender (SES §8.1, §8.4).
#include "base/encoding.h"
#include "base/fault.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "ses/identity_impl.h"
#include "ses/identity_name.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::chrono::hours kBetweenChanges{24};

[[noreturn]] void not_set_up(std::string_view domain) {
  throw Fault(FaultKind::invalid_parameter,
              "Domain " + std::string(domain) + " is not verified for DKIM signing.");
}

bool set_up(const IdentityPtr& identity) { return identity && identity->dkim.origin != DkimOrigin::none; }

// The domain's identity, or that of the nearest parent, for which `wanted` holds.
template <class F>
IdentityPtr nearest(const IdentityView::Names& names, std::string_view domain, F wanted) {
  for (std::optional<std::string_view> at = domain; at; at = parent_domain(*at)) {
    auto identity = IdentityView::find(names, *at);
    if (identity && wanted(identity)) return identity;
  }
  return nullptr;
}

// Signing: by the nearest domain whose DKIM is set up and good. A nearer one that is switched off means no
// signature; one that is not verified yet leaves it to its parent.
IdentityPtr find_signer(const IdentityView::Names& names, const IdentityPtr& address,
                        std::string_view domain) {
  auto signs = [](const IdentityPtr& i) {
    return i->verified() && i->dkim.key && (i->dkim.signs() || !i->dkim.enabled);
  };
  auto signer = nearest(names, domain, signs);
  if (!signer) return nullptr;
  // SES §8.4: the switch of the address overrides its domain's.
  bool enabled = address && address->dkim.own_choice ? address->dkim.enabled : signer->dkim.enabled;
  return enabled && signer->dkim.signs() ? signer : nullptr;
}

std::string lower_domain(std::string_view domain) {
  if (base::is_ascii(domain)) return base::ascii_lower(domain);
  return mail::ascii_domain(domain).value_or("");
}

IdentityPtr allowed_anyway(const Scope& scope, std::string_view address, const std::string& domain) {
  if (!mail::parse_mailbox(address, true)) return nullptr;
  auto identity = std::make_shared<Identity>();
  identity->scope = scope;
  identity->name = domain;
  identity->kind = IdentityKind::domain;
  identity->status = VerificationStatus::success;
  return identity;
}

}  // namespace

void Identities::Impl::use_next_key(DkimState& dkim) {
  if (!dkim.next_key) return;
  dkim.selector = std::move(dkim.next_selector);
  dkim.key = std::move(dkim.next_key);
  dkim.key_bits = dkim.key->bits();
  dkim.next_selector.clear();
  dkim.next_key.reset();
}

void Identities::Impl::start_dkim(DkimState& dkim) const {
  dkim.status = instant() ? VerificationStatus::success : VerificationStatus::pending;
  dkim.started = clock.now();
  dkim.failing.reset();
  if (instant()) use_next_key(dkim);
}

void Identities::Impl::set_easy_dkim(Identity& identity, DkimKeyPtr key) const {
  auto& dkim = identity.dkim;
  dkim = DkimState{};
  dkim.origin = DkimOrigin::aws_ses;
  dkim.enabled = true;
  dkim.tokens = make_dkim_tokens(random);
  dkim.selector = dkim.tokens[0];
  dkim.key_bits = dkim.next_key_bits = key->bits();
  dkim.key_made = clock.now();
  dkim.key = std::move(key);
  start_dkim(dkim);
}

void Identities::Impl::set_byodkim(Identity& identity, DkimKeyPtr key, const std::string& selector) const {
  auto& dkim = identity.dkim;
  dkim = DkimState{};
  dkim.origin = DkimOrigin::external;
  dkim.enabled = true;
  dkim.tokens = {selector};
  dkim.selector = selector;
  dkim.key_bits = dkim.next_key_bits = key->bits();
  dkim.key_made = clock.now();
  dkim.key = std::move(key);
  start_dkim(dkim);
}

DkimState Identities::dkim_of(const Scope& scope, std::string_view name) const {
  auto names = impl_->view.names(scope);
  auto normal = normal_name(name);
  if (!normal) return {};
  auto identity = IdentityView::find(*names, *normal);
  if (kind_of_name(*normal) == IdentityKind::domain) return identity ? identity->dkim : DkimState{};
  auto domain = nearest(*names, domain_of(*normal), set_up);
  auto dkim = domain ? domain->dkim : DkimState{};
  if (identity && identity->dkim.own_choice) dkim.enabled = identity->dkim.enabled;
  return dkim;
}

std::optional<SenderMatch> Identities::match_sender(const Scope& scope, std::string_view address) const {
  auto at = address.rfind('@');
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  auto local = address.substr(0, at);
  auto domain = lower_domain(address.substr(at + 1));
  if (domain.empty()) return std::nullopt;

  auto names = impl_->view.names(scope);
  auto verified = [](const IdentityPtr& i) { return i->verified(); };
  auto listed = IdentityView::find(*names, std::string(local) + "@" + domain);
  if (!listed || !listed->verified())
    listed = IdentityView::find(*names, mail::strip_label(local) + "@" + domain);
  if (listed && !listed->verified()) listed = nullptr;

  SenderMatch match;
  match.identity = listed ? listed : nearest(*names, domain, verified);
  if (match.identity) {
    match.signer = find_signer(*names, listed, domain);
  } else if (impl_->settings.auto_verify) {
    match.identity = allowed_anyway(scope, address, domain);
  }
  if (!match.identity) return std::nullopt;
  return match;
}

base::Task<IdentityPtr> Identities::verify_domain_dkim(Caller caller, std::string domain) {
  auto* impl = impl_.get();
  auto name = require_domain(domain);
  DkimKeyPtr key;
  auto seen = impl->find(caller.scope, name);
  if (!seen || seen->dkim.origin != DkimOrigin::aws_ses) key = co_await impl->maker.rsa(2048);
  Impl::Decide decide = [impl, caller, name, key](store::Db& db, const std::optional<Identity>& current) {
    auto identity = current ? *current : impl->fresh(db, caller.scope, name);
    if (identity.dkim.origin == DkimOrigin::aws_ses) {
      // SES §8.4: the same tokens each time; a verification that failed starts again.
      bool failed = identity.dkim.status == VerificationStatus::failed;
      if (!failed && identity.status != VerificationStatus::failed) return Impl::Outcome{};
      if (failed) impl->start_dkim(identity.dkim);
    } else {
      if (!key) throw Fault(FaultKind::concurrent_modification, "The identity is being changed. Try again.");
      impl->set_easy_dkim(identity, key);
    }
    if (!identity.verified()) impl->start(identity);
    return Impl::Outcome{Impl::Outcome::save, std::move(identity)};
  };
  auto changed = co_await impl->change(caller.scope, name, std::move(decide));
  co_return changed.identity;
}

base::Task<void> Identities::set_dkim_enabled(Caller caller, std::string name, bool enabled) {
  auto* impl = impl_.get();
  auto normal = normal_name(name);
  if (!normal) not_set_up(domain_of(name));
  bool is_address = kind_of_name(*normal) == IdentityKind::address;
  if (is_address) {
    auto names = impl->view.names(caller.scope);
    if (!nearest(*names, domain_of(*normal), set_up)) not_set_up(domain_of(*normal));
  }
  Impl::Decide decide = [name = *normal, is_address, enabled](store::Db&,
                                                              const std::optional<Identity>& current) {
    if (!current) not_set_up(domain_of(name));
    if (!is_address && current->dkim.origin == DkimOrigin::none) {
      if (enabled) not_set_up(name);
      return Impl::Outcome{};
    }
    auto identity = *current;
    identity.dkim.enabled = enabled;
    identity.dkim.own_choice = is_address;
    return Impl::Outcome{Impl::Outcome::save, std::move(identity)};
  };
  co_await impl->change(caller.scope, *normal, std::move(decide));
}

namespace {

// SES §8.4: not to the same length, and at most one change in 24 hours; the first down to 1024 bits is free.
void check_length_change(const DkimState& dkim, int bits, base::WallTime now) {
  if (dkim.next_key_bits == bits)
    throw Fault(FaultKind::invalid_parameter,
                "The DKIM signing key length is RSA_" + std::to_string(bits) + "_BIT already.");
  bool free = bits == 1024 && dkim.length_changes == 0;
  if (!free && dkim.key_made && now - *dkim.key_made < kBetweenChanges)
    throw Fault(FaultKind::invalid_parameter, "The DKIM signing key length can be changed once in 24 hours.");
}

// A new key under the next token, so that mail signed with the old one still verifies.
void rotate(DkimState& dkim, DkimKeyPtr key, base::WallTime now) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < dkim.tokens.size(); ++i)
    if (dkim.tokens[i] == dkim.selector) next = (i + 1) % dkim.tokens.size();
  dkim.next_selector = dkim.tokens.at(next);
  dkim.next_key_bits = key->bits();
  dkim.next_key = std::move(key);
  dkim.key_made = now;
  ++dkim.length_changes;
}

}  // namespace

base::Task<IdentityPtr> Identities::set_dkim_signing(Caller caller, SigningRequest request) {
  auto* impl = impl_.get();
  auto normal = normal_domain(request.name);
  if (!normal) throw Fault(FaultKind::invalid_parameter, "The EmailIdentity value must be a valid domain.");
  auto seen = impl->find(caller.scope, *normal);
  if (!seen) no_such_identity(request.name);

  DkimKeyPtr key;
  if (request.external) {
    key = read_byodkim(request.selector, request.private_key, request.next_key_bits);
  } else {
    if (request.selector || request.private_key)
      throw Fault(FaultKind::invalid_parameter,
                  "DomainSigningSelector and DomainSigningPrivateKey need the origin EXTERNAL.");
    bool easy = seen->dkim.origin == DkimOrigin::aws_ses;
    if (easy && request.next_key_bits)
      check_length_change(seen->dkim, *request.next_key_bits, impl->clock.now());
    if (!easy || request.next_key_bits) key = co_await impl->maker.rsa(request.next_key_bits.value_or(2048));
  }

  Impl::Decide decide = [impl, request, key](store::Db&, const std::optional<Identity>& current) {
    if (!current) no_such_identity(request.name);
    auto identity = *current;
    auto& dkim = identity.dkim;
    if (request.external) {
      impl->set_byodkim(identity, key, *request.selector);
    } else if (dkim.origin != DkimOrigin::aws_ses) {
      if (!key) throw Fault(FaultKind::concurrent_modification, "The identity is being changed. Try again.");
      impl->set_easy_dkim(identity, key);
    } else if (request.next_key_bits) {
      check_length_change(dkim, *request.next_key_bits, impl->clock.now());
      rotate(dkim, key, impl->clock.now());
      impl->start_dkim(dkim);
    } else {
      bool failed = dkim.status == VerificationStatus::failed;
      if (!failed && identity.status != VerificationStatus::failed) return Impl::Outcome{};
      if (failed) impl->start_dkim(dkim);
    }
    if (!identity.verified()) impl->start(identity);
    return Impl::Outcome{Impl::Outcome::save, std::move(identity)};
  };
  auto changed = co_await impl->change(caller.scope, *normal, std::move(decide));
  co_return changed.identity;
}

}  // namespace ses

#include "aws/policy_tally.h"

#include <algorithm>

namespace aws {
namespace {

using Layer = PolicyLayer;

const Statement& statement_at(const AttachedPolicy& attached, int index) {
  return attached.policy->statements[static_cast<std::size_t>(index)];
}

Decision decided(AccessEffect effect, Layer layer, const AttachedPolicy& policy, int statement) {
  return {effect, layer, &policy, statement, statement_at(policy, statement).sid};
}

Decision lacking(Layer layer) { return {AccessEffect::implicit_deny, layer, nullptr, -1, {}}; }

}  // namespace

std::array<LayerInForce, 4> layers_in_force(const PolicySet& own,
                                            std::span<const AttachedPolicy> of_resource) {
  std::span<const AttachedPolicy> identity, boundary;
  if (!own.root) {
    identity = own.identity;
    if (own.boundary) boundary = {&*own.boundary, 1};
  }
  return {{{Layer::identity, identity},
           {Layer::boundary, boundary},
           {Layer::session, own.session},
           {Layer::resource, of_resource}}};
}

Tally::Tally(const PolicySet& own, std::span<const AttachedPolicy> of_resource, const AccessRequest& request)
    : own_(own) {
  const std::string& account = request.requester.account;
  without_account_ = account.empty();
  across_ = !request.resource_account.empty() && request.resource_account != account;
  trust_ = std::any_of(of_resource.begin(), of_resource.end(), [](const AttachedPolicy& attached) {
    return attached.policy && attached.policy->use == PolicyUse::trust;
  });
}

void Tally::add(PolicyLayer layer, const AttachedPolicy& policy, int statement, Named named) {
  if (!statement_at(policy, statement).allow) {
    if (!denied_) denied_ = decided(AccessEffect::explicit_deny, layer, policy, statement);
  } else if (found(layer).named < named) {
    found(layer) = {named, &policy, statement};
  }
}

Decision Tally::allowed_by(Layer layer) const {
  const Found& by = found(layer);
  return decided(AccessEffect::allowed, layer, *by.policy, by.statement);
}

Decision Tally::by_resource_alone() const {
  return allows(Layer::resource) ? allowed_by(Layer::resource) : lacking(Layer::resource);
}

Decision Tally::own_allowed() const {
  if (own_.root) return {AccessEffect::allowed, Layer::root, nullptr, -1, {}};
  return allowed_by(Layer::identity);
}

// The boundary or the session, where it limits the requester and does not allow this; else none.
PolicyLayer Tally::lacking_limit() const {
  if (!own_.root && own_.boundary && !allows(Layer::boundary)) return Layer::boundary;
  bool limited = !own_.session.empty() || own_.federated;
  return limited && !allows(Layer::session) ? Layer::session : Layer::none;
}

Decision Tally::within_account() const {
  Named named = found(Layer::resource).named;
  if (named == Named::directly) return allowed_by(Layer::resource);
  bool own = own_.root || allows(Layer::identity);
  if (trust_ && named == Named::no) return lacking(Layer::resource);
  if (!own && named != Named::widely) return lacking(Layer::identity);
  if (Layer limit = lacking_limit(); limit != Layer::none) return lacking(limit);
  return own ? own_allowed() : allowed_by(Layer::resource);
}

Decision Tally::across_accounts() const {
  if (!own_.root && !allows(Layer::identity)) return lacking(Layer::identity);
  if (Layer limit = lacking_limit(); limit != Layer::none) return lacking(limit);
  return by_resource_alone();
}

Decision Tally::decision() const {
  if (denied_) return *denied_;
  if (without_account_) return by_resource_alone();
  return across_ ? across_accounts() : within_account();
}

}  // namespace aws

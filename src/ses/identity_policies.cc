// The sending authorization policies kept with an identity (SES §9).
#include "base/fault.h"
#include "ses/identity_impl.h"
#include "ses/identity_name.h"
#include "ses/sending_policy.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;
using Write = Identities::PolicyWrite;

// v2 says the identity is missing, v1 that it is no good parameter: the kind reads both ways.
[[noreturn]] void no_identity(const std::string& name, Write how) {
  if (how == Write::upsert)  // (?) for the words
    throw Fault(FaultKind::invalid_parameter, "Identity <" + name + "> does not exist.");
  throw Fault(FaultKind::not_found, "Email identity <" + name + "> does not exist.");
}

void check_count(const Identity& identity, const Identities::PolicyRequest& request) {
  if (identity.policies.size() < kMaxPolicies) return;
  auto text =
      "Number of policies for <" + request.identity + "> exceeds max allowed number of policies per resource";
  auto kind = request.how == Write::upsert ? FaultKind::invalid_parameter : FaultKind::limit_exceeded;
  throw Fault(kind, std::move(text));
}

}  // namespace

base::Task<void> Identities::put_policy(Caller caller, PolicyRequest request) {
  auto* impl = impl_.get();
  check_policy_name(request.name);
  auto normal = normal_name(request.identity);
  if (!normal) no_identity(request.identity, request.how);
  if (request.how != Write::upsert && !impl->find(caller.scope, *normal))
    no_identity(request.identity, request.how);
  auto policy = checked_policy(request.text, caller.scope, *normal);

  Impl::Decide decide = [request, policy](store::Db&, const std::optional<Identity>& current) {
    if (!current) no_identity(request.identity, request.how);
    auto identity = *current;
    bool there = identity.policies.contains(request.name);
    if (there && request.how == Write::create)
      throw Fault(FaultKind::already_exists, "Policy <" + request.name + "> already exists");
    if (!there && request.how == Write::update)
      throw Fault(FaultKind::not_found, "Policy <" + request.name + "> does not exist");
    if (!there) check_count(identity, request);
    identity.policies[request.name] = policy;
    return Impl::Outcome{Impl::Outcome::save, std::move(identity)};
  };
  co_await impl->change(caller.scope, *normal, std::move(decide));
}

base::Task<bool> Identities::remove_policy(Caller caller, std::string identity, std::string name) {
  auto normal = normal_name(identity);
  if (!normal) co_return false;
  Impl::Decide decide = [name](store::Db&, const std::optional<Identity>& current) {
    if (!current || !current->policies.contains(name)) return Impl::Outcome{};
    auto changed = *current;
    changed.policies.erase(name);
    return Impl::Outcome{Impl::Outcome::save, std::move(changed)};
  };
  auto changed = co_await impl_->change(caller.scope, *normal, std::move(decide));
  co_return changed.what == Impl::Outcome::save;
}

}  // namespace ses

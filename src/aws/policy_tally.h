// Tally: the statements that matched, layer by layer, and the decision they come to. It lives for one
// decision; one thread. Private to the room.
#pragma once

#include <array>
#include <span>

#include "aws/policy_form.h"

namespace aws {

struct LayerInForce {
  PolicyLayer layer;
  std::span<const AttachedPolicy> policies;
};

// In the order in which an explicit Deny is looked for.
std::array<LayerInForce, 4> layers_in_force(const PolicySet& own,
                                            std::span<const AttachedPolicy> of_resource);

class Tally {
 public:
  Tally(const PolicySet& own, std::span<const AttachedPolicy> of_resource, const AccessRequest& request);

  // A statement that matched.
  void add(PolicyLayer layer, const AttachedPolicy& policy, int statement, Named named);
  // No further Allow of this layer would change the decision.
  bool settled(PolicyLayer layer) const { return found(layer).named == Named::directly; }
  Decision decision() const;

 private:
  struct Found {  // the first statement of the nearest Named
    Named named = Named::no;
    const AttachedPolicy* policy = nullptr;
    int statement = -1;
  };

  Found& found(PolicyLayer layer) { return allowed_[static_cast<std::size_t>(layer)]; }
  const Found& found(PolicyLayer layer) const { return allowed_[static_cast<std::size_t>(layer)]; }
  bool allows(PolicyLayer layer) const { return found(layer).named != Named::no; }
  Decision allowed_by(PolicyLayer layer) const;
  Decision by_resource_alone() const;
  Decision own_allowed() const;
  PolicyLayer lacking_limit() const;
  Decision within_account() const;
  Decision across_accounts() const;

  const PolicySet& own_;
  bool without_account_ = false;  // anonymous, or a service by itself
  bool across_ = false;
  bool trust_ = false;  // the resource is a role
  std::array<Found, 6> allowed_{};
  std::optional<Decision> denied_;
};

}  // namespace aws

// The inside of ConfigurationSets, shared by the configuration_set*.cc files only.
#pragma once

#include "base/fault.h"
#include "ses/configuration_set.h"
#include "ses/scoped_view.h"

namespace ses {

struct ConfigurationSets::Impl {
  Impl(store::Store& s, const Identities& i, const base::Clock& c) : store(s), identities(i), clock(c) {}

  store::Store& store;
  const Identities& identities;
  const base::Clock& clock;
  ScopedView<ConfigurationSet> view;

  // What a transaction makes of a set; nullopt: it goes. A Fault leaves it as it stands.
  using Decide = std::function<std::optional<ConfigurationSet>(
      store::Db&, const std::optional<ConfigurationSet>& current)>;
  // Runs `decide` in a transaction and swaps the snapshot before it returns.
  base::Task<void> write(Scope scope, std::string name, Decide decide);

  // Changes a set that must be there. `edit` may run twice.
  using Edit = std::function<void(ConfigurationSet&)>;
  base::Task<void> edit(Scope scope, std::string name, Edit edit);

  void require_verified_domain(const Scope& scope, const std::string& domain, base::Fault refusal) const;
  void check_tracking(const Scope& scope, const TrackingOptions& options) const;  // as v2 words it
};

void check_delivery(const DeliveryOptions& options);
void check_suppression(SuppressionOptions& options);  // and takes out what comes twice

}  // namespace ses

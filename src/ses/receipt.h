// Receipt: how mail is received in one account and region: rule sets, the active one of them, and IP filters
// (SES §22). Reads come from a snapshot that is swapped before a write returns (ARCHITECTURE 3.6): any
// thread. Only v1 has these operations.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "ses/identity.h"
#include "ses/receipt_rule.h"
#include "ses/types.h"
#include "store/store.h"

namespace ses {

struct ReceiptRuleSet {
  std::string name;
  base::WallTime created;
  std::vector<ReceiptRule> rules;  // in their order

  const ReceiptRule* rule(std::string_view name) const;
};

// Everything of one scope, immutable.
struct ReceiptSetup {
  Scope scope;
  std::string name;                    // always empty: there is one a scope
  std::vector<ReceiptRuleSet> sets;    // by name
  std::string active;                  // empty: mail is not received
  std::vector<ReceiptFilter> filters;  // by name
  std::int64_t generation = 0;

  const ReceiptRuleSet* set(std::string_view name) const;
  const ReceiptRuleSet* active_set() const { return active.empty() ? nullptr : set(active); }
};
using ReceiptSetupPtr = std::shared_ptr<const ReceiptSetup>;

class Receipt {
 public:
  Receipt(store::Store& store, const Identities& identities, const base::Clock& clock);
  ~Receipt();

  void load();  // at start; calling thread

  // Asks, before a rule is stored, whether its bucket, topic or function can be used; throws a Fault. Set
  // once, before requests come.
  using Probe = std::function<base::Task<void>(Scope, ReceiptAction)>;
  void set_probe(Probe probe);

  ReceiptSetupPtr setup(const Scope& scope) const;  // never null
  // Those with an active rule set, of all scopes, in no order. Never null; cheap.
  using Setups = std::vector<ReceiptSetupPtr>;
  std::shared_ptr<const Setups> receiving() const;
  // Those of them that own the domain of the address (SES §22.1), in the order of their scopes: nobody else
  // may take mail for it. It costs the same however many accounts there are.
  Setups receiving_for(std::string_view address) const;
  // Fault RuleSetDoesNotExist, RuleDoesNotExist.
  const ReceiptRuleSet& require_set(const ReceiptSetup& setup, const std::string& name) const;
  const ReceiptRule& require_rule(const ReceiptRuleSet& set, const std::string& name) const;

  base::Task<void> create_set(Caller caller, std::string name);
  base::Task<void> clone_set(Caller caller, std::string name, std::string original);
  base::Task<void> delete_set(Caller caller, std::string name);
  base::Task<void> activate_set(Caller caller, std::optional<std::string> name);  // nullopt: none is active
  base::Task<void> reorder_set(Caller caller, std::string name, std::vector<std::string> rules);

  // Behind the rule `after`; without one, first.
  base::Task<void> create_rule(Caller caller, std::string set, ReceiptRule rule,
                               std::optional<std::string> after);
  base::Task<void> update_rule(Caller caller, std::string set, ReceiptRule rule);
  base::Task<void> delete_rule(Caller caller, std::string set, std::string rule);
  base::Task<void> move_rule(Caller caller, std::string set, std::string rule,
                             std::optional<std::string> after);

  base::Task<void> create_filter(Caller caller, ReceiptFilter filter);
  base::Task<void> delete_filter(Caller caller, std::string name);

 private:
  // Changes the setup in a transaction; a Fault leaves it as it stands. May run twice.
  using Edit = std::function<void(ReceiptSetup&)>;
  base::Task<void> write(Scope scope, Edit edit);
  base::Task<void> check_resources(Scope scope, std::vector<ReceiptAction> actions) const;

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ses

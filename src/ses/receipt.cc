#include "ses/receipt.h"

#include <algorithm>
#include <mutex>

#include "base/fault.h"
#include "mail/domain.h"
#include "mail/envelope.h"
#include "ses/generation.h"
#include "ses/receipt_rows.h"
#include "ses/scoped_view.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

// SES §22.2.
constexpr std::size_t kMaxSets = 40, kMaxRules = 200, kMaxFilters = 100;

[[noreturn]] void refuse_as(const char* code, std::string text, const std::string& name) {
  throw Fault::with_code(FaultKind::modelled, code, std::move(text)).with("Name", name);
}
[[noreturn]] void no_such_set(const std::string& name) {
  refuse_as("RuleSetDoesNotExist", "Rule set does not exist: " + name, name);
}
[[noreturn]] void no_such_rule(const std::string& name) {
  refuse_as("RuleDoesNotExist", "Rule does not exist: " + name, name);
}
[[noreturn]] void too_many(const char* text) { throw Fault(FaultKind::limit_exceeded, text); }

template <class Items>
auto find_named(Items& items, std::string_view name) {
  return std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.name == name; });
}

template <class Item>
void insert_by_name(std::vector<Item>& items, Item item) {
  auto at = std::lower_bound(items.begin(), items.end(), item,
                             [](const Item& a, const Item& b) { return a.name < b.name; });
  items.insert(at, std::move(item));
}

ReceiptRuleSet& set_in(ReceiptSetup& setup, const std::string& name) {
  auto set = find_named(setup.sets, name);
  if (set == setup.sets.end()) no_such_set(name);
  return *set;
}

void add_set(ReceiptSetup& setup, ReceiptRuleSet set) {
  if (setup.set(set.name)) refuse_as("AlreadyExists", "Rule set already exists: " + set.name, set.name);
  if (setup.sets.size() >= kMaxSets) too_many("Too many rule sets");
  insert_by_name(setup.sets, std::move(set));
}

// Where a rule that comes behind `after` stands.
std::vector<ReceiptRule>::iterator place_after(ReceiptRuleSet& set, const std::optional<std::string>& after) {
  if (!after || after->empty()) return set.rules.begin();
  auto found = find_named(set.rules, *after);
  if (found == set.rules.end()) no_such_rule(*after);
  return found + 1;
}

[[noreturn]] void refuse_order(std::string text) {
  throw Fault(FaultKind::invalid_parameter, std::move(text));
}

// SES §22.3: the names of all rules, each once.
void check_order(const ReceiptRuleSet& set, const std::vector<std::string>& names) {
  for (auto name = names.begin(); name != names.end(); ++name)
    if (std::find(names.begin(), name, *name) != name)
      refuse_order("Multiple positions found for rule: " + *name);
  std::string missing;
  for (const auto& rule : set.rules)
    if (std::find(names.begin(), names.end(), rule.name) == names.end())
      missing += (missing.empty() ? "" : ", ") + rule.name;
  if (!missing.empty()) refuse_order("Positions for rules not found: " + missing);
  for (const auto& name : names)
    if (!set.rule(name)) no_such_rule(name);
}

}  // namespace

struct Receipt::Impl {
  store::Store& store;
  const Identities& identities;
  const base::Clock& clock;
  ScopedView<ReceiptSetup> view;
  Probe probe;
  mutable std::mutex mutex;
  std::shared_ptr<const Setups> receiving;

  // After each change of the view. The last to hold the lock has seen all of them.
  void gather() {
    std::lock_guard lock(mutex);
    auto setups = view.all();
    std::erase_if(setups, [](const auto& setup) { return setup->active.empty(); });
    receiving = std::make_shared<const Setups>(std::move(setups));
  }
};

const ReceiptRule* ReceiptRuleSet::rule(std::string_view wanted) const {
  auto found = find_named(rules, wanted);
  return found == rules.end() ? nullptr : &*found;
}

const ReceiptRuleSet* ReceiptSetup::set(std::string_view wanted) const {
  auto found = find_named(sets, wanted);
  return found == sets.end() ? nullptr : &*found;
}

Receipt::Receipt(store::Store& store, const Identities& identities, const base::Clock& clock)
    : impl_(new Impl{store, identities, clock, {}, {}, {}, std::make_shared<const Setups>()}) {}
Receipt::~Receipt() = default;

void Receipt::load() {
  std::vector<ReceiptSetup> setups;
  impl_->store.read_now([&setups](store::Db& db) { setups = receipt_rows::all(db); });
  impl_->view.fill(std::move(setups));
  impl_->gather();
}

std::shared_ptr<const Receipt::Setups> Receipt::receiving() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->receiving;
}

Receipt::Setups Receipt::receiving_for(std::string_view address) const {
  Setups out;
  const auto domain = mail::ascii_domain(mail::domain_of(address));
  if (!domain) return out;
  for (const auto& scope : impl_->identities.owners(*domain))
    if (auto held = setup(scope); !held->active.empty()) out.push_back(std::move(held));
  return out;
}

void Receipt::set_probe(Probe probe) { impl_->probe = std::move(probe); }

ReceiptSetupPtr Receipt::setup(const Scope& scope) const {
  static const auto none = std::make_shared<const ReceiptSetup>();
  auto found = impl_->view.find(scope, "");
  return found ? found : none;
}

const ReceiptRuleSet& Receipt::require_set(const ReceiptSetup& setup, const std::string& name) const {
  const auto* set = setup.set(name);
  if (!set) no_such_set(name);
  return *set;
}

const ReceiptRule& Receipt::require_rule(const ReceiptRuleSet& set, const std::string& name) const {
  const auto* rule = set.rule(name);
  if (!rule) no_such_rule(name);
  return *rule;
}

base::Task<void> Receipt::write(Scope scope, Edit edit) {
  ScopedView<ReceiptSetup>::Writing writing(impl_->view);
  std::function<ReceiptSetupPtr(store::Db&)> job = [scope, edit = std::move(edit)](store::Db& db) {
    auto before = receipt_rows::find(db, scope);
    auto after = before;
    edit(after);
    after.generation = next_generation(db, "receipt");
    receipt_rows::save(db, before, after);
    return std::make_shared<const ReceiptSetup>(std::move(after));
  };
  auto written = co_await impl_->store.write_value(std::move(job));
  impl_->view.publish(scope, "", written, written->generation);
  impl_->gather();
}

base::Task<void> Receipt::create_set(Caller caller, std::string name) {
  check_rule_set_name(name);
  Edit edit = [set = ReceiptRuleSet{name, impl_->clock.now(), {}}](ReceiptSetup& setup) {
    add_set(setup, set);
  };
  co_await write(caller.scope, std::move(edit));
}

base::Task<void> Receipt::clone_set(Caller caller, std::string name, std::string original) {
  check_rule_set_name(name);
  Edit edit = [name, original, now = impl_->clock.now()](ReceiptSetup& setup) {
    if (setup.set(name)) refuse_as("AlreadyExists", "Rule set already exists: " + name, name);
    add_set(setup, {name, now, set_in(setup, original).rules});
  };
  co_await write(caller.scope, std::move(edit));
}

base::Task<void> Receipt::delete_set(Caller caller, std::string name) {
  Edit edit = [name](ReceiptSetup& setup) {
    if (!name.empty() && setup.active == name)
      refuse_as("CannotDelete", "Cannot delete active rule set: " + name, name);
    std::erase_if(setup.sets, [&](const auto& set) { return set.name == name; });
  };
  co_await write(caller.scope, std::move(edit));
}

base::Task<void> Receipt::activate_set(Caller caller, std::optional<std::string> name) {
  Edit edit = [name](ReceiptSetup& setup) {
    if (name) set_in(setup, *name);
    setup.active = name.value_or("");
  };
  co_await write(caller.scope, std::move(edit));
}

base::Task<void> Receipt::reorder_set(Caller caller, std::string name, std::vector<std::string> rules) {
  Edit edit = [name, rules = std::move(rules)](ReceiptSetup& setup) {
    auto& set = set_in(setup, name);
    check_order(set, rules);
    std::vector<ReceiptRule> ordered;
    for (const auto& rule : rules) ordered.push_back(*set.rule(rule));
    set.rules = std::move(ordered);
  };
  co_await write(caller.scope, std::move(edit));
}

// SES §22.3: the bounce's sender, then what lies outside.
base::Task<void> Receipt::check_resources(Scope scope, std::vector<ReceiptAction> actions) const {
  check_actions(actions);
  for (const auto& action : actions) {
    if (const auto* bounce = std::get_if<BounceAction>(&action))
      if (!impl_->identities.match_sender(scope, bounce->sender))
        throw Fault(FaultKind::invalid_parameter, "Identity is not verified: " + bounce->sender);
    if (impl_->probe) co_await impl_->probe(scope, action);
  }
}

base::Task<void> Receipt::create_rule(Caller caller, std::string set, ReceiptRule rule,
                                      std::optional<std::string> after) {
  check_rule_name(rule.name);
  Edit edit = [set, rule, after](ReceiptSetup& setup) {
    auto& held = set_in(setup, set);
    if (held.rule(rule.name)) refuse_as("AlreadyExists", "Rule already exists: " + rule.name, rule.name);
    auto place = place_after(held, after);
    if (held.rules.size() >= kMaxRules) too_many("Too many rules");
    held.rules.insert(place, rule);
  };
  auto as_it_stands = *setup(caller.scope);
  edit(as_it_stands);
  check_recipients(rule.recipients);
  co_await check_resources(caller.scope, rule.actions);
  co_await write(caller.scope, std::move(edit));
}

base::Task<void> Receipt::update_rule(Caller caller, std::string set, ReceiptRule rule) {
  check_rule_name(rule.name);
  Edit edit = [set, rule](ReceiptSetup& setup) {
    auto& held = set_in(setup, set);
    auto found = find_named(held.rules, rule.name);
    if (found == held.rules.end()) no_such_rule(rule.name);
    *found = rule;
  };
  auto as_it_stands = *setup(caller.scope);
  edit(as_it_stands);
  check_recipients(rule.recipients);
  co_await check_resources(caller.scope, rule.actions);
  co_await write(caller.scope, std::move(edit));
}

base::Task<void> Receipt::delete_rule(Caller caller, std::string set, std::string rule) {
  Edit edit = [set, rule](ReceiptSetup& setup) {
    std::erase_if(set_in(setup, set).rules, [&](const auto& held) { return held.name == rule; });
  };
  co_await write(caller.scope, std::move(edit));
}

base::Task<void> Receipt::move_rule(Caller caller, std::string set, std::string rule,
                                    std::optional<std::string> after) {
  Edit edit = [set, rule, after](ReceiptSetup& setup) {
    auto& held = set_in(setup, set);
    auto found = find_named(held.rules, rule);
    if (found == held.rules.end()) no_such_rule(rule);
    if (after == rule) return;
    auto moved = *found;
    if (after && !after->empty() && !held.rule(*after)) no_such_rule(*after);
    held.rules.erase(found);
    held.rules.insert(place_after(held, after), std::move(moved));
  };
  co_await write(caller.scope, std::move(edit));
}

base::Task<void> Receipt::create_filter(Caller caller, ReceiptFilter filter) {
  check_filter(filter);
  Edit edit = [filter](ReceiptSetup& setup) {
    if (find_named(setup.filters, filter.name) != setup.filters.end())
      refuse_as("AlreadyExists", "Filter already exists: " + filter.name, filter.name);
    if (setup.filters.size() >= kMaxFilters) too_many("Too many filters");
    insert_by_name(setup.filters, filter);
  };
  co_await write(caller.scope, std::move(edit));
}

base::Task<void> Receipt::delete_filter(Caller caller, std::string name) {
  Edit edit = [name](ReceiptSetup& setup) {
    std::erase_if(setup.filters, [&](const auto& held) { return held.name == name; });
  };
  co_await write(caller.scope, std::move(edit));
}

}  // namespace ses

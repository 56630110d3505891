#include "ses/receipt_rows.h"

#include <algorithm>

#include "ses/packed.h"

namespace ses::receipt_rows {
namespace {

std::string pack_recipients(const std::vector<std::string>& recipients) {
  std::vector<PackedRow> rows;
  for (const auto& recipient : recipients) rows.push_back({recipient});
  return pack(rows);
}

std::vector<ReceiptRule> rules_of(store::Db& db, const Scope& scope, const std::string& set) {
  std::vector<ReceiptRule> out;
  auto q = db.query(
      "SELECT name, enabled, scan, tls_required, recipients, actions FROM receipt_rule "
      "WHERE account = :account AND region = :region AND rule_set = :set ORDER BY n");
  q.text(":account", scope.account.str()).text(":region", scope.region.str()).text(":set", set);
  while (q.next()) {
    ReceiptRule rule;
    rule.name = q.get_string(0);
    rule.enabled = q.get_integer(1) != 0;
    rule.scan = q.get_integer(2) != 0;
    rule.tls_required = q.get_integer(3) != 0;
    for (auto& row : unpack(q.get_text(4), 1)) rule.recipients.push_back(std::move(row[0]));
    rule.actions = unpack_actions(q.get_text(5));
    out.push_back(std::move(rule));
  }
  return out;
}

void read_sets(store::Db& db, ReceiptSetup& setup) {
  auto q = db.query(
      "SELECT name, created, active FROM receipt_rule_set "
      "WHERE account = :account AND region = :region ORDER BY name");
  q.text(":account", setup.scope.account.str()).text(":region", setup.scope.region.str());
  while (q.next()) {
    ReceiptRuleSet set{q.get_string(0), base::from_millis(q.get_integer(1)), {}};
    if (q.get_integer(2) != 0) setup.active = set.name;
    set.rules = rules_of(db, setup.scope, set.name);
    setup.sets.push_back(std::move(set));
  }
}

void read_filters(store::Db& db, ReceiptSetup& setup) {
  auto q = db.query(
      "SELECT name, allow, cidr FROM receipt_filter WHERE account = :account AND region = :region ORDER BY "
      "name");
  q.text(":account", setup.scope.account.str()).text(":region", setup.scope.region.str());
  while (q.next()) setup.filters.push_back({q.get_string(0), q.get_integer(1) != 0, q.get_string(2)});
}

void erase_rules(store::Db& db, const Scope& scope, const std::string& set) {
  db.query("DELETE FROM receipt_rule WHERE account = :account AND region = :region AND rule_set = :set")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":set", set)
      .run();
}

void insert_rules(store::Db& db, const Scope& scope, const ReceiptRuleSet& set) {
  std::int64_t n = 0;
  for (const auto& rule : set.rules) {
    auto recipients = pack_recipients(rule.recipients), actions = pack_actions(rule.actions);
    db.query(
          "INSERT INTO receipt_rule (account, region, rule_set, n, name, enabled, scan, tls_required, "
          "recipients, actions) "
          "VALUES (:account, :region, :set, :n, :name, :enabled, :scan, :tls, :recipients, :actions)")
        .text(":account", scope.account.str())
        .text(":region", scope.region.str())
        .text(":set", set.name)
        .integer(":n", n++)
        .text(":name", rule.name)
        .integer(":enabled", rule.enabled)
        .integer(":scan", rule.scan)
        .integer(":tls", rule.tls_required)
        .text(":recipients", recipients)
        .text(":actions", actions)
        .run();
  }
}

void save_set(store::Db& db, const ReceiptSetup& setup, const ReceiptRuleSet& set,
              const ReceiptRuleSet* before) {
  db.query(
        "INSERT INTO receipt_rule_set (account, region, name, created, active) "
        "VALUES (:account, :region, :name, :created, :active) "
        "ON CONFLICT (account, region, name) DO UPDATE SET created = excluded.created, active = "
        "excluded.active")
      .text(":account", setup.scope.account.str())
      .text(":region", setup.scope.region.str())
      .text(":name", set.name)
      .integer(":created", base::to_millis(set.created))
      .integer(":active", set.name == setup.active)
      .run();
  if (before && before->rules == set.rules) return;
  erase_rules(db, setup.scope, set.name);
  insert_rules(db, setup.scope, set);
}

void erase_set(store::Db& db, const Scope& scope, const std::string& name) {
  erase_rules(db, scope, name);
  db.query("DELETE FROM receipt_rule_set WHERE account = :account AND region = :region AND name = :name")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":name", name)
      .run();
}

void save_filters(store::Db& db, const ReceiptSetup& setup) {
  db.query("DELETE FROM receipt_filter WHERE account = :account AND region = :region")
      .text(":account", setup.scope.account.str())
      .text(":region", setup.scope.region.str())
      .run();
  for (const auto& filter : setup.filters)
    db.query(
          "INSERT INTO receipt_filter (account, region, name, allow, cidr) "
          "VALUES (:account, :region, :name, :allow, :cidr)")
        .text(":account", setup.scope.account.str())
        .text(":region", setup.scope.region.str())
        .text(":name", filter.name)
        .integer(":allow", filter.allow)
        .text(":cidr", filter.cidr)
        .run();
}

}  // namespace

ReceiptSetup find(store::Db& db, const Scope& scope) {
  ReceiptSetup setup;
  setup.scope = scope;
  read_sets(db, setup);
  read_filters(db, setup);
  return setup;
}

std::vector<ReceiptSetup> all(store::Db& db) {
  std::vector<Scope> scopes;
  auto q = db.query(
      "SELECT account, region FROM receipt_rule_set UNION SELECT account, region FROM receipt_filter");
  while (q.next()) scopes.push_back({AccountId(q.get_string(0)), Region(q.get_string(1))});
  std::vector<ReceiptSetup> out;
  for (const auto& scope : scopes) out.push_back(find(db, scope));
  return out;
}

void save(store::Db& db, const ReceiptSetup& before, const ReceiptSetup& after) {
  for (const auto& set : before.sets)
    if (!after.set(set.name)) erase_set(db, after.scope, set.name);
  for (const auto& set : after.sets) save_set(db, after, set, before.set(set.name));
  if (before.filters != after.filters) save_filters(db, after);
}

}  // namespace ses::receipt_rows

#include "ses/account_features.h"

#include <mutex>
#include <unordered_map>

namespace ses {
namespace {

std::optional<Features> find(store::Db& db, const Scope& scope) {
  auto q = db.query(
      "SELECT auto_warmup, vdm_enabled, engagement_metrics, optimized_shared_delivery FROM account_feature "
      "WHERE account = :account AND region = :region");
  q.text(":account", scope.account.str()).text(":region", scope.region.str());
  if (!q.next()) return std::nullopt;
  Features out;
  out.auto_warmup = q.get_integer(0) != 0;
  if (!q.is_null(1))
    out.vdm = VdmAttributes{q.get_integer(1) != 0, q.get_integer(2) != 0, q.get_integer(3) != 0};
  return out;
}

void save(store::Db& db, const Scope& scope, const Features& features) {
  auto q = db.query(
      "INSERT INTO account_feature (account, region, auto_warmup, vdm_enabled, engagement_metrics, "
      "optimized_shared_delivery) VALUES (:account, :region, :auto_warmup, :vdm, :metrics, :delivery) "
      "ON CONFLICT (account, region) DO UPDATE SET auto_warmup = excluded.auto_warmup, vdm_enabled = "
      "excluded.vdm_enabled, engagement_metrics = excluded.engagement_metrics, "
      "optimized_shared_delivery = excluded.optimized_shared_delivery");
  auto vdm = features.vdm.value_or(VdmAttributes{});
  q.text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .integer(":auto_warmup", features.auto_warmup)
      .integer(":metrics", vdm.engagement_metrics)
      .integer(":delivery", vdm.optimized_shared_delivery);
  if (features.vdm) {
    q.integer(":vdm", vdm.enabled);
  } else {
    q.null(":vdm");
  }
  q.run();
}

// With the number of the change that made them: of two racing changes the later one is kept.
struct Changed {
  Features features;
  std::int64_t number = 0;
};

}  // namespace

struct AccountFeatures::Impl {
  explicit Impl(store::Store& s) : store(s) {}

  store::Store& store;
  mutable std::mutex mutex;
  std::unordered_map<Scope, Changed> chosen;
  std::int64_t changes = 0;  // writer thread only

  base::Task<void> change(Scope scope, std::function<void(Features&)> edit) {
    std::function<Changed(store::Db&)> job = [this, scope, edit = std::move(edit)](store::Db& db) {
      auto features = find(db, scope).value_or(Features{});
      edit(features);
      save(db, scope, features);
      return Changed{features, ++changes};
    };
    auto changed = co_await store.write_value(std::move(job));
    std::lock_guard lock(mutex);
    auto& held = chosen[scope];
    if (held.number < changed.number) held = changed;
  }
};

AccountFeatures::AccountFeatures(store::Store& store) : impl_(new Impl(store)) {}
AccountFeatures::~AccountFeatures() = default;

void AccountFeatures::load() {
  std::unordered_map<Scope, Changed> chosen;
  impl_->store.read_now([&chosen](store::Db& db) {
    std::vector<Scope> scopes;
    auto q = db.query("SELECT account, region FROM account_feature");
    while (q.next()) scopes.push_back({AccountId(q.get_string(0)), Region(q.get_string(1))});
    for (const auto& scope : scopes)
      if (auto found = find(db, scope)) chosen[scope] = {*found, 0};
  });
  std::lock_guard lock(impl_->mutex);
  impl_->chosen = std::move(chosen);
}

Features AccountFeatures::of(const Scope& scope) const {
  std::lock_guard lock(impl_->mutex);
  auto found = impl_->chosen.find(scope);
  return found == impl_->chosen.end() ? Features{} : found->second.features;
}

base::Task<void> AccountFeatures::set_vdm(Scope scope, VdmAttributes vdm) {
  std::function<void(Features&)> edit = [vdm](Features& features) { features.vdm = vdm; };
  co_await impl_->change(scope, std::move(edit));
}

base::Task<void> AccountFeatures::set_auto_warmup(Scope scope, bool enabled) {
  std::function<void(Features&)> edit = [enabled](Features& features) { features.auto_warmup = enabled; };
  co_await impl_->change(scope, std::move(edit));
}

}  // namespace ses

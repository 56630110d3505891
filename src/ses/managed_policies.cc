// Managed policies, an account's own and AWS's, and their versions.
#include <algorithm>

#include "ses/builtin_policies.h"
#include "ses/iam_page.h"
#include "ses/managed_policy_rows.h"
#include "ses/principal_impl.h"

namespace ses {
namespace {

std::string too_large() {
  return "Cannot exceed quota for PolicySize: " + std::to_string(iam_limit::kManagedPolicy);
}

// AWS's own are there to be read and attached only.
ManagedPolicy need_own(store::Db& db, const AccountId& account, const std::string& arn) {
  auto policy = need_managed(db, account, arn, iam::no_such_policy);
  if (policy.account.empty())
    throw iam::invalid_input("Policy " + arn + " is managed by AWS and cannot be changed.");
  return policy;
}

base::Fault no_such_version(const std::string& arn, const std::string& version) {
  return iam::no_such_entity("Policy " + arn + " version " + version +
                             " does not exist or is not attachable.");
}

int need_version(store::Db& db, const ManagedPolicy& policy, const std::string& version) {
  const int number = iam::version_number(version);
  if (!number || !managed_policy_rows::version(db, policy, number))
    throw no_such_version(policy.arn, version);
  return number;
}

PolicyVersion builtin_version(const BuiltinPolicy& builtin) {
  return {builtin.facts.default_version, builtin.document, true, builtin.facts.created};
}

bool passes(const Principals::PolicyFilter& filter, const ManagedPolicy& policy) {
  return policy.path.starts_with(filter.path_prefix) && (!filter.only_attached || policy.attached > 0) &&
         (!filter.only_boundaries || policy.boundaries > 0);
}

std::vector<ManagedPolicy> filtered(store::Db& db, const AccountId& account,
                                    const Principals::PolicyFilter& filter) {
  using PolicyScope = Principals::PolicyScope;
  std::vector<ManagedPolicy> all;
  if (filter.scope != PolicyScope::aws) all = managed_policy_rows::all(db, account);
  if (filter.scope != PolicyScope::local)
    for (const auto& builtin : builtin_policies()) all.push_back(builtin.facts);
  for (auto& policy : all) managed_policy_rows::count_uses(db, account, policy);
  std::erase_if(all, [&](const auto& policy) { return !passes(filter, policy); });
  return all;
}

}  // namespace

base::Task<ManagedPolicy> Principals::create_managed(NewManagedPolicy made) {
  iam::check_policy_name(made.name);
  iam::check_path(made.path);
  iam::check_tags(made.tags);
  impl_->check_document(made.document, aws::PolicyUse::identity, iam_limit::kManagedPolicy, too_large());
  ManagedPolicy policy;
  policy.account = made.account;
  policy.id = iam::fresh_policy_id(impl_->random);
  policy.name = made.name;
  policy.path = made.path;
  policy.arn = iam::arn_of(policy);
  policy.description = made.description;
  policy.created = policy.updated = impl_->clock.now();
  policy.tags = made.tags;
  Impl::Work work = [policy, document = made.document](store::Db& db, Impl::Touched& touched) {
    if (managed_policy_rows::is_taken(db, policy.account, policy.name))
      throw iam::already_exists("A policy called " + policy.name +
                                " already exists. Duplicate names are not allowed.");
    if (managed_policy_rows::count(db, policy.account) >= iam_limit::kPolicies)
      throw iam::over_quota("PoliciesPerAccount", iam_limit::kPolicies);
    managed_policy_rows::insert(db, policy);
    managed_policy_rows::insert_version(db, policy.arn, {1, document, true, policy.created});
    touched.managed(policy);
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
  co_return policy;
}

base::Task<ManagedPolicy> Principals::get_managed(AccountId account, std::string arn) {
  auto reading = impl_->store.read_value([account, arn](store::Db& db) {
    auto policy = need_managed(db, account, arn, iam::no_such_policy);
    managed_policy_rows::count_uses(db, account, policy);
    return policy;
  });
  auto policy = co_await reading;
  co_return policy;
}

base::Task<void> Principals::remove_managed(AccountId account, std::string arn) {
  Impl::Work work = [account, arn](store::Db& db, Impl::Touched& touched) {
    auto policy = need_own(db, account, arn);
    managed_policy_rows::count_uses(db, account, policy);
    if (policy.attached + policy.boundaries > 0)
      throw iam::delete_conflict("Cannot delete a policy attached to entities.");
    if (managed_policy_rows::versions(db, policy).size() > 1)
      throw iam::delete_conflict(
          "This policy has more than one version. Before you delete a policy, you must delete the policy's "
          "versions. The default version is deleted with the policy.");
    managed_policy_rows::erase(db, arn);
    touched.managed(policy);
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
}

base::Task<Page<ManagedPolicy>> Principals::list_managed(AccountId account, PolicyFilter filter,
                                                         PageRequest wanted) {
  auto reading = impl_->store.read_value([account, filter, wanted](store::Db& db) {
    auto all = filtered(db, account, filter);
    // An account's policy may have the name of one of AWS's, so the ARN tells where a page begins.
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.arn < b.arn; });
    return cut_page(all, wanted, &ManagedPolicy::arn);
  });
  auto page = co_await reading;
  co_return page;
}

base::Task<PolicyVersion> Principals::create_version(NewVersion made) {
  auto refuse = impl_->later([&] {
    impl_->check_document(made.document, aws::PolicyUse::identity, iam_limit::kManagedPolicy, too_large());
  });
  auto version = std::make_shared<PolicyVersion>();
  Impl::Work work = [made, version, refuse, now = impl_->clock.now()](store::Db& db, Impl::Touched& touched) {
    const auto policy = need_own(db, made.account, made.arn);
    refuse();
    if (static_cast<std::int64_t>(managed_policy_rows::versions(db, policy).size()) >= iam_limit::kVersions)
      throw iam::limit_exceeded(
          "A managed policy can have up to " + std::to_string(iam_limit::kVersions) +
          " versions. Before you create a new version, you must delete an existing version.");
    *version = {managed_policy_rows::next_version(db, policy.arn), made.document, made.as_default, now};
    managed_policy_rows::insert_version(db, policy.arn, *version);
    if (made.as_default) managed_policy_rows::set_default(db, policy.arn, version->number, now);
    touched.managed(policy);
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
  co_return *version;
}

base::Task<PolicyVersion> Principals::get_version(AccountId account, std::string arn, std::string version) {
  auto reading = impl_->store.read_value([account, arn, version](store::Db& db) {
    const auto policy = need_managed(db, account, arn, iam::no_such_policy);
    const int number = iam::version_number(version);
    if (const auto* builtin = find_builtin_policy(arn); builtin && number == policy.default_version)
      return builtin_version(*builtin);
    need_version(db, policy, version);
    return *managed_policy_rows::version(db, policy, number);
  });
  auto found = co_await reading;
  co_return found;
}

base::Task<std::vector<PolicyVersion>> Principals::list_versions(AccountId account, std::string arn) {
  auto reading = impl_->store.read_value([account, arn](store::Db& db) {
    const auto policy = need_managed(db, account, arn, iam::no_such_policy);
    const auto* builtin = find_builtin_policy(arn);
    return builtin ? std::vector{builtin_version(*builtin)} : managed_policy_rows::versions(db, policy);
  });
  auto found = co_await reading;
  co_return found;
}

base::Task<void> Principals::remove_version(AccountId account, std::string arn, std::string version) {
  Impl::Work work = [account, arn, version](store::Db& db, Impl::Touched& touched) {
    const auto policy = need_own(db, account, arn);
    const int number = need_version(db, policy, version);
    if (number == policy.default_version)
      throw iam::delete_conflict("Cannot delete the default version of a policy.");
    managed_policy_rows::erase_version(db, arn, number);
    touched.managed(policy);
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
}

base::Task<void> Principals::set_default_version(AccountId account, std::string arn, std::string version) {
  Impl::Work work = [account, arn, version, now = impl_->clock.now()](store::Db& db, Impl::Touched& touched) {
    const auto policy = need_own(db, account, arn);
    managed_policy_rows::set_default(db, arn, need_version(db, policy, version), now);
    touched.managed(policy);
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
}

base::Task<PolicyEntities> Principals::entities_of(AccountId account, std::string arn, bool as_boundary) {
  auto reading = impl_->store.read_value([account, arn, as_boundary](store::Db& db) {
    need_managed(db, account, arn, iam::no_such_policy);
    PolicyEntities out;
    for (auto& p : as_boundary ? principal_rows::bounded(db, account, arn)
                               : principal_rows::holders(db, account, arn)) {
      auto& list = p.kind == PrincipalKind::user    ? out.users
                   : p.kind == PrincipalKind::group ? out.groups
                                                    : out.roles;
      list.push_back(std::move(p));
    }
    return out;
  });
  auto found = co_await reading;
  co_return found;
}

}  // namespace ses

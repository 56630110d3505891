// Inline policies of users, groups and roles, and the managed policies attached to them.
#include <algorithm>

#include "ses/builtin_policies.h"
#include "ses/iam_page.h"
#include "ses/managed_policy_rows.h"
#include "ses/principal_impl.h"

namespace ses {
namespace {

std::size_t size_quota(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::user:
      return iam_limit::kUserPolicy;
    case PrincipalKind::group:
      return iam_limit::kGroupPolicy;
    default:
      return iam_limit::kRolePolicy;
  }
}

std::string too_large(const PrincipalName& name) {
  return "Maximum policy size of " + std::to_string(size_quota(name.kind)) + " bytes exceeded for " +
         std::string(iam::word_of(name.kind)) + " " + name.name;
}

// The quota counts all inline policies of the principal together.
void check_sizes(store::Db& db, const Principal& p, const InlinePolicy& added) {
  auto total = iam::size_of(added.document);
  for (const auto& policy : principal_rows::inline_policies(db, p.id))
    if (policy.name != added.name) total += iam::size_of(policy.document);
  if (total > size_quota(p.kind)) throw iam::limit_exceeded(too_large(p.named()));
}

base::Fault no_such_inline(const PrincipalName& name, const std::string& policy) {
  return iam::no_such_entity("The " + std::string(iam::word_of(name.kind)) + " policy with name " + policy +
                             " cannot be found.");
}

const char* attach_quota(PrincipalKind kind) {
  return kind == PrincipalKind::user    ? "PoliciesPerUser"
         : kind == PrincipalKind::group ? "PoliciesPerGroup"
                                        : "PoliciesPerRole";
}

// An ARN ends in the policy's name; what comes before it, from the colon on, is the path.
std::string path_of(const std::string& arn) {
  const auto from = arn.find(":policy/");
  return from == arn.npos ? std::string("/") : arn.substr(from + 7, arn.rfind('/') - from - 6);
}

}  // namespace

base::Fault boundary_not_attachable(const std::string& arn) {
  return iam::no_such_entity("Scope ARN: " + arn + " does not exist or is not attachable.");
}

ManagedPolicy need_managed(store::Db& db, const AccountId& account, const std::string& arn,
                           base::Fault (*fault)(const std::string& arn)) {
  if (const auto* builtin = find_builtin_policy(arn)) return builtin->facts;
  auto found = managed_policy_rows::find(db, arn);
  if (!found || found->account != account) throw fault(arn);
  return *std::move(found);
}

base::Task<void> Principals::put_policy(PrincipalName name, InlinePolicy policy) {
  iam::check_policy_name(policy.name);
  auto refuse = impl_->later([&] {
    impl_->check_document(policy.document, aws::PolicyUse::identity, size_quota(name.kind), too_large(name));
  });
  Impl::Edit edit = [policy, refuse](store::Db& db, Principal& p) {
    refuse();
    check_sizes(db, p, policy);
    principal_rows::put_inline(db, p.id, policy);
    return false;
  };
  auto editing = impl_->edit(std::move(name), std::move(edit));
  co_await editing;
}

base::Task<InlinePolicy> Principals::get_policy(PrincipalName name, std::string policy) {
  auto reading = impl_->store.read_value([name, policy](store::Db& db) {
    for (auto& held : principal_rows::inline_policies(db, principal_rows::need(db, name).id))
      if (held.name == policy) return held;
    throw no_such_inline(name, policy);
  });
  auto found = co_await reading;
  co_return found;
}

base::Task<void> Principals::remove_policy(PrincipalName name, std::string policy) {
  Impl::Edit edit = [name, policy](store::Db& db, Principal& p) {
    if (!principal_rows::erase_inline(db, p.id, policy)) throw no_such_inline(name, policy);
    return false;
  };
  auto editing = impl_->edit(std::move(name), std::move(edit));
  co_await editing;
}

base::Task<Page<InlinePolicy>> Principals::list_policies(PrincipalName name, PageRequest wanted) {
  auto reading = impl_->store.read_value([name, wanted](store::Db& db) {
    return cut_page(principal_rows::inline_policies(db, principal_rows::need(db, name).id), wanted);
  });
  auto page = co_await reading;
  co_return page;
}

base::Task<void> Principals::attach(PrincipalName name, std::string arn) {
  Impl::Edit edit = [arn](store::Db& db, Principal& p) {
    need_managed(db, p.account, arn, iam::not_attachable);
    const auto held = principal_rows::attached(db, p.id);
    if (std::find(held.begin(), held.end(), arn) != held.end()) return false;  // once more is no fault
    if (static_cast<std::int64_t>(held.size()) >= iam_limit::kAttached)
      throw iam::over_quota(attach_quota(p.kind), iam_limit::kAttached);
    principal_rows::attach(db, p.id, arn);
    return false;
  };
  auto editing = impl_->edit(std::move(name), std::move(edit));
  co_await editing;
}

base::Task<void> Principals::detach(PrincipalName name, std::string arn) {
  Impl::Edit edit = [arn](store::Db& db, Principal& p) {
    if (!principal_rows::is_attached(db, p.id, arn)) throw iam::no_such_policy(arn);
    principal_rows::detach(db, p.id, arn);
    return false;
  };
  auto editing = impl_->edit(std::move(name), std::move(edit));
  co_await editing;
}

base::Task<Page<AttachedName>> Principals::list_attached(PrincipalName name, PageRequest wanted) {
  auto reading = impl_->store.read_value([name, wanted](store::Db& db) {
    std::vector<AttachedName> all;
    for (auto& arn : principal_rows::attached(db, principal_rows::need(db, name).id)) {
      if (!path_of(arn).starts_with(wanted.path_prefix)) continue;
      auto policy = arn.substr(arn.rfind('/') + 1);
      all.push_back({std::move(policy), std::move(arn)});
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return cut_page(all, wanted);
  });
  auto page = co_await reading;
  co_return page;
}

}  // namespace ses

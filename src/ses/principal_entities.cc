// Users, groups and roles themselves: made, described, changed, deleted.
#include <algorithm>

#include "base/encoding.h"
#include "ses/access_key_rows.h"
#include "ses/managed_policy_rows.h"
#include "ses/principal_impl.h"

namespace ses {
namespace {

struct Quota {
  const char* name;
  std::int64_t limit;
};
Quota quota_of(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::user:
      return {"UsersPerAccount", iam_limit::kUsers};
    case PrincipalKind::group:
      return {"GroupsPerAccount", iam_limit::kGroups};
    default:
      return {"RolesPerAccount", iam_limit::kRoles};
  }
}

base::Fault name_taken(const PrincipalName& name) {
  return iam::already_exists(std::string(iam::title_of(name.kind)) + " with name " + name.name +
                             " already exists.");
}

void check_max_session(std::chrono::seconds time) {
  if (time < iam_limit::kMinSession || time > iam_limit::kMaxSession)
    throw iam::validation_error("The requested DurationSeconds must be between 3600 and 43200.");
}

std::string trust_too_large() {
  return "Cannot exceed quota for ACLSizePerRole: " + std::to_string(iam_limit::kTrustPolicy);
}

// "must delete access keys first", and so on; IAM finds policies before keys.
const char* what_holds(store::Db& db, const Principal& p) {
  if (!principal_rows::attached(db, p.id).empty()) return "must detach all policies first.";
  if (!principal_rows::inline_policies(db, p.id).empty()) return "must delete policies first.";
  if (p.kind == PrincipalKind::user && !access_key_rows::ids_of(db, p.account, p.id).empty())
    return "must delete access keys first.";
  const bool member = p.kind == PrincipalKind::user && !principal_rows::groups_of(db, p.id).empty();
  const bool peopled = p.kind == PrincipalKind::group && principal_rows::has_members(db, p.id);
  return member || peopled ? "must remove users from group first." : nullptr;
}

void touch_keys(store::Db& db, const Principal& p, std::set<std::string>& keys) {
  if (p.kind != PrincipalKind::user) return;
  for (auto& id : access_key_rows::ids_of(db, p.account, p.id)) keys.insert(std::move(id));
}

bool same_key(const std::string& a, const std::string& b) { return base::iequals(a, b); }

}  // namespace

base::Task<Principal> Principals::create(NewPrincipal made) {
  const auto& name = made.name;
  iam::check_name(name.kind, name.name);
  iam::check_path(made.path);
  iam::check_tags(made.tags);
  Principal p;
  if (name.kind == PrincipalKind::role) {
    if (made.path.starts_with("/aws-service-role/"))
      throw iam::invalid_input("Paths that begin with /aws-service-role/ are for roles of AWS services.");
    check_max_session(made.max_session);
    impl_->check_document(made.trust, aws::PolicyUse::trust, iam_limit::kTrustPolicy, trust_too_large());
    p.trust = made.trust;
    p.max_session = made.max_session;
    p.description = made.description;
  }
  p.account = name.account;
  p.kind = name.kind;
  p.id = iam::fresh_id(name.kind, impl_->random);
  p.name = name.name;
  p.path = made.path;
  p.arn = iam::arn_of(p);
  p.created = impl_->clock.now();
  p.boundary = made.boundary;
  p.tags = made.tags;
  Impl::Work work = [p](store::Db& db, Impl::Touched& touched) {
    if (principal_rows::is_taken(db, p.named(), "")) throw name_taken(p.named());
    const auto quota = quota_of(p.kind);
    if (principal_rows::count(db, p.account, p.kind) >= quota.limit)
      throw iam::over_quota(quota.name, quota.limit);
    if (!p.boundary.empty()) need_managed(db, p.account, p.boundary, boundary_not_attachable);
    principal_rows::insert(db, p);
    touched.principal(p);
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
  co_return p;
}

base::Task<Principal> Principals::get(PrincipalName name) {
  auto reading = impl_->store.read_value([name](store::Db& db) { return principal_rows::need(db, name); });
  auto found = co_await reading;
  co_return found;
}

base::Task<Principal> Principals::update(PrincipalName name, PrincipalChange change) {
  if (change.name) iam::check_name(name.kind, *change.name);
  if (change.path) iam::check_path(*change.path);
  if (change.max_session) check_max_session(*change.max_session);
  auto refuse = impl_->later([&] {
    if (change.trust)
      impl_->check_document(*change.trust, aws::PolicyUse::trust, iam_limit::kTrustPolicy, trust_too_large());
  });
  auto result = std::make_shared<Principal>();
  Impl::Work work = [name, change, result, refuse](store::Db& db, Impl::Touched& touched) {
    auto p = principal_rows::need(db, name);
    refuse();
    if (change.name && principal_rows::is_taken(db, {name.account, name.kind, *change.name}, p.id))
      throw name_taken({name.account, name.kind, *change.name});
    p.name = change.name.value_or(p.name);
    p.path = change.path.value_or(p.path);
    p.description = change.description.value_or(p.description);
    p.trust = change.trust.value_or(p.trust);
    p.max_session = change.max_session.value_or(p.max_session);
    p.arn = iam::arn_of(p);
    principal_rows::update(db, p);
    touched.principal(p);
    touch_keys(db, p, touched.keys);
    *result = p;
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
  co_return *result;
}

base::Task<void> Principals::remove(PrincipalName name) {
  Impl::Work work = [name](store::Db& db, Impl::Touched& touched) {
    const auto p = principal_rows::need(db, name);
    if (const auto* held = what_holds(db, p))
      throw iam::delete_conflict(std::string("Cannot delete entity, ") + held);
    principal_rows::erase(db, p.id);
    touched.principal(p);
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
}

base::Task<Page<Principal>> Principals::list(AccountId account, PrincipalKind kind, PageRequest wanted) {
  auto reading = impl_->store.read_value(
      [account, kind, wanted](store::Db& db) { return principal_rows::page(db, account, kind, wanted); });
  auto page = co_await reading;
  co_return page;
}

base::Task<IamSummary> Principals::summary(AccountId account) {
  auto reading = impl_->store.read_value([account](store::Db& db) {
    IamSummary s;
    s.users = principal_rows::count(db, account, PrincipalKind::user);
    s.groups = principal_rows::count(db, account, PrincipalKind::group);
    s.roles = principal_rows::count(db, account, PrincipalKind::role);
    s.policies = managed_policy_rows::count(db, account);
    s.versions = managed_policy_rows::count_versions(db, account);
    s.root_keys = static_cast<std::int64_t>(access_key_rows::ids_of(db, account, "").size());
    return s;
  });
  auto summary = co_await reading;
  co_return summary;
}

base::Task<void> Principals::tag(PrincipalName name, std::vector<Tag> tags) {
  iam::check_tags(tags);
  Impl::Edit edit = [tags](store::Db&, Principal& p) {
    for (const auto& tag : tags) {
      const auto same = [&](const Tag& t) { return same_key(t.name, tag.name); };
      const auto at = std::find_if(p.tags.begin(), p.tags.end(), same);
      if (at == p.tags.end()) {
        p.tags.push_back(tag);
      } else {
        *at = tag;
      }
    }
    iam::check_tags(p.tags);
    return true;
  };
  auto editing = impl_->edit(std::move(name), std::move(edit));
  co_await editing;
}

base::Task<void> Principals::untag(PrincipalName name, std::vector<std::string> keys) {
  Impl::Edit edit = [keys](store::Db&, Principal& p) {
    std::erase_if(p.tags, [&](const Tag& tag) {
      return std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return same_key(tag.name, key); });
    });
    return true;
  };
  auto editing = impl_->edit(std::move(name), std::move(edit));
  co_await editing;
}

base::Task<void> Principals::set_boundary(PrincipalName name, std::string arn) {
  Impl::Edit edit = [arn](store::Db& db, Principal& p) {
    if (!arn.empty()) need_managed(db, p.account, arn, boundary_not_attachable);
    p.boundary = arn;
    return true;
  };
  auto editing = impl_->edit(std::move(name), std::move(edit));
  co_await editing;
}

}  // namespace ses

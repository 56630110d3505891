// Who is in which group.
#include "ses/principal_impl.h"

namespace ses {
namespace {

using Read = Page<Principal> (*)(store::Db& db, const std::string& id, const PageRequest& wanted);

base::Task<Page<Principal>> read_of(store::Store& store, PrincipalName name, Read read, PageRequest wanted) {
  auto reading = store.read_value(
      [name, read, wanted](store::Db& db) { return read(db, principal_rows::need(db, name).id, wanted); });
  auto page = co_await reading;
  co_return page;
}

}  // namespace

base::Task<void> Principals::add_member(AccountId account, std::string group, std::string user) {
  Impl::Work work = [account, group, user](store::Db& db, Impl::Touched& touched) {
    const auto g = principal_rows::need(db, {account, PrincipalKind::group, group});
    const auto u = principal_rows::need(db, {account, PrincipalKind::user, user});
    const auto in = principal_rows::groups_of(db, u.id);
    const bool there = principal_rows::is_member(db, g.id, u.id);
    if (!there && static_cast<std::int64_t>(in.size()) >= iam_limit::kGroupsPerUser)
      throw iam::over_quota("GroupsPerUser", iam_limit::kGroupsPerUser);
    principal_rows::add_member(db, g.id, u.id);
    touched.principal(u);
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
}

base::Task<void> Principals::remove_member(AccountId account, std::string group, std::string user) {
  Impl::Work work = [account, group, user](store::Db& db, Impl::Touched& touched) {
    const auto g = principal_rows::need(db, {account, PrincipalKind::group, group});
    const auto u = principal_rows::need(db, {account, PrincipalKind::user, user});
    principal_rows::remove_member(db, g.id, u.id);
    touched.principal(u);
  };
  auto changing = impl_->change(std::move(work));
  co_await changing;
}

base::Task<Page<Principal>> Principals::list_members(AccountId account, std::string group,
                                                     PageRequest wanted) {
  PrincipalName name{std::move(account), PrincipalKind::group, std::move(group)};
  return read_of(impl_->store, std::move(name), principal_rows::members, std::move(wanted));
}

base::Task<Page<Principal>> Principals::list_groups_of(AccountId account, std::string user,
                                                       PageRequest wanted) {
  PrincipalName name{std::move(account), PrincipalKind::user, std::move(user)};
  return read_of(impl_->store, std::move(name), principal_rows::groups, std::move(wanted));
}

}  // namespace ses

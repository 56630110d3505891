// The configuration set that mail from an identity goes with where the call names none (SES §5.6, §8.6).
#include "base/encoding.h"
#include "base/fault.h"
#include "mail/address.h"
#include "ses/configuration_set.h"
#include "ses/configuration_set_rows.h"
#include "ses/identity_impl.h"
#include "ses/identity_name.h"

namespace ses {

void check_default_set(store::Db& db, const Scope& scope, const std::optional<std::string>& set) {
  if (set && !set->empty() && !configuration_set_rows::exists(db, scope, *set))
    no_such_configuration_set(*set);
}

base::Task<void> Identities::set_configuration_set(Caller caller, std::string name,
                                                   std::optional<std::string> set) {
  auto normal = normal_name(name).value_or(name);
  if (set && set->empty()) set.reset();
  Impl::Decide decide = [scope = caller.scope, name, set](store::Db& db,
                                                          const std::optional<Identity>& current) {
    if (!current) throw base::Fault(base::FaultKind::not_found, "Identity <" + name + "> does not exist.");
    check_default_set(db, scope, set);
    auto identity = *current;
    identity.configuration_set = set;
    return Impl::Outcome{Impl::Outcome::save, std::move(identity)};
  };
  co_await impl_->change(caller.scope, normal, std::move(decide));
}

// The most specific address that is verified, then the nearest verified domain: an address without a set of
// its own takes its domain's.
std::optional<std::string> Identities::default_configuration_set(const Scope& scope,
                                                                 std::string_view address) const {
  auto at = address.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  auto given = address.substr(at + 1);
  auto domain = base::is_ascii(given) ? std::optional(base::ascii_lower(given)) : normal_domain(given);
  if (!domain || domain->empty()) return std::nullopt;
  auto names = impl_->view.names(scope);
  auto local = address.substr(0, at);
  for (const auto& own : {std::string(local), std::string(mail::strip_label(local))}) {
    auto listed = IdentityView::find(*names, own + "@" + *domain);
    if (!listed || !listed->verified()) continue;
    if (listed->configuration_set) return listed->configuration_set;
    break;
  }
  for (std::optional<std::string_view> next = *domain; next; next = parent_domain(*next)) {
    auto identity = IdentityView::find(*names, *next);
    if (identity && identity->verified()) return identity->configuration_set;
  }
  return std::nullopt;
}

}  // namespace ses

// What looking at DNS makes of identities, when they are looked at, and the words for their states (SES
// §8.3).
#include "ses/identity_impl.h"
#include "ses/verification.h"
#include "ses/verification_notice.h"

namespace ses {

base::Task<void> Identities::record_check(Scope scope, std::string name, CheckResult result) {
  auto* impl = impl_.get();
  Impl::Decide decide = [impl, result](store::Db& db, const std::optional<Identity>& current) {
    // Changed since it was looked at: the look is repeated, it is still due.
    if (!current || current->generation != result.generation) return Impl::Outcome{};
    auto identity = *current;
    // What the clock did since the look began is for the next one to see.
    auto at = result.at;
    auto grace = [at](std::optional<base::WallTime>& since, VerificationStatus status) {
      if (status != VerificationStatus::temporary_failure) {
        since.reset();
      } else if (!since) {
        since = at;
      }
    };
    // An address is looked at for its MAIL FROM only, or because its link ends.
    bool looked = identity.kind == IdentityKind::domain || identity.status != result.status;
    identity.status = result.status;
    identity.dkim.status = result.dkim_status;
    if (result.dkim_status == VerificationStatus::success) Impl::use_next_key(identity.dkim);
    grace(identity.failing, result.status);
    grace(identity.dkim.failing, result.dkim_status);
    identity.error_type = result.error_type;
    if (looked) identity.last_checked = at;
    if (looked && result.status == VerificationStatus::success) identity.last_success = at;
    if (result.mail_from_status) {
      identity.mail_from.status = *result.mail_from_status;
      identity.mail_from.checked = at;
      grace(identity.mail_from.failing, *result.mail_from_status);
    }
    for (const auto& notice : verification_notices(impl->settings, *current, identity))
      put_system_mail(db, notice, impl->clock.now());
    return Impl::Outcome{Impl::Outcome::save, std::move(identity)};
  };
  co_await impl->change(scope, name, std::move(decide));
}

std::vector<IdentityPtr> Identities::due_checks(base::WallTime now) const {
  std::vector<IdentityPtr> out;
  for (const auto& names : impl_->view.scopes())
    for (const auto& [name, entry] : *names) {
      if (!entry.identity || !impl_->is_looked_at(*entry.identity)) continue;
      auto due = next_look(*entry.identity);
      if (due && *due <= now) out.push_back(entry.identity);
    }
  return out;
}

std::optional<base::WallTime> Identities::next_check() const {
  std::optional<base::WallTime> first;
  for (const auto& names : impl_->view.scopes())
    for (const auto& [name, entry] : *names) {
      if (!entry.identity || !impl_->is_looked_at(*entry.identity)) continue;
      auto due = next_look(*entry.identity);
      if (due && (!first || *due < *first)) first = due;
    }
  return first;
}

std::string_view v1_status(VerificationStatus status) {
  switch (status) {
    case VerificationStatus::pending:
      return "Pending";
    case VerificationStatus::success:
      return "Success";
    case VerificationStatus::failed:
      return "Failed";
    case VerificationStatus::temporary_failure:
      return "TemporaryFailure";
    case VerificationStatus::not_started:
      break;
  }
  return "NotStarted";
}

std::string_view v2_status(VerificationStatus status) {
  switch (status) {
    case VerificationStatus::pending:
      return "PENDING";
    case VerificationStatus::success:
      return "SUCCESS";
    case VerificationStatus::failed:
      return "FAILED";
    case VerificationStatus::temporary_failure:
      return "TEMPORARY_FAILURE";
    case VerificationStatus::not_started:
      break;
  }
  return "NOT_STARTED";
}

}  // namespace ses

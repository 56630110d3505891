// The options of configuration sets that have rules of their own: delivery, suppression, tracking (SES §17).
#include <algorithm>

#include "base/encoding.h"
#include "ses/configuration_set_impl.h"
#include "ses/identity_name.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

[[noreturn]] void refuse(std::string text) { throw Fault(FaultKind::invalid_parameter, std::move(text)); }

bool blank(const std::optional<std::string>& text) { return text && base::trim(*text).empty(); }

std::string not_verified(const std::string& domain) {
  return "Domain <" + domain + "> is not verified under this account.";
}

// v1: the domain is looked at before the set is (SES §17).
void check_v1_domain(const std::string& domain) {
  if (base::trim(domain).empty())
    throw Fault::with_code(FaultKind::invalid_parameter, "InvalidTrackingOptions",
                           "At least one field of TrackingOptions must contain a value.");
}

Fault v1_not_verified(const std::string& domain) {
  return Fault::with_code(FaultKind::invalid_parameter, "InvalidTrackingOptions", not_verified(domain));
}

[[noreturn]] void no_tracking(const std::string& name) {
  throw Fault::with_code(FaultKind::not_found, "TrackingOptionsDoesNotExistException",
                         "There are no tracking options for configuration set <" + name + ">")
      .with("ConfigurationSetName", name);
}

}  // namespace

// A domain below a verified one is verified with it, as for senders (SES §8.1).
void ConfigurationSets::Impl::require_verified_domain(const Scope& scope, const std::string& domain,
                                                      Fault refusal) const {
  auto normal = normal_domain(domain);
  if (!normal) throw refusal;
  for (std::optional<std::string_view> at = *normal; at; at = parent_domain(*at)) {
    auto identity = identities.find(scope, *at);
    if (identity && identity->verified()) return;
  }
  throw refusal;
}

void ConfigurationSets::Impl::check_tracking(const Scope& scope, const TrackingOptions& options) const {
  const auto& domain = options.redirect_domain;
  if (!domain && !options.https_policy) return;
  if (!domain || blank(domain)) refuse("CustomRedirectDomain must be specified.");
  require_verified_domain(scope, *domain, Fault(FaultKind::invalid_parameter, not_verified(*domain)));
  const auto& policy = options.https_policy;
  if (policy && *policy != "OPTIONAL" && *policy != "REQUIRE" && *policy != "REQUIRE_OPEN_ONLY")
    throw Fault(
        FaultKind::validation,
        "1 validation error detected: Value at 'httpsPolicy' failed to satisfy constraint: Member must "
        "satisfy enum value set: [OPTIONAL, REQUIRE, REQUIRE_OPEN_ONLY]");
}

// Dedicated IP addresses are the operator's own, so there are only the pools that every account has.
void check_delivery(const DeliveryOptions& options) {
  const auto& pool = options.sending_pool;
  if (!pool) return;
  if (blank(pool)) refuse("sendingPoolName can't be blank.");
  if (*pool != "ses-default-dedicated-pool" && *pool != "ses-shared-pool")
    refuse("SendingPool <" + *pool + "> doesn't exist");
}

void check_suppression(SuppressionOptions& options) {
  if (!options.reasons) return;
  std::vector<std::string> once;
  for (auto& reason : *options.reasons) {
    if (reason != "BOUNCE" && reason != "COMPLAINT")
      refuse("Reason " + reason + " is invalid, must be one of [BOUNCE, COMPLAINT].");
    if (std::find(once.begin(), once.end(), reason) == once.end()) once.push_back(reason);
  }
  options.reasons = std::move(once);
}

base::Task<void> ConfigurationSets::set_delivery(Caller caller, std::string name, DeliveryOptions options) {
  require(caller.scope, name);
  check_delivery(options);
  Impl::Edit edit = [options = std::move(options)](ConfigurationSet& set) { set.delivery = options; };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

base::Task<void> ConfigurationSets::set_tls_policy(Caller caller, std::string name,
                                                   std::optional<bool> required) {
  Impl::Edit edit = [required](ConfigurationSet& set) { set.delivery.tls_required = required; };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

base::Task<void> ConfigurationSets::set_suppression(Caller caller, std::string name,
                                                    SuppressionOptions options) {
  check_suppression(options);
  // Nothing at all says that nothing is suppressed (SES §16); reasons stay the account's where only the
  // other options were given.
  if (!options.reasons && !options.scope && !options.threshold_enabled) options.reasons.emplace();
  Impl::Edit edit = [options = std::move(options)](ConfigurationSet& set) { set.suppression = options; };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

base::Task<void> ConfigurationSets::set_tracking(Caller caller, std::string name, TrackingOptions options) {
  require(caller.scope, name);
  impl_->check_tracking(caller.scope, options);
  Impl::Edit edit = [options = std::move(options)](ConfigurationSet& set) {
    set.tracking.reset();
    if (options.redirect_domain) set.tracking = options;
  };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

base::Task<void> ConfigurationSets::create_tracking(Caller caller, std::string name, std::string domain) {
  check_configuration_set_name(name);
  check_v1_domain(domain);
  impl_->require_verified_domain(caller.scope, domain, v1_not_verified(domain));
  Impl::Edit edit = [name, domain](ConfigurationSet& set) {
    if (set.tracking)
      throw Fault::with_code(FaultKind::already_exists, "TrackingOptionsAlreadyExistsException",
                             "Configuration set <" + name + "> already has tracking options.")
          .with("ConfigurationSetName", name);
    set.tracking = TrackingOptions{domain, std::nullopt};
  };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

base::Task<void> ConfigurationSets::update_tracking(Caller caller, std::string name, std::string domain) {
  check_configuration_set_name(name);
  check_v1_domain(domain);
  impl_->require_verified_domain(caller.scope, domain, v1_not_verified(domain));
  Impl::Edit edit = [name, domain](ConfigurationSet& set) {
    if (!set.tracking) no_tracking(name);
    set.tracking->redirect_domain = domain;  // v1 does not know of HttpsPolicy and leaves it
  };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

base::Task<void> ConfigurationSets::remove_tracking(Caller caller, std::string name) {
  Impl::Edit edit = [name](ConfigurationSet& set) {
    if (!set.tracking) no_tracking(name);
    set.tracking.reset();
  };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

}  // namespace ses

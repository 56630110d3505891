// ConfigurationSet: named rules for the mail that is sent with it, and where its events go, per account and
// region (SES §17). The rules of making, changing and finding them. Reads come from a snapshot that is
// swapped before a write returns (ARCHITECTURE 3.6): no SQL, any thread. v1 and v2 are two views of it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "ses/event_destination.h"
#include "ses/identity.h"
#include "ses/types.h"
#include "store/store.h"

namespace ses {

// Texts that only travel are kept as v2 spells them: "REQUIRE_OPEN_ONLY", "ENABLED".

struct DeliveryOptions {
  std::optional<bool> tls_required;  // TlsPolicy, if one was given
  std::optional<std::string> sending_pool;
  std::optional<std::chrono::seconds> max_delivery;

  bool empty() const { return !tls_required && !sending_pool && !max_delivery; }
};

struct TrackingOptions {
  std::optional<std::string> redirect_domain;  // there is one in what is stored
  std::optional<std::string> https_policy;
};

// Suppression without `reasons` leaves them to the account; with none in it nothing is suppressed (SES §16).
struct SuppressionOptions {
  std::optional<std::vector<std::string>> reasons;
  std::optional<std::string> scope;              // "TENANT"
  std::optional<std::string> threshold_enabled;  // of ValidationOptions, which are there if this is
  std::optional<std::string> verdict_threshold;
};

struct VdmOptions {
  std::optional<std::string> engagement_metrics, optimized_shared_delivery;

  bool empty() const { return !engagement_metrics && !optimized_shared_delivery; }
};

enum class SigningScheme { standard, smime };  // MessageSecurityOptions

struct ConfigurationSet {
  Scope scope;
  std::string name;
  base::WallTime created;
  bool sending_enabled = true;
  std::optional<base::WallTime> last_fresh_start;  // when sending was last switched on again
  bool reputation_metrics = false;
  DeliveryOptions delivery;
  std::optional<TrackingOptions> tracking;
  std::optional<SuppressionOptions> suppression;
  VdmOptions vdm;
  std::optional<std::string> archive_arn;
  std::optional<SigningScheme> signing_scheme;
  std::vector<Tag> tags;
  std::vector<EventDestination> destinations;  // in the order they were made
  std::int64_t generation = 0;

  const EventDestination* destination(std::string_view name) const;
};
using ConfigurationSetPtr = std::shared_ptr<const ConfigurationSet>;

enum class Wording { v1, v2 };  // where the APIs say one thing differently

class ConfigurationSets {
 public:
  ConfigurationSets(store::Store& store, const Identities& identities, const base::Clock& clock);
  ~ConfigurationSets();

  void load();  // at start; calling thread

  ConfigurationSetPtr find(const Scope& scope, std::string_view name) const;  // null if there is none
  // The same for what manages sets: Fault for a name that cannot be, or that is not there.
  ConfigurationSetPtr require(const Scope& scope, const std::string& name) const;
  std::vector<ConfigurationSetPtr> all(const Scope& scope) const;  // by name

  // `wanted` holds the name and all the options; Fault already_exists, limit_exceeded or that of an option.
  base::Task<void> create(Caller caller, ConfigurationSet wanted);
  base::Task<void> remove(Caller caller, std::string name);

  base::Task<void> set_sending(Caller caller, std::string name, bool enabled);
  base::Task<void> set_reputation_metrics(Caller caller, std::string name, bool enabled);
  base::Task<void> set_delivery(Caller caller, std::string name, DeliveryOptions options);
  base::Task<void> set_tls_policy(Caller caller, std::string name, std::optional<bool> required);  // v1
  base::Task<void> set_suppression(Caller caller, std::string name, SuppressionOptions options);
  base::Task<void> set_vdm(Caller caller, std::string name, VdmOptions options);
  base::Task<void> set_archive(Caller caller, std::string name, std::optional<std::string> arn);
  // nullopt keeps what is stored; the set must exist all the same.
  base::Task<void> set_signing_scheme(Caller caller, std::string name, std::optional<SigningScheme> scheme);

  base::Task<void> set_tracking(Caller caller, std::string name, TrackingOptions options);  // v2
  // v1: made, changed and removed, each of which minds what was there before.
  base::Task<void> create_tracking(Caller caller, std::string name, std::string domain);
  base::Task<void> update_tracking(Caller caller, std::string name, std::string domain);
  base::Task<void> remove_tracking(Caller caller, std::string name);

  base::Task<void> create_destination(Caller caller, std::string name, EventDestination destination);
  base::Task<void> update_destination(Caller caller, std::string name, EventDestination destination,
                                      Wording wording);
  base::Task<void> remove_destination(Caller caller, std::string name, std::string destination,
                                      Wording wording);

  // For the tag operations (SES §25.3): nullopt / false if there is no such set. A Fault that `edit` throws
  // leaves the tags as they stand; it may run twice.
  std::optional<std::vector<Tag>> tags(const Scope& scope, std::string_view name) const;
  base::Task<bool> edit_tags(Caller caller, std::string name, std::function<void(std::vector<Tag>&)> edit);
  base::Task<bool> set_tags(Caller caller, std::string name, std::vector<Tag> tags);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// "Configuration set <N> does not exist."
[[noreturn]] void no_such_configuration_set(const std::string& name);
void check_configuration_set_name(std::string_view name);

inline std::string configuration_set_arn(const Scope& scope, const std::string& name) {
  return "arn:aws:ses:" + scope.region.str() + ":" + scope.account.str() + ":configuration-set/" + name;
}

}  // namespace ses

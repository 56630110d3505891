#include "ses/configuration_set.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/fault.h"
#include "base/random.h"
#include "ses/configuration_set_impl.h"
#include "ses/configuration_set_rows.h"
#include "ses/generation.h"
#include "ses/tags.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::int64_t kMaxSets = 10000;  // SES §17
constexpr std::size_t kMaxName = 64;

[[noreturn]] void refuse(std::string text) { throw Fault(FaultKind::invalid_parameter, std::move(text)); }

}  // namespace

void no_such_configuration_set(const std::string& name) {
  throw Fault(FaultKind::configuration_set_not_found, "Configuration set <" + name + "> does not exist.")
      .with("ConfigurationSetName", name);
}

void check_configuration_set_name(std::string_view name) {
  if (name.empty()) refuse("The configuration set name must be specified.");
  if (base::utf16_length(name) > kMaxName) refuse("Configuration set name cannot exceed 64 characters.");
  bool good = std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || c == '-' || base::kAlnum.find(c) != std::string_view::npos;
  });
  if (!good)
    refuse("Invalid configuration set name <" + std::string(name) +
           ">: only alphanumeric ASCII characters, '_', and '-' are allowed.");
}

const EventDestination* ConfigurationSet::destination(std::string_view wanted) const {
  for (const auto& d : destinations)
    if (d.name == wanted) return &d;
  return nullptr;
}

base::Task<void> ConfigurationSets::Impl::write(Scope scope, std::string name, Decide decide) {
  struct Written {
    ConfigurationSetPtr set;
    std::int64_t generation = 0;
  };
  ScopedView<ConfigurationSet>::Writing writing(view);
  std::function<Written(store::Db&)> job = [scope, name, decide = std::move(decide)](store::Db& db) {
    auto made = decide(db, configuration_set_rows::find(db, scope, name));
    Written w;
    w.generation = next_generation(db, "configuration_set");
    if (made) {
      made->scope = scope;
      made->name = name;
      made->generation = w.generation;
      configuration_set_rows::save(db, *made);
      w.set = std::make_shared<const ConfigurationSet>(std::move(*made));
    } else {
      configuration_set_rows::erase(db, scope, name);
    }
    return w;
  };
  auto written = co_await store.write_value(std::move(job));
  view.publish(scope, name, written.set, written.generation);
}

base::Task<void> ConfigurationSets::Impl::edit(Scope scope, std::string name, Edit edit) {
  check_configuration_set_name(name);
  Decide decide = [name, edit = std::move(edit)](store::Db&, const std::optional<ConfigurationSet>& current) {
    if (!current) no_such_configuration_set(name);
    auto set = *current;
    edit(set);
    return std::optional(std::move(set));
  };
  co_await write(scope, name, std::move(decide));
}

ConfigurationSets::ConfigurationSets(store::Store& store, const Identities& identities,
                                     const base::Clock& clock)
    : impl_(new Impl(store, identities, clock)) {}
ConfigurationSets::~ConfigurationSets() = default;

void ConfigurationSets::load() {
  std::vector<ConfigurationSet> sets;
  impl_->store.read_now([&sets](store::Db& db) { sets = configuration_set_rows::all(db); });
  impl_->view.fill(std::move(sets));
}

ConfigurationSetPtr ConfigurationSets::find(const Scope& scope, std::string_view name) const {
  return impl_->view.find(scope, name);
}

ConfigurationSetPtr ConfigurationSets::require(const Scope& scope, const std::string& name) const {
  check_configuration_set_name(name);
  auto set = find(scope, name);
  if (!set) no_such_configuration_set(name);
  return set;
}

std::vector<ConfigurationSetPtr> ConfigurationSets::all(const Scope& scope) const {
  return impl_->view.sorted(scope);
}

base::Task<void> ConfigurationSets::create(Caller caller, ConfigurationSet wanted) {
  check_configuration_set_name(wanted.name);
  check_tags(wanted.tags);
  if (wanted.suppression) check_suppression(*wanted.suppression);
  if (wanted.tracking) impl_->check_tracking(caller.scope, *wanted.tracking);
  check_delivery(wanted.delivery);
  wanted.created = impl_->clock.now();
  auto name = wanted.name;
  Impl::Decide decide = [scope = caller.scope, wanted = std::move(wanted)](
                            store::Db& db, const std::optional<ConfigurationSet>& current) {
    if (current)
      throw Fault::with_code(FaultKind::already_exists, "ConfigurationSetAlreadyExists",
                             "Configuration set <" + wanted.name + "> already exists.")
          .with("ConfigurationSetName", wanted.name);
    if (configuration_set_rows::count(db, scope) >= kMaxSets)
      throw Fault(FaultKind::limit_exceeded,
                  "The number of configuration sets exceeds the maximum of 10000.");
    return std::optional(wanted);
  };
  co_await impl_->write(caller.scope, name, std::move(decide));
}

base::Task<void> ConfigurationSets::remove(Caller caller, std::string name) {
  check_configuration_set_name(name);
  Impl::Decide decide = [name](store::Db&, const std::optional<ConfigurationSet>& current) {
    if (!current) no_such_configuration_set(name);
    return std::optional<ConfigurationSet>();
  };
  co_await impl_->write(caller.scope, name, std::move(decide));
}

base::Task<void> ConfigurationSets::set_sending(Caller caller, std::string name, bool enabled) {
  auto now = impl_->clock.now();
  Impl::Edit edit = [enabled, now](ConfigurationSet& set) {
    if (enabled && !set.sending_enabled) set.last_fresh_start = now;  // SES §7
    set.sending_enabled = enabled;
  };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

base::Task<void> ConfigurationSets::set_reputation_metrics(Caller caller, std::string name, bool enabled) {
  Impl::Edit edit = [enabled](ConfigurationSet& set) { set.reputation_metrics = enabled; };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

base::Task<void> ConfigurationSets::set_vdm(Caller caller, std::string name, VdmOptions options) {
  Impl::Edit edit = [options = std::move(options)](ConfigurationSet& set) { set.vdm = options; };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

base::Task<void> ConfigurationSets::set_archive(Caller caller, std::string name,
                                                std::optional<std::string> arn) {
  Impl::Edit edit = [arn = std::move(arn)](ConfigurationSet& set) { set.archive_arn = arn; };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

base::Task<void> ConfigurationSets::set_signing_scheme(Caller caller, std::string name,
                                                       std::optional<SigningScheme> scheme) {
  Impl::Edit edit = [scheme](ConfigurationSet& set) {
    if (scheme) set.signing_scheme = scheme;
  };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

std::optional<std::vector<Tag>> ConfigurationSets::tags(const Scope& scope, std::string_view name) const {
  auto set = find(scope, name);
  if (!set) return std::nullopt;
  return set->tags;
}

base::Task<bool> ConfigurationSets::edit_tags(Caller caller, std::string name,
                                              std::function<void(std::vector<Tag>&)> edit) {
  if (!find(caller.scope, name)) co_return false;
  Impl::Edit change = [edit = std::move(edit)](ConfigurationSet& set) {
    edit(set.tags);
    check_tags(set.tags);
  };
  co_await impl_->edit(caller.scope, name, std::move(change));
  co_return true;
}

base::Task<bool> ConfigurationSets::set_tags(Caller caller, std::string name, std::vector<Tag> tags) {
  std::function<void(std::vector<Tag>&)> edit = [tags = std::move(tags)](std::vector<Tag>& held) {
    held = tags;
  };
  co_return co_await edit_tags(std::move(caller), std::move(name), std::move(edit));
}

}  // namespace ses

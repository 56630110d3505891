// The configuration set of a send (SES §5.6, §17).
#include "base/fault.h"
#include "send/steps.h"

namespace send {

using base::Fault;
using base::FaultKind;

namespace {

// Of the identity that From names. System mail and bounces have a set only if they are told one.
std::optional<std::string> default_set(const Service& service, const Submission& s, const Addresses& a) {
  if (s.door == Door::system || s.null_sender || a.from.empty()) return std::nullopt;
  return service.identities.default_configuration_set(s.caller.scope, a.from.front().addr());
}

// SES §5.6: v2 calls it a bad request where it was the identity that named a set that is gone.
[[noreturn]] void default_is_gone(const Submission& s, const std::string& name) {
  if (s.door != Door::v2) ses::no_such_configuration_set(name);
  throw Fault(FaultKind::invalid_parameter, "Configuration set <" + name + "> does not exist.");
}

}  // namespace

Effective configure(const Service& service, const Submission& s, const Addresses& addresses) {
  bool named = s.configuration_set && !s.configuration_set->empty();
  auto name = named ? s.configuration_set : default_set(service, s, addresses);
  if (!name) return {};
  auto set = service.configuration_sets.find(s.caller.scope, *name);
  if (!set && named) ses::no_such_configuration_set(*name);
  if (!set) default_is_gone(s, *name);
  if (!set->sending_enabled)
    throw Fault(FaultKind::configuration_set_paused, "Sending is paused for configuration set " + *name)
        .with("ConfigurationSetName", *name);

  Effective effective;
  effective.configuration_set = set->name;
  effective.tls_required = set->delivery.tls_required.value_or(false);
  effective.max_delivery = set->delivery.max_delivery;
  if (set->suppression) effective.suppressed_reasons = set->suppression->reasons;
  return effective;
}

}  // namespace send

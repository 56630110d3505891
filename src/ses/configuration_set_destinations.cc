// The event destinations of configuration sets (SES §17). They are kept and checked here; publishing is the
// work of events/.
#include <algorithm>

#include "ses/configuration_set_impl.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

auto position(ConfigurationSet& set, const std::string& name) {
  return std::find_if(set.destinations.begin(), set.destinations.end(),
                      [&](const EventDestination& d) { return d.name == name; });
}

// SES §17: one fault in two wordings.
[[noreturn]] void no_such_destination(const std::string& set, const std::string& name, Wording wording) {
  auto text = wording == Wording::v1 ? "No EventDestination found for " + name
                                     : "An event destination with name <" + name +
                                           "> does not exist for configuration set <" + set + ">.";
  throw Fault::with_code(FaultKind::not_found, "EventDestinationDoesNotExist", std::move(text))
      .with("ConfigurationSetName", set)
      .with("EventDestinationName", name);
}

}  // namespace

base::Task<void> ConfigurationSets::create_destination(Caller caller, std::string name,
                                                       EventDestination destination) {
  check_configuration_set_name(name);
  check_destination(name, destination);
  Impl::Edit edit = [scope = caller.scope, name, destination](ConfigurationSet& set) {
    if (set.destination(destination.name))
      throw Fault::with_code(FaultKind::already_exists, "EventDestinationAlreadyExists",
                             "An event destination with name <" + destination.name +
                                 "> already exists for configuration set <" + name + ">.")
          .with("ConfigurationSetName", name)
          .with("EventDestinationName", destination.name);
    if (set.destinations.size() >= kMaxEventDestinations)
      throw Fault(FaultKind::limit_exceeded, "The number of event destinations of configuration set <" +
                                                 name + "> exceeds the maximum of 10.");
    check_target(scope, name, destination);
    set.destinations.push_back(destination);
  };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

base::Task<void> ConfigurationSets::update_destination(Caller caller, std::string name,
                                                       EventDestination destination, Wording wording) {
  check_configuration_set_name(name);
  check_destination(name, destination);
  Impl::Edit edit = [scope = caller.scope, name, destination, wording](ConfigurationSet& set) {
    auto found = position(set, destination.name);
    if (found == set.destinations.end()) no_such_destination(name, destination.name, wording);
    check_target(scope, name, destination);
    *found = destination;
  };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

base::Task<void> ConfigurationSets::remove_destination(Caller caller, std::string name,
                                                       std::string destination, Wording wording) {
  check_configuration_set_name(name);
  check_destination_name(destination);
  Impl::Edit edit = [name, destination, wording](ConfigurationSet& set) {
    auto found = position(set, destination);
    if (found == set.destinations.end()) no_such_destination(name, destination, wording);
    set.destinations.erase(found);
  };
  co_await impl_->edit(caller.scope, name, std::move(edit));
}

}  // namespace ses

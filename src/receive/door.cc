#include "receive/door.h"

#include <algorithm>

#include "receive/session.h"
#include "ses/receipt_match.h"

namespace receive {
namespace {

constexpr const char* kBlocked = "554 5.7.1 No SMTP service here: your address is blocked";

smtp::ServerFeatures features_of(const DoorOptions& options) {
  smtp::ServerFeatures features;
  features.starttls = options.tls != nullptr;
  features.tls = options.tls;
  features.auth = features.require_auth = false;
  features.smtputf8 = true;
  features.size = options.session.max_message;
  return features;
}

// Every account and region that receives keeps the client out; none of them is asked any more.
bool blocked_by_all(const ses::Receipt& receipt, const std::string& peer) {
  const auto setups = receipt.receiving();
  return !setups->empty() && std::all_of(setups->begin(), setups->end(), [&](const auto& setup) {
    return ses::filter_verdict(setup->filters, peer) == ses::FilterVerdict::blocked;
  });
}

std::string host_of(const ses::Settings& settings) {
  const auto region = settings.regions.empty() ? std::string("us-east-1") : settings.regions.front();
  return "inbound-smtp." + region + "." + settings.service_domain;
}

}  // namespace

InboundDoor::InboundDoor(send::Service& service, Intake& intake, net::LoopPool& loops, DoorOptions options)
    : service_(service),
      options_(options),
      shared_(std::make_shared<DoorShared>(intake, service.random, host_of(service.settings),
                                           options.mail_rate)) {
  auto make = [shared = shared_](std::string peer, std::shared_ptr<smtp::SessionState> state) {
    return std::make_unique<Session>(shared, std::move(state), std::move(peer));
  };
  door_ = std::make_unique<smtp::Door>(loops, std::move(options), std::move(make));
}

InboundDoor::~InboundDoor() { drain(net::Steady::now()); }

net::Endpoint InboundDoor::listen(const net::Endpoint& endpoint, bool filtered) {
  smtp::Door::Refuse refuse;
  if (filtered)
    refuse = [receipt = &service_.receipt](const std::string& peer) {
      return std::string(blocked_by_all(*receipt, peer) ? kBlocked : "");
    };
  return door_->listen(endpoint, features_of(options_), std::move(refuse));
}

bool InboundDoor::drain(net::Deadline deadline) {
  shared_->draining = true;
  return door_->drain(deadline);
}

}  // namespace receive

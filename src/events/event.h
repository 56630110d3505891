// Events of a message as SES publishes them (SES §18): the objects that are recorded with an outcome, one
// function each, and the whole document as a destination, an identity's topic or the trace shows it. Pure;
// any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "ses/message.h"

namespace events {

struct BouncedRecipient {
  std::string address;
  std::string action;      // "failed"; empty: left out
  std::string status;      // "5.1.1"; empty: left out
  std::string diagnostic;  // "smtp; 550 5.1.1 …"; empty: left out
};

struct Bounce {
  std::string type;      // Permanent, Transient, Undetermined
  std::string sub_type;  // General, NoEmail, OnAccountSuppressionList, …
  std::vector<BouncedRecipient> recipients;
  base::WallTime at;
  std::string feedback_id;
  std::string remote_mta_ip;  // empty: left out
  std::string reporting_mta;  // "dns; …"; empty: left out
};
ses::EventRecord bounce(const Bounce& bounce);

struct Complaint {
  std::vector<std::string> recipients;
  base::WallTime at;
  std::string feedback_id;
  std::string sub_type;       // empty: null
  std::string user_agent;     // empty: left out
  std::string feedback_type;  // "abuse"; empty: left out
  std::optional<base::WallTime> arrival;
};
ses::EventRecord complaint(const Complaint& complaint);

struct Delivery {
  base::WallTime at;
  std::chrono::milliseconds processing{0};
  std::vector<std::string> recipients;
  std::string smtp_response;
  std::string remote_mta_ip;
  std::string reporting_mta;
};
ses::EventRecord delivery(const Delivery& delivery);

struct Delay {
  base::WallTime at;
  std::string type;  // delayType of SES §18.2
  base::WallTime expiration;
  std::vector<BouncedRecipient> recipients;  // address, status, diagnostic
  std::string reporting_mta;
};
ses::EventRecord delivery_delay(const Delay& delay);

// What a recipient gets of a contact list, as it is in effect.
struct Preferences {
  bool unsubscribe_all = false;
  std::vector<std::pair<std::string, bool>> topics;  // name; true: opted in
};
struct Subscription {
  std::string contact_list;
  base::WallTime at;
  std::string source;  // UnsubscribeHeader, PreferenceCenter
  Preferences now, before;
};
ses::EventRecord subscription(const Subscription& subscription);

ses::EventRecord reject(base::WallTime at, std::string_view reason);
ses::EventRecord rendering_failure(base::WallTime at, std::string_view message,
                                   std::string_view template_name);

}  // namespace events

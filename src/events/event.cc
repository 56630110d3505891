#include "events/event.h"

#include "base/json.h"

namespace events {
namespace {

void optional_text(base::JsonWriter& w, std::string_view name, const std::string& value) {
  if (!value.empty()) w.field(name, value);
}

void bounced_recipients(base::JsonWriter& w, const std::vector<BouncedRecipient>& recipients) {
  w.array();
  for (const auto& r : recipients) {
    w.object().field("emailAddress", r.address);
    optional_text(w, "action", r.action);
    optional_text(w, "status", r.status);
    optional_text(w, "diagnosticCode", r.diagnostic);
    w.end();
  }
  w.end();
}

void preferences(base::JsonWriter& w, std::string_view name, const Preferences& p) {
  w.key(name).object().field("unsubscribeAll", p.unsubscribe_all).key("topicSubscriptionStatus").array();
  for (const auto& [topic, opted_in] : p.topics)
    w.object().field("topicName", topic).field("subscriptionStatus", opted_in ? "OptIn" : "OptOut").end();
  w.end().end();
}

ses::EventRecord record(base::WallTime at, std::string type, base::JsonWriter& w) {
  w.end();
  return {at, std::move(type), std::move(w).text()};
}

}  // namespace

// Keys in the order of samples since 2021: feedbackId first, reportingMTA last (SES §18.2).
ses::EventRecord bounce(const Bounce& b) {
  base::JsonWriter w;
  w.object().field("feedbackId", b.feedback_id);
  w.field("bounceType", b.type).field("bounceSubType", b.sub_type);
  w.key("bouncedRecipients");
  bounced_recipients(w, b.recipients);
  w.field("timestamp", base::iso8601(b.at));
  optional_text(w, "remoteMtaIp", b.remote_mta_ip);
  optional_text(w, "reportingMTA", b.reporting_mta);
  return record(b.at, "Bounce", w);
}

ses::EventRecord complaint(const Complaint& c) {
  base::JsonWriter w;
  w.object().field("feedbackId", c.feedback_id).key("complaintSubType");
  if (c.sub_type.empty())
    w.null();
  else
    w.value(c.sub_type);
  w.key("complainedRecipients").array();
  for (const auto& address : c.recipients) w.object().field("emailAddress", address).end();
  w.end();
  w.field("timestamp", base::iso8601(c.at));
  optional_text(w, "userAgent", c.user_agent);
  optional_text(w, "complaintFeedbackType", c.feedback_type);
  if (c.arrival) w.field("arrivalDate", base::iso8601(*c.arrival));
  return record(c.at, "Complaint", w);
}

ses::EventRecord delivery(const Delivery& d) {
  base::JsonWriter w;
  w.object().field("timestamp", base::iso8601(d.at)).field("processingTimeMillis", d.processing.count());
  w.key("recipients").strings(d.recipients);
  w.field("smtpResponse", d.smtp_response);
  optional_text(w, "remoteMtaIp", d.remote_mta_ip);
  optional_text(w, "reportingMTA", d.reporting_mta);
  return record(d.at, "Delivery", w);
}

ses::EventRecord delivery_delay(const Delay& d) {
  base::JsonWriter w;
  w.object().field("timestamp", base::iso8601(d.at)).field("delayType", d.type);
  w.field("expirationTime", base::iso8601(d.expiration)).key("delayedRecipients");
  bounced_recipients(w, d.recipients);
  optional_text(w, "reportingMTA", d.reporting_mta);
  return record(d.at, "DeliveryDelay", w);
}

ses::EventRecord subscription(const Subscription& s) {
  base::JsonWriter w;
  w.object().field("contactList", s.contact_list).field("timestamp", base::iso8601(s.at));
  w.field("source", s.source);
  preferences(w, "newTopicPreferences", s.now);
  preferences(w, "oldTopicPreferences", s.before);
  return record(s.at, "Subscription", w);
}

ses::EventRecord reject(base::WallTime at, std::string_view reason) {
  base::JsonWriter w;
  w.object().field("reason", reason);
  return record(at, "Reject", w);
}

ses::EventRecord rendering_failure(base::WallTime at, std::string_view message,
                                   std::string_view template_name) {
  base::JsonWriter w;
  w.object().field("errorMessage", message).field("templateName", template_name);
  return record(at, "Rendering Failure", w);
}

}  // namespace events

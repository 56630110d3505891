// Custom MAIL FROM, feedback forwarding and notifications of identities in SES v1 (SES §8.5, §8.6, §19).
#include "api/identities_common.h"
#include "api/operations.h"
#include "model/ses_tables.h"
#include "model/ses_types.h"

namespace api {
namespace {

using namespace aws::ses;

ses::NotificationType type_of(const std::string& name) {
  if (name == "Bounce") return ses::NotificationType::bounce;
  if (name == "Complaint") return ses::NotificationType::complaint;
  return ses::NotificationType::delivery;
}

base::Task<SetIdentityMailFromDomainResponse> set_mail_from_domain(Context& context,
                                                                   SetIdentityMailFromDomainRequest in) {
  ses::Identities::MailFromRequest request;
  request.name = std::move(*in.identity);
  request.domain = in.mail_from_domain.value_or("");
  request.reject = in.behavior_on_mx_failure == "RejectMessage";
  co_await context.service.identities.set_mail_from(context.caller, std::move(request));
  co_return SetIdentityMailFromDomainResponse{};
}

base::Task<GetIdentityMailFromDomainAttributesResponse> get_mail_from_domain_attributes(
    Context& context, GetIdentityMailFromDomainAttributesRequest in) {
  check_asked(*in.identities);
  GetIdentityMailFromDomainAttributesResponse out;
  auto& attributes = out.mail_from_domain_attributes.emplace();
  for (const auto& name : *in.identities) {
    auto identity = context.service.identities.find(context.caller.scope, name);
    if (!identity) continue;
    const auto& mail_from = identity->mail_from;
    auto& of = attributes[name];
    of.mail_from_domain = mail_from.domain;  // SES §25.1: empty where there is none (?)
    of.mail_from_domain_status = mail_from.domain.empty() ? "" : std::string(v1_status(mail_from.status));
    of.behavior_on_mx_failure = mail_from.reject ? "RejectMessage" : "UseDefaultValue";
  }
  co_return out;
}

base::Task<SetIdentityFeedbackForwardingEnabledResponse> set_feedback_forwarding_enabled(
    Context& context, SetIdentityFeedbackForwardingEnabledRequest in) {
  co_await context.service.identities.set_feedback_forwarding(context.caller, std::move(*in.identity),
                                                              *in.forwarding_enabled, true);
  co_return SetIdentityFeedbackForwardingEnabledResponse{};
}

base::Task<SetIdentityNotificationTopicResponse> set_notification_topic(
    Context& context, SetIdentityNotificationTopicRequest in) {
  co_await context.service.identities.set_notification_topic(
      context.caller, std::move(*in.identity), type_of(*in.notification_type), in.sns_topic.value_or(""));
  co_return SetIdentityNotificationTopicResponse{};
}

base::Task<SetIdentityHeadersInNotificationsEnabledResponse> set_headers_in_notifications_enabled(
    Context& context, SetIdentityHeadersInNotificationsEnabledRequest in) {
  co_await context.service.identities.set_notification_headers(context.caller, std::move(*in.identity),
                                                               type_of(*in.notification_type), *in.enabled);
  co_return SetIdentityHeadersInNotificationsEnabledResponse{};
}

IdentityNotificationAttributes notification_attributes(const ses::Identity& identity) {
  using Type = ses::NotificationType;
  auto topic = [&](Type type) -> std::optional<std::string> {
    const auto& arn = identity.notification(type).topic;
    return arn.empty() ? std::nullopt : std::optional(arn);
  };
  IdentityNotificationAttributes out;
  out.bounce_topic = topic(Type::bounce);
  out.complaint_topic = topic(Type::complaint);
  out.delivery_topic = topic(Type::delivery);
  out.forwarding_enabled = identity.feedback_forwarding;
  out.headers_in_bounce_notifications_enabled = identity.notification(Type::bounce).headers;
  out.headers_in_complaint_notifications_enabled = identity.notification(Type::complaint).headers;
  out.headers_in_delivery_notifications_enabled = identity.notification(Type::delivery).headers;
  return out;
}

base::Task<GetIdentityNotificationAttributesResponse> get_notification_attributes(
    Context& context, GetIdentityNotificationAttributesRequest in) {
  check_asked(*in.identities);
  GetIdentityNotificationAttributesResponse out;
  auto& attributes = out.notification_attributes.emplace();
  for (const auto& name : *in.identities) {
    auto identity = context.service.identities.find(context.caller.scope, name);
    if (identity) attributes[name] = notification_attributes(*identity);
  }
  co_return out;
}

}  // namespace

void register_identity_settings_v1(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::ses;
  registry.register_operation(api, "SetIdentityMailFromDomain", &set_mail_from_domain);
  registry.register_operation(api, "GetIdentityMailFromDomainAttributes", &get_mail_from_domain_attributes);
  registry.register_operation(api, "SetIdentityFeedbackForwardingEnabled", &set_feedback_forwarding_enabled);
  registry.register_operation(api, "SetIdentityNotificationTopic", &set_notification_topic);
  registry.register_operation(api, "SetIdentityHeadersInNotificationsEnabled",
                              &set_headers_in_notifications_enabled);
  registry.register_operation(api, "GetIdentityNotificationAttributes", &get_notification_attributes);
}

}  // namespace api

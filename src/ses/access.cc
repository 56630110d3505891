#include "ses/access.h"

namespace ses {
namespace {

std::string_view kind_of_policy(aws::PolicyLayer layer) {
  switch (layer) {
    case aws::PolicyLayer::boundary:
      return "permissions boundary";
    case aws::PolicyLayer::session:
      return "session policy";
    case aws::PolicyLayer::resource:
      return "resource-based policy";
    default:
      return "identity-based policy";
  }
}

Effect effect_of(aws::AccessEffect effect) {
  switch (effect) {
    case aws::AccessEffect::allowed:
      return Effect::allowed;
    case aws::AccessEffect::explicit_deny:
      return Effect::explicit_deny;
    case aws::AccessEffect::implicit_deny:
      break;
  }
  return Effect::implicit_deny;
}

const char* yes_no(bool yes) { return yes ? "true" : "false"; }

void set_given(aws::ConditionContext& context, std::string_view key, const std::string& value) {
  if (!value.empty()) context.set(key, value);
}

void describe(aws::ConditionContext& context, const Subject& subject) {
  context.set("aws:PrincipalArn", subject.arn);
  context.set("aws:PrincipalAccount", subject.account.str());
  context.set("aws:PrincipalType", std::string(principal_type(subject.kind)));
  context.set("aws:PrincipalIsAWSService", "false");
  context.set("aws:userid", subject.userid);
  bool user = subject.kind == SubjectKind::user || subject.kind == SubjectKind::user_session;
  if (user) context.set("aws:username", subject.name);
  for (const auto& tag : subject.tags) context.set("aws:PrincipalTag/" + tag.name, tag.value);
  set_given(context, "aws:SourceIdentity", subject.source_identity);
  if (!subject.temporary()) return;
  context.set("aws:TokenIssueTime", base::iso8601_short(*subject.issued));
  // AWS: absent, not false, where the key is a long-lived one.
  context.set("aws:MultiFactorAuthPresent", yes_no(subject.mfa));
}

}  // namespace

aws::ConditionContext principal_context(const Subject& subject, base::WallTime now) {
  constexpr std::int64_t kMillis = 1000;
  aws::ConditionContext context;
  describe(context, subject);
  context.set("aws:CurrentTime", base::iso8601_short(now));
  context.set("aws:EpochTime", std::to_string(base::to_millis(now) / kMillis));
  context.set("aws:ViaAWSService", "false");
  return context;
}

aws::ConditionContext request_context(const Caller& caller, const Subject& subject, base::WallTime now,
                                      std::string_view api_version) {
  auto context = principal_context(subject, now);
  set_given(context, "aws:SourceIp", caller.source_ip);
  context.set("aws:SecureTransport", yes_no(!caller.tls_version.empty()));
  set_given(context, "aws:UserAgent", caller.user_agent);
  context.set("aws:RequestedRegion", caller.scope.region.str());
  if (!api_version.empty()) context.set("ses:ApiVersion", std::string(api_version));
  return context;
}

aws::ConditionContext with_resource_tags(aws::ConditionContext context, const std::vector<Tag>& tags) {
  for (const auto& tag : tags) context.set("aws:ResourceTag/" + tag.name, tag.value);
  return context;
}

bool unbounded(const Subject& subject) { return subject.policies.root && !subject.policies.in_session; }

std::string send_denial(const Subject& subject, std::string_view action, std::string_view resource) {
  std::string text = "User `" + subject.requester.arn + "' is not authorized to perform `";
  return text.append(action).append("' on resource `").append(resource).append("'");
}

std::string call_denial(const Subject& subject, std::string_view action, std::string_view resource,
                        const aws::Decision& decision) {
  std::string text = "User: " + subject.requester.arn + " is not authorized to perform: ";
  text.append(action);
  if (!resource.empty()) text.append(" on resource: ").append(resource);
  auto kind = kind_of_policy(decision.layer);
  if (decision.effect == aws::AccessEffect::explicit_deny) {
    text.append(" with an explicit deny in ");
    return text.append(decision.layer == aws::PolicyLayer::identity ? "an " : "a ").append(kind);
  }
  text.append(" because no ").append(kind).append(" allows the ");
  return text.append(action).append(" action");
}

AccessRecord access_record(const Caller& caller, const Subject& subject, std::string_view api,
                           std::string action, std::vector<std::string> resources,
                           const aws::Decision& decision) {
  AccessRecord record;
  record.request_id = caller.request_id;
  record.account = caller.scope.account.str();
  record.region = caller.scope.region.str();
  record.principal_arn = subject.requester.arn;
  record.access_key_id = caller.access_key_id;
  record.source_ip = caller.source_ip;
  record.user_agent = caller.user_agent;
  record.api = api;
  record.action = std::move(action);
  record.resources = std::move(resources);
  record.effect = effect_of(decision.effect);
  if (decision.policy) record.policy = decision.policy->name;
  record.statement = decision.statement;
  record.sid = decision.sid;
  return record;
}

}  // namespace ses

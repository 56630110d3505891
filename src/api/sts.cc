// STS: who a caller is, and temporary credentials. Who may have them is decided here where a role's trust
// policy has a say (AssumeRole); the other operations are authorised like any other (api/iam_authorizer.h).
#include <algorithm>

#include "api/operations.h"
#include "api/send_common.h"
#include "aws/registry.h"
#include "base/encoding.h"
#include "base/fault.h"
#include "model/sts_tables.h"
#include "model/sts_types.h"
#include "ses/access.h"
#include "ses/iam_names.h"
#include "ses/principal.h"

namespace api {
namespace {

using namespace aws::sts;
using base::Fault;
using base::FaultKind;
using SessionRequest = ses::Principals::SessionRequest;

constexpr std::chrono::seconds kRoleDefault{3600}, kUserDefault{43200}, kChained{3600};
constexpr std::int64_t kPackedRoom = 2048;  // of session policy and tags together, as AWS has it

[[noreturn]] void deny(std::string text) { throw Fault(FaultKind::access_denied, std::move(text)); }

ses::SubjectPtr subject_of(const Context& context) {
  auto subject = context.service.principals.subject_of(context.caller);
  if (!subject)
    throw Fault(FaultKind::unrecognized_client, "The security token included in the request is invalid.");
  return subject;
}

std::vector<std::string> arns_of(const std::optional<std::vector<PolicyDescriptorType>>& policies) {
  std::vector<std::string> out;
  if (policies)
    for (const auto& policy : *policies) out.push_back(policy.arn.value_or(""));
  return out;
}

std::vector<ses::Tag> tags_of(const std::optional<std::vector<Tag>>& tags) {
  std::vector<ses::Tag> out;
  if (tags)
    for (const auto& tag : *tags) out.push_back({tag.key.value_or(""), tag.value.value_or("")});
  return out;
}

Credentials shown(const ses::Principals::MintedSession& minted) {
  return {minted.access_key_id, minted.secret, minted.token, minted.expires};
}

// In percent of what there is room for; nullopt where nothing was given.
std::optional<std::int64_t> packed_size(const SessionRequest& request) {
  std::size_t bytes = request.policy ? request.policy->size() : 0;
  for (const auto& arn : request.policy_arns) bytes += arn.size();
  for (const auto& tag : request.tags) bytes += tag.name.size() + tag.value.size();
  if (bytes == 0) return std::nullopt;
  return (static_cast<std::int64_t>(bytes) * 100 + kPackedRoom - 1) / kPackedRoom;
}

// There are no MFA devices here, so no code of one can be right.
void refuse_mfa(const std::optional<std::string>& serial, const std::optional<std::string>& code) {
  if (serial || code) deny("MultiFactorAuthentication failed with invalid MFA one time pass code.");
}

base::Task<GetCallerIdentityResponse> get_caller_identity(Context& context, GetCallerIdentityRequest) {
  auto subject = subject_of(context);
  co_return GetCallerIdentityResponse{subject->userid, subject->account.str(), subject->requester.arn};
}

base::Task<GetAccessKeyInfoResponse> get_access_key_info(Context&, GetAccessKeyInfoRequest in) {
  auto account = ses::iam::account_of_key_id(*in.access_key_id);
  if (account.str().empty())
    throw ses::iam::validation_error("Access key ID " + *in.access_key_id + " is invalid.");
  co_return GetAccessKeyInfoResponse{account.str()};
}

// A user, or the root of the account, with a key of long standing.
SessionRequest request_for(const ses::Subject& subject, ses::SubjectKind kind, const char* operation) {
  if (subject.temporary()) deny("Cannot call " + std::string(operation) + " with session credentials");
  SessionRequest request;
  request.account = subject.account;
  request.kind = kind;
  if (subject.kind == ses::SubjectKind::user) request.principal = subject.id;
  request.duration = kUserDefault;
  return request;
}

base::Task<GetSessionTokenResponse> get_session_token(Context& context, GetSessionTokenRequest in) {
  auto subject = subject_of(context);
  refuse_mfa(in.serial_number, in.token_code);
  auto request = request_for(*subject, ses::SubjectKind::user_session, "GetSessionToken");
  if (in.duration_seconds) request.duration = std::chrono::seconds{*in.duration_seconds};
  co_return GetSessionTokenResponse{shown(context.service.principals.mint_session(request))};
}

base::Task<GetFederationTokenResponse> get_federation_token(Context& context, GetFederationTokenRequest in) {
  auto subject = subject_of(context);
  auto request = request_for(*subject, ses::SubjectKind::federated, "GetFederationToken");
  request.name = take(in.name);
  request.policy = std::move(in.policy);
  request.policy_arns = arns_of(in.policy_arns);
  request.tags = tags_of(in.tags);
  if (in.duration_seconds) request.duration = std::chrono::seconds{*in.duration_seconds};
  auto minted = context.service.principals.mint_session(request);
  GetFederationTokenResponse out;
  out.credentials = shown(minted);
  out.federated_user = FederatedUser{minted.subject->userid, minted.subject->requester.arn};
  out.packed_policy_size = packed_size(request);
  co_return out;
}

// What a role's trust policy is asked about a call.
aws::ConditionContext assuming_context(const Context& context, const ses::Subject& subject,
                                       const AssumeRoleRequest& in) {
  auto keys = ses::request_context(context.caller, subject, context.service.clock.now(), "");
  keys.set("sts:RoleSessionName", *in.role_session_name);
  if (in.external_id) keys.set("sts:ExternalId", *in.external_id);
  if (in.source_identity) keys.set("sts:SourceIdentity", *in.source_identity);
  std::vector<std::string> tag_keys;
  for (const auto& tag : tags_of(in.tags)) {
    keys.set("aws:RequestTag/" + tag.name, tag.value);
    tag_keys.push_back(tag.name);
  }
  if (!tag_keys.empty()) keys.set("aws:TagKeys", tag_keys);
  if (in.transitive_tag_keys) keys.set("sts:TransitiveTagKeys", *in.transitive_tag_keys);
  return keys;
}

// The caller's policies and the role's trust policy must both let it be, for each of these actions.
class Assuming {
 public:
  Assuming(Context& context, ses::SubjectPtr subject, const AssumeRoleRequest& in)
      : context_(context),
        subject_(std::move(subject)),
        role_arn_(*in.role_arn),
        keys_(assuming_context(context, *subject_, in)),
        role_(context.service.principals.find_role(role_arn_)) {}

  base::Task<void> require(std::string action) {
    aws::Decision decision;
    const std::vector<aws::AttachedPolicy> trust = {{role_ ? role_->trust : nullptr, role_arn_}};
    if (role_)
      decision = aws::decide(subject_->policies, trust,
                             {action, role_arn_, role_->role.account.str(), subject_->requester, keys_});
    auto& audit = context_.service.audit;
    if (!decision.allowed() || audit.wants_allows())
      audit.record(ses::access_record(context_.caller, *subject_, "sts", action, {role_arn_}, decision));
    if (decision.allowed()) co_return;
    auto settling = audit.settle();
    co_await settling;
    // Whether there is such a role is not told.
    deny("User: " + subject_->requester.arn + " is not authorized to perform: " + action +
         " on resource: " + role_arn_);
  }

  const ses::Principal& role() const { return role_->role; }

 private:
  Context& context_;
  const ses::SubjectPtr subject_;
  const std::string role_arn_;
  const aws::ConditionContext keys_;
  const std::optional<ses::Principals::AssumableRole> role_;
};

// Of the session that asks: the tags that go on to the next one. Those of the request may not replace them.
void pass_on_tags(const ses::Caller& caller, SessionRequest& request) {
  if (!caller.session) return;
  const auto& claims = caller.session->claims;
  for (const auto& key : claims.transitive_tags)
    for (const auto& tag : claims.tags) {
      if (!base::iequals(tag.name, key)) continue;
      for (const auto& own : request.tags)
        if (base::iequals(own.name, key))
          throw Fault(FaultKind::invalid_parameter,
                      "One of the specified transitive tag keys can't be set because it conflicts with a "
                      "transitive tag key from the calling session.");
      request.tags.push_back(tag);
      request.transitive_tags.push_back(key);
    }
}

SessionRequest session_of_role(const Context& context, const ses::Principal& role, AssumeRoleRequest& in) {
  SessionRequest request;
  request.account = role.account;
  request.kind = ses::SubjectKind::role_session;
  request.principal = role.id;
  request.name = take(in.role_session_name);
  request.policy = std::move(in.policy);
  request.policy_arns = arns_of(in.policy_arns);
  request.tags = tags_of(in.tags);
  request.transitive_tags = take(in.transitive_tag_keys);
  request.source_identity = take(in.source_identity);
  request.duration = in.duration_seconds ? std::chrono::seconds{*in.duration_seconds} : kRoleDefault;
  pass_on_tags(context.caller, request);
  return request;
}

base::Task<AssumeRoleResponse> assume_role(Context& context, AssumeRoleRequest in) {
  auto subject = subject_of(context);
  if (subject->kind == ses::SubjectKind::root) deny("Roles may not be assumed by root accounts.");
  refuse_mfa(in.serial_number, in.token_code);
  Assuming assuming(context, subject, in);
  co_await assuming.require("sts:AssumeRole");
  if (in.tags && !in.tags->empty()) co_await assuming.require("sts:TagSession");
  if (in.source_identity) co_await assuming.require("sts:SetSourceIdentity");
  auto request = session_of_role(context, assuming.role(), in);
  if (subject->kind == ses::SubjectKind::role_session && request.duration > kChained)
    throw ses::iam::validation_error(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");
  auto minted = context.service.principals.mint_session(request);
  context.service.principals.note_use(assuming.role().id, "sts", context.caller.scope.region.str());
  AssumeRoleResponse out;
  out.credentials = shown(minted);
  out.assumed_role_user = AssumedRoleUser{minted.subject->userid, minted.subject->requester.arn};
  out.packed_policy_size = packed_size(request);
  if (!request.source_identity.empty()) out.source_identity = request.source_identity;
  co_return out;
}

}  // namespace

void register_sts(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::sts;
  registry.register_operation(api, "GetCallerIdentity", &get_caller_identity);
  registry.register_operation(api, "GetAccessKeyInfo", &get_access_key_info);
  registry.register_operation(api, "GetSessionToken", &get_session_token);
  registry.register_operation(api, "GetFederationToken", &get_federation_token);
  registry.register_operation(api, "AssumeRole", &assume_role, {.in_handler = true});
}

}  // namespace api

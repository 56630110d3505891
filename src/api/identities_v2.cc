// E-mail identities and their DKIM in SES v2 (SES §8, §25.1, §25.2).
#include "api/identities_common.h"
#include "api/operations.h"
#include "base/fault.h"
#include "model/sesv2_tables.h"
#include "model/sesv2_types.h"

namespace api {
namespace {

using namespace aws::sesv2;
using base::Fault;
using base::FaultKind;

std::string type_of(const ses::Identity& identity) {
  return identity.kind == ses::IdentityKind::domain ? "DOMAIN" : "EMAIL_ADDRESS";
}

std::string length_name(int bits) { return "RSA_" + std::to_string(bits) + "_BIT"; }
int length_of(const std::string& name) { return name == "RSA_1024_BIT" ? 1024 : 2048; }

DkimAttributes dkim_attributes(Context& context, const ses::DkimState& dkim) {
  DkimAttributes out;
  out.signing_enabled = dkim.enabled;
  out.status = std::string(ses::v2_status(dkim.status));
  out.signing_attributes_origin = dkim.origin == ses::DkimOrigin::external ? "EXTERNAL" : "AWS_SES";
  if (!dkim.tokens.empty()) out.tokens = dkim.tokens;
  if (dkim.origin == ses::DkimOrigin::aws_ses) {
    out.signing_hosted_zone = "dkim." + context.service.settings.service_domain;
    out.current_signing_key_length = length_name(dkim.key_bits);
    out.next_signing_key_length = length_name(dkim.next_key_bits);
    out.last_key_generation_timestamp = dkim.key_made;
  }
  return out;
}

// Keys that follow those of another region are not built (Deterministic Easy DKIM).
void refuse_replica(const std::optional<std::string>& origin) {
  if (origin && origin->starts_with("AWS_SES_"))
    throw Fault(FaultKind::not_built,
                "DKIM keys of another region (origin " + *origin + ") are not built yet.");
}

base::Task<CreateEmailIdentityResponse> create_email_identity(Context& context,
                                                              CreateEmailIdentityRequest in) {
  ses::Identities::CreateRequest request;
  request.name = std::move(*in.email_identity);
  if (in.tags)
    for (auto& tag : *in.tags) request.tags.push_back({std::move(*tag.key), std::move(*tag.value)});
  request.configuration_set = std::move(in.configuration_set_name);
  if (in.dkim_signing_attributes) {
    auto& dkim = *in.dkim_signing_attributes;
    refuse_replica(dkim.domain_signing_attributes_origin);
    request.byodkim_selector = std::move(dkim.domain_signing_selector);
    request.byodkim_private_key = std::move(dkim.domain_signing_private_key);
    if (dkim.next_signing_key_length) request.easy_dkim_bits = length_of(*dkim.next_signing_key_length);
  }
  auto identity = co_await context.service.identities.create(context.caller, std::move(request));

  CreateEmailIdentityResponse out;
  out.identity_type = type_of(*identity);
  out.verified_for_sending_status = identity->verified();
  auto dkim = context.service.identities.dkim_of(context.caller.scope, identity->name);
  out.dkim_attributes = dkim_attributes(context, dkim);
  // SES §8.3: nothing was looked for yet; the next Get shows PENDING.
  if (identity->kind == ses::IdentityKind::domain && dkim.status == ses::VerificationStatus::pending)
    out.dkim_attributes->status = "NOT_STARTED";
  co_return out;
}

std::optional<VerificationInfo> verification_info(const ses::Identity& identity) {
  if (!identity.last_checked) return std::nullopt;
  VerificationInfo info;
  info.last_checked_timestamp = identity.last_checked;
  info.last_success_timestamp = identity.last_success;
  if (!identity.error_type.empty()) info.error_type = identity.error_type;
  return info;
}

// SES §8.5: the behaviour is always shown, the domain and its status only where there is one.
MailFromAttributes mail_from_attributes(const ses::MailFrom& mail_from) {
  MailFromAttributes out;
  out.behavior_on_mx_failure = mail_from.reject ? "REJECT_MESSAGE" : "USE_DEFAULT_VALUE";
  if (mail_from.domain.empty()) return out;
  out.mail_from_domain = mail_from.domain;
  out.mail_from_domain_status = std::string(ses::v2_status(mail_from.status));
  return out;
}

base::Task<GetEmailIdentityResponse> get_email_identity(Context& context, GetEmailIdentityRequest in) {
  auto& identities = context.service.identities;
  auto identity = identities.find(context.caller.scope, *in.email_identity);
  if (!identity)
    throw Fault(FaultKind::not_found, "Email identity " + *in.email_identity + " does not exist.");

  GetEmailIdentityResponse out;
  out.identity_type = type_of(*identity);
  out.feedback_forwarding_status = identity->feedback_forwarding;
  out.verified_for_sending_status = identity->verified();
  out.verification_status = std::string(ses::v2_status(identity->status));
  auto dkim = identities.dkim_of(context.caller.scope, identity->name);
  out.dkim_attributes = dkim_attributes(context, dkim);
  out.mail_from_attributes = mail_from_attributes(identity->mail_from);
  out.policies = identity->policies;
  out.tags.emplace();
  for (const auto& tag : identity->tags) {
    Tag shown;
    shown.key = tag.name;
    shown.value = tag.value;
    out.tags->push_back(std::move(shown));
  }
  out.configuration_set_name = identity->configuration_set;
  out.verification_info = verification_info(*identity);
  co_return out;
}

base::Task<ListEmailIdentitiesResponse> list_email_identities(Context& context,
                                                              ListEmailIdentitiesRequest in) {
  IdentityPageRequest request;
  request.size = identity_page_size(in.page_size, 25, "PageSize");
  if (in.filter) request.filter = ses::parse_identity_filter(*in.filter);
  request.token = std::move(in.next_token);
  auto page = identity_page(context, request);
  ListEmailIdentitiesResponse out;
  out.email_identities.emplace();
  for (const auto& identity : page.items) {
    IdentityInfo info;
    info.identity_type = type_of(*identity);
    info.identity_name = identity->name;
    info.sending_enabled = identity->verified();
    info.verification_status = std::string(ses::v2_status(identity->status));
    out.email_identities->push_back(std::move(info));
  }
  out.next_token = std::move(page.next);
  co_return out;
}

base::Task<DeleteEmailIdentityResponse> delete_email_identity(Context& context,
                                                              DeleteEmailIdentityRequest in) {
  bool was_there = co_await context.service.identities.remove(context.caller, *in.email_identity);
  if (!was_there)
    throw Fault(FaultKind::not_found, "Email identity " + *in.email_identity + " does not exist.");
  co_return DeleteEmailIdentityResponse{};
}

base::Task<PutEmailIdentityDkimAttributesResponse> put_dkim_attributes(
    Context& context, PutEmailIdentityDkimAttributesRequest in) {
  // SES §4: a boolean that is not there is false.
  bool enabled = in.signing_enabled.value_or(false);
  co_await context.service.identities.set_dkim_enabled(context.caller, std::move(*in.email_identity),
                                                       enabled);
  co_return PutEmailIdentityDkimAttributesResponse{};
}

base::Task<PutEmailIdentityDkimSigningAttributesResponse> put_dkim_signing_attributes(
    Context& context, PutEmailIdentityDkimSigningAttributesRequest in) {
  refuse_replica(in.signing_attributes_origin);
  ses::Identities::SigningRequest request;
  request.name = std::move(*in.email_identity);
  request.external = *in.signing_attributes_origin == "EXTERNAL";
  if (in.signing_attributes) {
    auto& given = *in.signing_attributes;
    refuse_replica(given.domain_signing_attributes_origin);
    request.selector = std::move(given.domain_signing_selector);
    request.private_key = std::move(given.domain_signing_private_key);
    if (given.next_signing_key_length) request.next_key_bits = length_of(*given.next_signing_key_length);
  }
  auto identity = co_await context.service.identities.set_dkim_signing(context.caller, std::move(request));

  PutEmailIdentityDkimSigningAttributesResponse out;
  out.dkim_status = std::string(ses::v2_status(identity->dkim.status));
  out.dkim_tokens = identity->dkim.tokens;
  if (identity->dkim.origin == ses::DkimOrigin::aws_ses)
    out.signing_hosted_zone = "dkim." + context.service.settings.service_domain;
  co_return out;
}

}  // namespace

void register_identities_v2(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::sesv2;
  const aws::Access identity{.resources = {"identity"}};
  registry.register_operation(api, "CreateEmailIdentity", &create_email_identity, identity);
  registry.register_operation(api, "GetEmailIdentity", &get_email_identity, identity);
  registry.register_operation(api, "ListEmailIdentities", &list_email_identities);
  registry.register_operation(api, "DeleteEmailIdentity", &delete_email_identity, identity);
  registry.register_operation(api, "PutEmailIdentityDkimAttributes", &put_dkim_attributes, identity);
  registry.register_operation(api, "PutEmailIdentityDkimSigningAttributes", &put_dkim_signing_attributes,
                              identity);
}

}  // namespace api

// Identities and their DKIM in SES v1 (SES §8, §25.1, §25.2).
#include "api/identities_common.h"
#include "api/operations.h"
#include "model/ses_tables.h"
#include "model/ses_types.h"
#include "ses/identity_name.h"

namespace api {
namespace {

using namespace aws::ses;

base::Task<VerifyEmailIdentityResponse> verify_email_identity(Context& context,
                                                              VerifyEmailIdentityRequest in) {
  co_await context.service.identities.verify_address(context.caller, std::move(*in.email_address));
  co_return VerifyEmailIdentityResponse{};
}

base::Task<VerifyEmailAddressResponse> verify_email_address(Context& context, VerifyEmailAddressRequest in) {
  co_await context.service.identities.verify_address(context.caller, std::move(*in.email_address));
  co_return VerifyEmailAddressResponse{};
}

base::Task<VerifyDomainIdentityResponse> verify_domain_identity(Context& context,
                                                                VerifyDomainIdentityRequest in) {
  auto identity = co_await context.service.identities.verify_domain(context.caller, std::move(*in.domain));
  VerifyDomainIdentityResponse out;
  out.verification_token = identity->token;
  co_return out;
}

base::Task<VerifyDomainDkimResponse> verify_domain_dkim(Context& context, VerifyDomainDkimRequest in) {
  auto identity =
      co_await context.service.identities.verify_domain_dkim(context.caller, std::move(*in.domain));
  VerifyDomainDkimResponse out;
  out.dkim_tokens = identity->dkim.tokens;
  co_return out;
}

base::Task<ListIdentitiesResponse> list_identities(Context& context, ListIdentitiesRequest in) {
  IdentityPageRequest request;
  request.size = identity_page_size(in.max_items, 1000, "MaxItems");
  if (in.identity_type)
    request.filter.kind =
        *in.identity_type == "Domain" ? ses::IdentityKind::domain : ses::IdentityKind::address;
  request.token = std::move(in.next_token);
  auto page = identity_page(context, request);
  ListIdentitiesResponse out;
  out.identities.emplace();
  for (const auto& identity : page.items) out.identities->push_back(identity->name);
  out.next_token = std::move(page.next);
  co_return out;
}

base::Task<ListVerifiedEmailAddressesResponse> list_verified_email_addresses(
    Context& context, ListVerifiedEmailAddressesRequest) {
  ListVerifiedEmailAddressesResponse out;
  out.verified_email_addresses.emplace();
  for (const auto& identity : context.service.identities.all(context.caller.scope))
    if (identity->kind == ses::IdentityKind::address && identity->verified())
      out.verified_email_addresses->push_back(identity->name);
  co_return out;
}

base::Task<DeleteIdentityResponse> delete_identity(Context& context, DeleteIdentityRequest in) {
  ses::require_deletable(*in.identity);
  co_await context.service.identities.remove(context.caller, std::move(*in.identity));
  co_return DeleteIdentityResponse{};
}

base::Task<DeleteVerifiedEmailAddressResponse> delete_verified_email_address(
    Context& context, DeleteVerifiedEmailAddressRequest in) {
  ses::require_deletable(*in.email_address);
  co_await context.service.identities.remove(context.caller, std::move(*in.email_address));
  co_return DeleteVerifiedEmailAddressResponse{};
}

base::Task<GetIdentityVerificationAttributesResponse> get_identity_verification_attributes(
    Context& context, GetIdentityVerificationAttributesRequest in) {
  check_asked(*in.identities);
  GetIdentityVerificationAttributesResponse out;
  auto& attributes = out.verification_attributes.emplace();
  for (const auto& name : *in.identities) {
    auto identity = context.service.identities.find(context.caller.scope, name);
    if (!identity) continue;
    auto& of = attributes[name];
    of.verification_status = std::string(ses::v1_status(identity->status));
    if (identity->kind == ses::IdentityKind::domain) of.verification_token = identity->token;
  }
  co_return out;
}

base::Task<GetIdentityDkimAttributesResponse> get_identity_dkim_attributes(
    Context& context, GetIdentityDkimAttributesRequest in) {
  check_asked(*in.identities);
  GetIdentityDkimAttributesResponse out;
  auto& attributes = out.dkim_attributes.emplace();
  for (const auto& name : *in.identities) {
    auto dkim = context.service.identities.dkim_of(context.caller.scope, name);
    auto& of = attributes[name];
    of.dkim_enabled = dkim.enabled;
    of.dkim_verification_status = std::string(ses::v1_status(dkim.status));
    if (!dkim.tokens.empty()) of.dkim_tokens = std::move(dkim.tokens);
  }
  co_return out;
}

base::Task<SetIdentityDkimEnabledResponse> set_identity_dkim_enabled(Context& context,
                                                                     SetIdentityDkimEnabledRequest in) {
  co_await context.service.identities.set_dkim_enabled(context.caller, std::move(*in.identity),
                                                       *in.dkim_enabled);
  co_return SetIdentityDkimEnabledResponse{};
}

}  // namespace

// v1 management actions have no resource types (SES §10.2).
void register_identities_v1(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::ses;
  registry.register_operation(api, "VerifyEmailIdentity", &verify_email_identity);
  registry.register_operation(api, "VerifyEmailAddress", &verify_email_address);
  registry.register_operation(api, "VerifyDomainIdentity", &verify_domain_identity);
  registry.register_operation(api, "VerifyDomainDkim", &verify_domain_dkim);
  registry.register_operation(api, "ListIdentities", &list_identities);
  registry.register_operation(api, "ListVerifiedEmailAddresses", &list_verified_email_addresses);
  registry.register_operation(api, "DeleteIdentity", &delete_identity);
  registry.register_operation(api, "DeleteVerifiedEmailAddress", &delete_verified_email_address);
  registry.register_operation(api, "GetIdentityVerificationAttributes",
                              &get_identity_verification_attributes);
  registry.register_operation(api, "GetIdentityDkimAttributes", &get_identity_dkim_attributes);
  registry.register_operation(api, "SetIdentityDkimEnabled", &set_identity_dkim_enabled);
}

}  // namespace api

// Custom MAIL FROM, feedback, sending authorization policies and S/MIME certificates of identities in SES v2
// (SES §8.5, §8.6, §9, §24.13).
#include "api/operations.h"
#include "api/paging.h"
#include "base/fault.h"
#include "model/sesv2_tables.h"
#include "model/sesv2_types.h"

namespace api {
namespace {

using namespace aws::sesv2;
using base::Fault;
using base::FaultKind;

base::Task<PutEmailIdentityMailFromAttributesResponse> put_mail_from_attributes(
    Context& context, PutEmailIdentityMailFromAttributesRequest in) {
  ses::Identities::MailFromRequest request;
  request.name = std::move(*in.email_identity);
  request.domain = in.mail_from_domain.value_or("");
  request.reject = in.behavior_on_mx_failure == "REJECT_MESSAGE";
  co_await context.service.identities.set_mail_from(context.caller, std::move(request));
  co_return PutEmailIdentityMailFromAttributesResponse{};
}

base::Task<PutEmailIdentityFeedbackAttributesResponse> put_feedback_attributes(
    Context& context, PutEmailIdentityFeedbackAttributesRequest in) {
  // SES §4: a boolean that is not there is false.
  bool enabled = in.email_forwarding_enabled.value_or(false);
  co_await context.service.identities.set_feedback_forwarding(context.caller, std::move(*in.email_identity),
                                                              enabled, false);
  co_return PutEmailIdentityFeedbackAttributesResponse{};
}

base::Task<CreateEmailIdentityPolicyResponse> create_policy(Context& context,
                                                            CreateEmailIdentityPolicyRequest in) {
  ses::Identities::PolicyRequest request{std::move(*in.email_identity), std::move(*in.policy_name),
                                         std::move(*in.policy), ses::Identities::PolicyWrite::create};
  co_await context.service.identities.put_policy(context.caller, std::move(request));
  co_return CreateEmailIdentityPolicyResponse{};
}

base::Task<UpdateEmailIdentityPolicyResponse> update_policy(Context& context,
                                                            UpdateEmailIdentityPolicyRequest in) {
  ses::Identities::PolicyRequest request{std::move(*in.email_identity), std::move(*in.policy_name),
                                         std::move(*in.policy), ses::Identities::PolicyWrite::update};
  co_await context.service.identities.put_policy(context.caller, std::move(request));
  co_return UpdateEmailIdentityPolicyResponse{};
}

ses::IdentityPtr require_identity(Context& context, const std::string& name) {
  auto identity = context.service.identities.find(context.caller.scope, name);
  if (!identity) throw Fault(FaultKind::not_found, "Email identity <" + name + "> does not exist.");
  return identity;
}

base::Task<DeleteEmailIdentityPolicyResponse> delete_policy(Context& context,
                                                            DeleteEmailIdentityPolicyRequest in) {
  require_identity(context, *in.email_identity);
  bool was_there =
      co_await context.service.identities.remove_policy(context.caller, *in.email_identity, *in.policy_name);
  if (!was_there) throw Fault(FaultKind::not_found, "Policy <" + *in.policy_name + "> does not exist");
  co_return DeleteEmailIdentityPolicyResponse{};
}

base::Task<GetEmailIdentityPoliciesResponse> get_policies(Context& context,
                                                          GetEmailIdentityPoliciesRequest in) {
  GetEmailIdentityPoliciesResponse out;
  out.policies = require_identity(context, *in.email_identity)->policies;
  co_return out;
}

base::Task<AssociateEmailIdentityCertificateResponse> associate_certificate(
    Context& context, AssociateEmailIdentityCertificateRequest in) {
  ses::Identities::CertificateRequest request{std::move(*in.email_identity), std::move(in.from_address),
                                              std::move(*in.certificate_arn)};
  co_await context.service.identities.associate_certificate(context.caller, std::move(request));
  co_return AssociateEmailIdentityCertificateResponse{};
}

base::Task<DisassociateEmailIdentityCertificateResponse> disassociate_certificate(
    Context& context, DisassociateEmailIdentityCertificateRequest in) {
  ses::Identities::CertificateRequest request{std::move(*in.email_identity), std::move(in.from_address), {}};
  co_await context.service.identities.disassociate_certificate(context.caller, std::move(request));
  co_return DisassociateEmailIdentityCertificateResponse{};
}

base::Task<ListEmailIdentityCertificatesResponse> list_certificates(Context& context,
                                                                    ListEmailIdentityCertificatesRequest in) {
  auto& identities = context.service.identities;
  auto certificates = co_await identities.certificates(context.caller.scope, *in.email_identity);
  PageKey key{identities.link_secret(), "certificates", context.caller.scope, *in.email_identity};
  std::optional<std::string> after;
  if (in.next_token) {
    after = read_page_token(key, *in.next_token);
    if (!after) throw Fault(FaultKind::invalid_parameter, "Invalid NextToken.");
  }
  using Certificate = ses::Identities::Certificate;
  auto size = static_cast<std::size_t>(in.page_size.value_or(1000));
  auto page = cut_page(certificates, key, after, size,
                       [](const Certificate& c) -> const std::string& { return c.sender; });
  ListEmailIdentityCertificatesResponse out;
  out.certificates.emplace();
  for (auto& certificate : page.items) {
    IdentityCertificate shown;
    shown.from_address = std::move(certificate.sender);
    shown.certificate_arn = std::move(certificate.arn);
    shown.status = "PROVISIONING";  // nobody looked at the certificate yet
    out.certificates->push_back(std::move(shown));
  }
  out.next_token = std::move(page.next);
  co_return out;
}

}  // namespace

void register_identity_settings_v2(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::sesv2;
  const aws::Access identity{.resources = {"identity"}};
  registry.register_operation(api, "PutEmailIdentityMailFromAttributes", &put_mail_from_attributes, identity);
  registry.register_operation(api, "PutEmailIdentityFeedbackAttributes", &put_feedback_attributes, identity);
  registry.register_operation(api, "CreateEmailIdentityPolicy", &create_policy, identity);
  registry.register_operation(api, "UpdateEmailIdentityPolicy", &update_policy, identity);
  registry.register_operation(api, "DeleteEmailIdentityPolicy", &delete_policy, identity);
  registry.register_operation(api, "GetEmailIdentityPolicies", &get_policies, identity);
  registry.register_operation(api, "AssociateEmailIdentityCertificate", &associate_certificate, identity);
  registry.register_operation(api, "DisassociateEmailIdentityCertificate", &disassociate_certificate,
                              identity);
  registry.register_operation(api, "ListEmailIdentityCertificates", &list_certificates, identity);
}

}  // namespace api

#include "send/custom_verification.h"

#include "base/encoding.h"
#include "base/fault.h"
#include "ses/custom_verification.h"
#include "ses/identity_name.h"
#include "ses/verification_link.h"

namespace send {
namespace {

using base::Fault;
using base::FaultKind;

[[noreturn]] void no_template(const CustomVerificationRequest& request) {
  if (!request.v1) ses::no_such_custom_verification(request.template_name);
  throw Fault::with_code(FaultKind::not_found, "CustomVerificationEmailTemplateDoesNotExist",
                         "Template <" + request.template_name + "> does not exist")
      .with("CustomVerificationEmailTemplateName", request.template_name);
}

}  // namespace

base::Task<ses::MessageId> send_custom_verification(Service& service, ses::Caller caller,
                                                    CustomVerificationRequest request) {
  // SES §14: the address is looked at before the template.
  if (base::trim(request.address).empty())
    throw Fault(FaultKind::invalid_parameter, "Email address not specified.");
  auto address = ses::require_address(request.address, service.settings.smtputf8);
  if (service.accounts.settings(caller.scope).sandbox)  // SES §7
    throw Fault(FaultKind::production_access_not_granted,
                "Production access has not been granted to this account.");
  auto made = co_await service.custom_verifications.find(caller.scope, request.template_name);
  if (!made) no_template(request);
  if (!service.identities.match_sender(caller.scope, made->from))
    throw Fault::with_code(FaultKind::not_found, "FromEmailAddressNotVerified",
                           "The from email address <" + made->from + "> is not verified")
        .with("FromEmailAddress", made->from);

  auto ends = service.clock.now() + ses::kVerificationLinkLife;
  auto link = ses::verification_url(service.settings, {caller.scope, address, ends, made->name},
                                    service.identities.link_secret());
  Submission s;
  s.door = request.v1 ? Door::v1 : Door::v2;
  s.operation = "SendCustomVerificationEmail";
  s.caller = caller;
  s.from = made->from;
  s.destination = Destination{{address}, {}, {}};
  s.configuration_set = std::move(request.configuration_set);  // configuration.cc says whether it exists
  mail::SimpleMail content;
  content.subject = {made->subject, "UTF-8"};
  content.text = mail::Content{ses::custom_verification_text(link), "UTF-8"};
  content.html = mail::Content{ses::custom_verification_html(*made, link), "UTF-8"};
  s.content = std::move(content);
  // First the mail, so that a refused one (quota, configuration set) leaves no identity.
  auto id = co_await submit(service, std::move(s));
  co_await service.identities.await_confirmation(caller, address);
  co_return id;
}

}  // namespace send

#include "send/senders.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/fault.h"
#include "ses/identity_name.h"
#include "ses/simulator_address.h"

namespace send {
namespace {

using base::Fault;
using base::FaultKind;

using Owner = std::optional<ses::IdentityRef>;

// The region's text is not known (?).
Owner owner_of(const Submission& s, const std::optional<std::string>& arn) {
  if (!arn) return std::nullopt;
  auto ref = ses::parse_identity_arn(*arn);
  auto name = ref ? ses::normal_name(ref->name) : std::nullopt;
  if (!name || ref->scope.region != s.caller.scope.region)
    throw Fault(FaultKind::invalid_parameter, "Invalid ARN <" + *arn + ">.");
  return ses::IdentityRef{ref->scope, *name};
}

// The owner's identity that covers the address, if it is the one named or lies below it: where the address is
// an identity of its own, that one decides, though the ARN names its domain (SES §9).
std::optional<ses::SenderMatch> match_owned(const Service& service, const ses::IdentityRef& owner,
                                            const std::string& address) {
  auto match = service.identities.match_sender(owner.scope, address);
  if (!match) return std::nullopt;
  if (match->identity->name == owner.name) return match;
  bool of_domain = ses::kind_of_name(owner.name) == ses::IdentityKind::domain;
  auto domain = ses::domain_of(match->identity->name);
  bool below = domain == owner.name || domain.ends_with("." + owner.name);
  auto named = of_domain && below ? service.identities.find(owner.scope, owner.name) : nullptr;
  return named && named->verified() ? match : std::nullopt;
}

class Finder {
 public:
  Finder(const Service& service, const Submission& s) : service_(service), s_(s) {
    source_ = owner_of(s, s.source_arn);
    from_ = owner_of(s, s.from_arn);
    return_path_ = owner_of(s, s.return_path_arn);
  }

  void from(const mail::Mailbox& box) { use(box, from_, source_); }
  void source(const mail::Mailbox& box) { use(box, source_, {}); }
  void return_path(const mail::Mailbox& box) { use(box, return_path_, source_); }
  void recipient(const mail::Mailbox& box) {
    if (!service_.identities.match_sender(s_.caller.scope, box.addr())) fail(box);
  }

  Senders finish() {
    if (failed_.empty()) return std::move(found_);
    std::string list;
    for (const auto& name : failed_) list += (list.empty() ? "" : ", ") + name;
    throw Fault(FaultKind::message_rejected,
                "Email address is not verified. The following identities failed the check in region " +
                    base::ascii_upper(s_.caller.scope.region.str()) + ": " + list);
  }

 private:
  // `named` must cover the address; `fallback`, that of Source, does where it can (SES §6.1).
  void use(const mail::Mailbox& box, const Owner& named, const Owner& fallback) {
    auto address = box.addr();
    std::optional<ses::SenderMatch> match;
    if (named) {
      match = match_owned(service_, *named, address);
    } else {
      if (fallback) match = match_owned(service_, *fallback, address);
      if (!match) match = service_.identities.match_sender(s_.caller.scope, address);
    }
    if (!match) return fail(box);
    if (found_.used.empty()) found_.from = *match;
    found_.used.push_back({&box, std::move(*match)});
  }

  void fail(const mail::Mailbox& box) {
    auto shown = mail::display_form(box);
    if (std::find(failed_.begin(), failed_.end(), shown) == failed_.end()) failed_.push_back(shown);
  }

  const Service& service_;
  const Submission& s_;
  Owner source_, from_, return_path_;
  Senders found_;
  std::vector<std::string> failed_;
};

}  // namespace

void check_identity_arn(const Submission& s, const std::string& arn) { owner_of(s, arn); }

Senders find_senders(const Service& service, const Submission& s, const Addresses& a) {
  Finder finder(service, s);
  for (const auto& box : a.from) finder.from(box);
  if (a.source) finder.source(*a.source);
  if (a.sender) finder.from(*a.sender);
  if (a.return_path) finder.return_path(*a.return_path);
  if (service.accounts.settings(s.caller.scope).sandbox)
    for (const auto* group : {&a.to, &a.cc, &a.bcc})
      for (const auto& box : *group)
        if (!ses::is_simulator_address(box.addr(), service.settings.service_domain)) finder.recipient(box);
  return finder.finish();
}

}  // namespace send

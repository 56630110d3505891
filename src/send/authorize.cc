#include "send/authorize.h"

#include <algorithm>
#include <span>

#include "aws/permissions.h"
#include "base/encoding.h"
#include "base/fault.h"
#include "ses/access.h"

namespace send {
namespace {

using base::Fault;
using base::FaultKind;

// An action that must be allowed, or another in its place; neither may be denied (SES §10.1).
struct Demand {
  std::string_view action, instead = {};
};
constexpr Demand kSimple[] = {{"SendEmail"}};
constexpr Demand kRaw[] = {{"SendRawEmail"}};
constexpr Demand kTemplated[] = {{"SendTemplatedEmail"}};
constexpr Demand kTemplateOfV2[] = {{"SendEmail", "SendTemplatedEmail"}};
constexpr Demand kBulk[] = {{"SendBulkTemplatedEmail"}};
constexpr Demand kBulkOfV2[] = {{"SendBulkEmail"}, {"SendBulkTemplatedEmail"}};
constexpr Demand kCustomVerification[] = {{"SendCustomVerificationEmail"}};
constexpr Demand kBounce[] = {{"SendBounce"}};
constexpr std::string_view kOverride = "ApplyTrackingConfigurationOverrides";

std::span<const Demand> demands_of(const Submission& s) {
  bool v1 = s.door == Door::v1;
  if (s.operation == "SendBounce") return kBounce;
  if (std::holds_alternative<RawContent>(s.content)) return kRaw;
  if (s.operation == "SendCustomVerificationEmail") {
    if (v1) return kCustomVerification;
    return {};  // v2 checks its template, before the handler
  }
  if (s.operation == "SendBulkEmail") return kBulkOfV2;
  if (s.operation == "SendBulkTemplatedEmail") return kBulk;
  if (s.operation == "SendTemplatedEmail") return kTemplated;
  return std::holds_alternative<TemplateContent>(s.content) ? kTemplateOfV2 : kSimple;
}

// SES §10.1: v2 and SMTP perform some of v1's actions; their resources and keys are then as of v1.
const aws::Permission& permission_of(aws::Api api, std::string_view action) {
  if (const auto* own = aws::find_permission(api, action)) return *own;
  return *aws::find_permission(aws::Api::ses, action);
}

// SES §10.1: SMTP is of the second.
std::string_view api_version(const Submission& s) { return s.door == Door::v1 ? "1" : "2"; }
std::string_view api_name(const Submission& s) {
  if (s.door == Door::smtp) return "smtp";
  return s.door == Door::v1 ? "v1" : "v2";
}
std::string full(std::string_view action) { return "ses:" + std::string(action); }

// Bare; of a bulk call those of all its entries.
std::vector<std::string> recipients_of(const Submission& s, const Addresses& a) {
  if (s.audience) return *s.audience;
  std::vector<std::string> all;
  for (const auto* group : {&a.to, &a.cc, &a.bcc})
    for (const auto& box : *group) all.push_back(box.addr());
  return all;
}

std::string normal(const std::string& address) {
  auto at = address.rfind('@');
  return at == std::string::npos ? address : address.substr(0, at) + base::ascii_lower(address.substr(at));
}

struct Resource {
  std::string_view kind;
  std::string arn;
  std::string account;
  std::vector<ses::Tag> tags = {};
  ses::IdentityPtr identity = {};  // has the policies

  std::span<const aws::AttachedPolicy> policies() const {
    return identity ? std::span<const aws::AttachedPolicy>(identity->sending)
                    : std::span<const aws::AttachedPolicy>();
  }
};

Resource resource_of(const ses::IdentityPtr& identity) {
  return {"identity", ses::identity_arn(identity->scope, identity->name), identity->scope.account.str(),
          identity->tags, identity};
}

Resource own_resource(const Submission& s, std::string_view kind, const std::string& name,
                      std::vector<ses::Tag> tags) {
  const auto& scope = s.caller.scope;
  return {kind, ses::resource_arn(scope, kind, name), scope.account.str(), std::move(tags)};
}

class Check {
 public:
  Check(const Service& service, const Submission& s, const Addresses& a)
      : service_(service), s_(s), addresses_(a), subject_(service.principals.subject_of(s.caller)) {
    if (!subject_)  // the key was made inactive while the session stood
      throw Fault(FaultKind::unrecognized_client,
                  s.door == Door::smtp ? "Authentication Credentials Invalid"
                                       : "The security token included in the request is invalid.");
    own_account_ = s.caller.scope.account.str();
    api_ = s.door == Door::v1 ? aws::Api::ses : aws::Api::sesv2;
  }

  void add(Resource resource) {
    auto same = [&](const Resource& r) { return r.arn == resource.arn; };
    if (std::none_of(resources_.begin(), resources_.end(), same)) resources_.push_back(std::move(resource));
  }

  void run() {
    for (const auto& from : addresses_.from) {
      from_ = &from;
      plain_.reset();
      addressed_.reset();
      for (const auto& demand : demands_of(s_))
        for (const auto& resource : resources_) demand_one(demand, resource);
    }
    if (s_.tracking.given()) demand_override(resources_.front());
    note_allowed();
  }

 private:
  bool skips(const Resource& r) const {
    return r.policies().empty() && r.account == own_account_ && ses::unbounded(*subject_);
  }

  void demand_one(const Demand& demand, const Resource& r) {
    const auto& permission = permission_of(api_, demand.action);
    auto uses = permission.resources;
    bool asked = std::any_of(uses.begin(), uses.end(), [&](const auto& use) { return use.kind == r.kind; });
    if (!asked || skips(r)) return;
    auto decision = ask(permission, r);
    auto denies = [](const aws::Decision& d) { return d.effect == aws::AccessEffect::explicit_deny; };
    if (!demand.instead.empty() && !denies(decision)) {
      auto other = ask(permission_of(api_, demand.instead), r);
      if (denies(other) || !decision.allowed()) decision = other;
    }
    if (!first_) first_ = decision;
    if (!decision.allowed())
      refuse(demand.action, r, decision, ses::send_denial(*subject_, full(demand.action), r.arn));
  }

  // SES §10.1, in the words that were seen.
  void demand_override(const Resource& r) {
    if (skips(r)) return;
    auto decision = ask(permission_of(api_, kOverride), r);
    if (decision.allowed()) return;
    refuse(kOverride, r, decision,
           "User '" + subject_->requester.arn + "' is not authorized to perform '" + full(kOverride) + "'");
  }

  [[noreturn]] void refuse(std::string_view action, const Resource& r, const aws::Decision& decision,
                           std::string text) {
    service_.audit.record(
        ses::access_record(s_.caller, *subject_, api_name(s_), full(action), {r.arn}, decision));
    throw Fault(FaultKind::access_denied, std::move(text));
  }

  // One record of the mail, with what let its sender through.
  void note_allowed() {
    auto demands = demands_of(s_);
    if (demands.empty() || !service_.audit.wants_allows()) return;
    std::vector<std::string> arns;
    for (const auto& r : resources_) arns.push_back(r.arn);
    aws::Decision decision = first_.value_or(aws::Decision{});
    decision.effect = aws::AccessEffect::allowed;
    service_.audit.record(ses::access_record(s_.caller, *subject_, api_name(s_), full(demands[0].action),
                                             std::move(arns), decision));
  }

  aws::Decision ask(const aws::Permission& permission, const Resource& r) {
    const auto& context = context_of(permission);
    auto action = full(permission.action);
    if (r.tags.empty())
      return aws::decide(subject_->policies, r.policies(),
                         {action, r.arn, r.account, subject_->requester, context});
    auto tagged = ses::with_resource_tags(context, r.tags);
    return aws::decide(subject_->policies, r.policies(),
                       {action, r.arn, r.account, subject_->requester, tagged});
  }

  // SES §10.4: the actions of a send have the same keys of the addresses or none of them.
  const aws::ConditionContext& context_of(const aws::Permission& permission) {
    bool addressed = permission.has_key("ses:FromAddress");
    auto& context = addressed ? addressed_ : plain_;
    if (context) return *context;
    context = ses::request_context(s_.caller, *subject_, service_.clock.now(), api_version(s_));
    auto set_given = [&](std::string_view key, const std::optional<std::string>& value) {
      if (value && !value->empty()) context->set(key, *value);
    };
    set_given("ses:TenantName", s_.tenant);
    set_given("ses:MultiRegionEndpointId", s_.endpoint);
    if (addressed) add_addresses(permission, *context);
    return *context;
  }

  void add_addresses(const aws::Permission& permission, aws::ConditionContext& context) const {
    const auto& a = addresses_;
    context.set("ses:FromAddress", from_->addr());
    if (!permission.has_key("ses:Recipients")) return;  // a bounce has no other
    if (!from_->display_name.empty()) context.set("ses:FromDisplayName", from_->display_name);
    const auto& feedback = a.return_path ? *a.return_path : a.source ? *a.source : *from_;
    context.set("ses:FeedbackAddress", feedback.addr());
    context.set("ses:Recipients", recipients_of(s_, a));
  }

 private:
  const Service& service_;
  const Submission& s_;
  const Addresses& addresses_;
  ses::SubjectPtr subject_;
  std::string own_account_;
  aws::Api api_ = aws::Api::sesv2;
  const mail::Mailbox* from_ = nullptr;
  std::vector<Resource> resources_;
  std::optional<aws::ConditionContext> plain_, addressed_;
  std::optional<aws::Decision> first_;
};

// SES §10.2: a recipient that is an identity itself, which in the sandbox each is in some way.
void add_recipients(Check& check, const Service& service, const Submission& s, const Addresses& a) {
  bool sandbox = service.accounts.settings(s.caller.scope).sandbox;
  for (const auto& address : recipients_of(s, a)) {
    auto match = service.identities.match_sender(s.caller.scope, address);
    if (!match) continue;
    const auto& identity = *match->identity;
    bool itself = identity.kind == ses::IdentityKind::address && identity.name == normal(address);
    if (sandbox || itself) check.add(resource_of(match->identity));
  }
}

}  // namespace

void authorize(const Service& service, const Submission& s, const Addresses& addresses,
               const Senders& senders, const Effective& effective) {
  if (s.door == Door::system || s.authorized) return;
  Check check(service, s, addresses);
  for (const auto& used : senders.used) check.add(resource_of(used.match.identity));
  add_recipients(check, service, s, addresses);
  const auto& set = effective.configuration_set;
  if (!set.empty()) {
    auto tags = service.configuration_sets.tags(s.caller.scope, set);
    check.add(own_resource(s, "configuration-set", set, std::move(tags).value_or(std::vector<ses::Tag>{})));
  }
  const auto* content = std::get_if<TemplateContent>(&s.content);
  if (content && !content->name.empty()) check.add(own_resource(s, "template", content->name, {}));
  check.run();
}

base::Task<void> rethrow_refusal(Service& service, std::exception_ptr error) {
  bool denied = false;
  try {
    std::rethrow_exception(error);
  } catch (const Fault& fault) {
    denied = fault.kind() == FaultKind::access_denied;
  } catch (...) {
    denied = false;
  }
  if (denied) {
    auto settling = service.audit.settle();
    co_await settling;
  }
  std::rethrow_exception(error);
}

}  // namespace send

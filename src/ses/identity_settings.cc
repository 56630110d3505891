// What may be set on an identity: custom MAIL FROM, feedback, notifications and tags (SES §8.5, §8.6, §19,
// §25.3).
#include "base/encoding.h"
#include "base/fault.h"
#include "ses/identity_impl.h"
#include "ses/identity_name.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

[[noreturn]] void refuse(std::string text) { throw Fault(FaultKind::invalid_parameter, std::move(text)); }

constexpr std::array<std::string_view, 3> kTypes = {"Bounce", "Complaint", "Delivery"};

std::string type_name(NotificationType type) { return std::string(kTypes[static_cast<std::size_t>(type)]); }

// SES §8.5: a subdomain of the identity's domain.
std::string mail_from_name(const std::string& given, const std::string& identity) {
  std::string parent(domain_of(identity));
  auto normal = normal_domain(given);
  if (normal && normal->ends_with("." + parent)) return *normal;
  refuse("Provided MAIL-FROM domain <" + given + "> is not subdomain of the domain of the identity <" +
         parent + ">.");
}

// SES §19: a topic of the same region, of the standard type. (?) for the words.
void check_topic(const std::string& arn, const Scope& scope) {
  constexpr std::string_view kNames = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
  auto parts = base::split(arn, ':');
  bool good = arn.size() <= 2048 && parts.size() == 6 && parts[0] == "arn" && parts[1].starts_with("aws") &&
              parts[2] == "sns" && parts[3] == scope.region.str() && parts[4].size() == 12 &&
              parts[4].find_first_not_of("0123456789") == std::string_view::npos && !parts[5].empty() &&
              parts[5].size() <= 256 && parts[5].find_first_not_of(kNames) == std::string_view::npos;
  if (!good) refuse("Invalid SNS topic <" + arn + ">.");
}

using Edit = std::function<void(Identity&)>;

}  // namespace

base::Task<void> Identities::Impl::edit(Scope scope, std::string name, std::string missing,
                                        std::function<void(Identity&)> edit) {
  auto normal = normal_name(name);
  if (!normal) refuse(missing);
  Decide decide = [missing, edit = std::move(edit)](store::Db&, const std::optional<Identity>& current) {
    if (!current) refuse(missing);
    auto identity = *current;
    edit(identity);
    return Outcome{Outcome::save, std::move(identity)};
  };
  co_await change(scope, *normal, std::move(decide));
}

base::Task<void> Identities::set_mail_from(Caller caller, MailFromRequest request) {
  auto* impl = impl_.get();
  Edit edit = [impl, request](Identity& identity) {
    auto& mail_from = identity.mail_from;
    if (request.domain.empty()) {
      mail_from = MailFrom{};
      mail_from.reject = request.reject;
      return;
    }
    auto domain = mail_from_name(request.domain, identity.name);
    mail_from.reject = request.reject;
    // Said again it changes nothing, but what failed is looked for once more.
    if (domain == mail_from.domain && mail_from.status != VerificationStatus::failed) return;
    auto now = impl->clock.now();
    mail_from = MailFrom{};
    mail_from.domain = std::move(domain);
    mail_from.reject = request.reject;
    mail_from.status = impl->instant() ? VerificationStatus::success : VerificationStatus::pending;
    mail_from.started = now;
    if (impl->instant()) mail_from.checked = now;
  };
  auto missing = "Identity <" + request.name + "> does not exist.";
  co_await impl->edit(caller.scope, request.name, std::move(missing), std::move(edit));
}

std::optional<MailFrom> Identities::mail_from_for(const Identity& identity) const {
  if (!identity.mail_from.domain.empty()) return identity.mail_from;
  auto names = impl_->view.names(identity.scope);
  std::optional<std::string_view> at = domain_of(identity.name);
  if (identity.kind == IdentityKind::domain) at = parent_domain(*at);
  for (; at; at = parent_domain(*at)) {
    auto parent = IdentityView::find(*names, *at);
    if (parent && parent->verified() && !parent->mail_from.domain.empty()) return parent->mail_from;
  }
  return std::nullopt;
}

bool Identities::may_be_mail_from(std::string_view domain) const { return impl_->view.is_somebodys(domain); }

std::vector<Scope> Identities::owners(std::string_view domain) const { return impl_->view.owners(domain); }

base::Task<void> Identities::set_feedback_forwarding(Caller caller, std::string name, bool enabled,
                                                     bool need_topics) {
  Edit edit = [name, enabled, need_topics](Identity& identity) {
    bool topics = !identity.notification(NotificationType::bounce).topic.empty() &&
                  !identity.notification(NotificationType::complaint).topic.empty();
    if (!enabled && need_topics && !topics)  // (?) for the words
      refuse("Feedback forwarding of identity " + name +
             " cannot be disabled: bounce and complaint topics must be set first.");
    identity.feedback_forwarding = enabled;
  };
  auto missing = "Identity " + name + " is invalid. Must be a verified email address or domain.";
  co_await impl_->edit(caller.scope, name, std::move(missing), std::move(edit));
}

base::Task<void> Identities::set_notification_topic(Caller caller, std::string name, NotificationType type,
                                                    std::string topic) {
  if (!topic.empty()) check_topic(topic, caller.scope);
  Edit edit = [type, topic](Identity& identity) {
    auto& notification = identity.notification(type);
    if (topic.empty()) notification.headers = false;  // SES §19: on only where there is a topic
    notification.topic = topic;
  };
  auto missing = "Identity " + name + " is invalid. It must be a verified email address or domain.";
  co_await impl_->edit(caller.scope, name, std::move(missing), std::move(edit));
}

base::Task<void> Identities::set_notification_headers(Caller caller, std::string name, NotificationType type,
                                                      bool enabled) {
  Edit edit = [name, type, enabled](Identity& identity) {
    auto& notification = identity.notification(type);
    if (enabled && notification.topic.empty())  // (?) for the words
      refuse("Identity " + name + " has no topic for " + type_name(type) + " notifications.");
    notification.headers = enabled;
  };
  auto missing = "Identity " + name + " is invalid. It must be a verified email address or domain.";
  co_await impl_->edit(caller.scope, name, std::move(missing), std::move(edit));
}

base::Task<bool> Identities::edit_tags(Caller caller, std::string name,
                                       std::function<void(std::vector<Tag>&)> edit) {
  auto* impl = impl_.get();
  auto normal = normal_name(name);
  if (!normal) co_return false;
  Impl::Decide decide = [edit = std::move(edit)](store::Db&, const std::optional<Identity>& current) {
    if (!current) return Impl::Outcome{};
    auto identity = *current;
    edit(identity.tags);
    return Impl::Outcome{Impl::Outcome::save, std::move(identity)};
  };
  auto changed = co_await impl->change(caller.scope, *normal, std::move(decide));
  co_return changed.what == Impl::Outcome::save;
}

}  // namespace ses

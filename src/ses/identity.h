// Identity: an address or a domain that may send, per account and region (SES §8), and its DKIM keys. The
// rules of making, verifying, changing and finding identities, and their rows. Reads come from a snapshot
// that is swapped before a write returns (ARCHITECTURE 3.6), so they cost no SQL and may be asked on any
// thread.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/policy.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/task.h"
#include "mail/dkim.h"
#include "ses/keyring.h"
#include "ses/settings.h"
#include "ses/types.h"
#include "store/store.h"

namespace ses {

enum class IdentityKind { address, domain };
enum class VerificationStatus { not_started, pending, success, failed, temporary_failure };
enum class DkimOrigin { none, aws_ses, external };

struct DkimState {
  DkimOrigin origin = DkimOrigin::none;
  bool enabled = false;     // SigningEnabled
  bool own_choice = false;  // address: `enabled` was set for it; else its domain's counts (§8.4)
  VerificationStatus status = VerificationStatus::not_started;
  std::vector<std::string> tokens;  // Easy DKIM: three; BYODKIM: the selector
  std::string selector;             // what s= says: tokens[0] or the caller's selector
  int key_bits = 0, next_key_bits = 0;
  int length_changes = 0;  // how often the key's length was changed (SES §8.4)
  std::optional<base::WallTime> key_made;
  std::optional<base::WallTime> started;     // of the verification under way
  std::optional<base::WallTime> failing;     // since when a verified record is not found
  std::shared_ptr<const mail::DkimKey> key;  // parsed once
  // A key of another length: it signs once DNS shows it, and until then the one above goes on.
  std::string next_selector;
  std::shared_ptr<const mail::DkimKey> next_key;

  bool signs() const {  // if it is enabled
    bool good = status == VerificationStatus::success || status == VerificationStatus::temporary_failure;
    return key && (good || (next_key && status == VerificationStatus::pending));
  }
};

// The custom MAIL FROM of an identity (SES §8.5).
struct MailFrom {
  std::string domain;   // empty: none
  bool reject = false;  // BehaviorOnMXFailure is RejectMessage
  VerificationStatus status = VerificationStatus::not_started;
  std::optional<base::WallTime> started, checked;
  std::optional<base::WallTime> failing;  // since when a record that was there is not found

  bool usable() const { return !domain.empty() && status == VerificationStatus::success; }
};

// What is told to SNS topics about an identity's mail (SES §19).
enum class NotificationType { bounce, complaint, delivery };
struct Notification {
  std::string topic;     // ARN; empty: none
  bool headers = false;  // the mail's headers are told too
};

struct Identity {
  Scope scope;
  std::string name;  // domains lower case; addresses keep the case of their local part
  IdentityKind kind = IdentityKind::address;
  VerificationStatus status = VerificationStatus::pending;
  std::string token;  // of the TXT record (domains, v1)
  DkimState dkim;
  bool feedback_forwarding = true;
  MailFrom mail_from;
  std::array<Notification, 3> notifications;    // by NotificationType
  std::map<std::string, std::string> policies;  // name and text (SES §9)
  std::vector<aws::AttachedPolicy> sending;     // the same, compiled as the snapshot is made
  std::optional<std::string> configuration_set;
  std::vector<Tag> tags;
  base::WallTime created, verification_started;
  std::optional<base::WallTime> last_checked, last_success;
  std::optional<base::WallTime> failing;  // since when the records of a verified domain are not found
  std::string error_type;                 // VerificationInfo.ErrorType of the last failed look-up
  std::int64_t generation = 0;

  // May send. Only what was verified gets to temporary_failure, and keeps sending while it lasts (SES §8.3).
  bool verified() const {
    return status == VerificationStatus::success || status == VerificationStatus::temporary_failure;
  }
  Notification& notification(NotificationType type) { return notifications[static_cast<std::size_t>(type)]; }
  const Notification& notification(NotificationType type) const {
    return notifications[static_cast<std::size_t>(type)];
  }
};
using IdentityPtr = std::shared_ptr<const Identity>;

// What a send needs to know of the identity behind an address (SES §8.1, §5.1).
struct SenderMatch {
  IdentityPtr identity;  // the most specific verified one: address (label stripped), domain, parent domain
  IdentityPtr signer;    // the one whose DKIM key signs, or nullptr: the service domain signs
};

class Identities {
 public:
  Identities(store::Store& store, const Keyring& keyring, const Settings& settings, const base::Clock& clock,
             base::Random& random);
  ~Identities();

  void load();  // at start; calling thread

  IdentityPtr find(const Scope& scope, std::string_view name) const;  // exact identity, any status
  // All identities of the scope by name, for the lists.
  std::vector<IdentityPtr> all(const Scope& scope) const;
  // What is told of the identity's DKIM: an address shows its domain's, with its own switch (SES §8.4).
  DkimState dkim_of(const Scope& scope, std::string_view name) const;
  // The verified identity that covers `address` (bare), or nullopt.
  std::optional<SenderMatch> match_sender(const Scope& scope, std::string_view address) const;

  // Makes the identity, or starts its verification again, as VerifyEmailIdentity / VerifyDomainIdentity do
  // (v1).
  base::Task<IdentityPtr> verify_address(Caller caller, std::string address);
  // The same, without a mail and without dev mode's short cut: the caller mails the link (SES §14).
  base::Task<IdentityPtr> await_confirmation(Caller caller, std::string address);
  base::Task<IdentityPtr> verify_domain(Caller caller, std::string domain);
  base::Task<IdentityPtr> verify_domain_dkim(Caller caller, std::string domain);

  struct CreateRequest {
    std::string name;
    std::vector<Tag> tags;
    std::optional<std::string> configuration_set;
    std::optional<std::string> byodkim_selector, byodkim_private_key;
    std::optional<int> easy_dkim_bits;
  };
  base::Task<IdentityPtr> create(Caller caller, CreateRequest request);  // v2; Fault already_exists
  base::Task<bool> remove(Caller caller, std::string name);              // false if there was none

  // The set that mail goes with where the call names none; nullopt or "" clears it. Fault not_found.
  base::Task<void> set_configuration_set(Caller caller, std::string name, std::optional<std::string> set);
  // That of the identity behind `address` (bare), an address before its domain (SES §5.6).
  std::optional<std::string> default_configuration_set(const Scope& scope, std::string_view address) const;

  base::Task<void> set_dkim_enabled(Caller caller, std::string name, bool enabled);
  struct SigningRequest {
    std::string name;
    bool external = false;
    std::optional<std::string> selector, private_key;
    std::optional<int> next_key_bits;
  };
  base::Task<IdentityPtr> set_dkim_signing(Caller caller, SigningRequest request);

  // Verification's results: by the link in the mail, or by DNS.
  base::Task<bool> confirm_address(Scope scope, std::string address);
  struct CheckResult {
    VerificationStatus status, dkim_status;
    std::string error_type;
    std::int64_t generation = 0;  // of the identity that was looked at; a newer one is left alone
    base::WallTime at{};  // when the look began: it is judged by that time, and the next is due from it
    std::optional<VerificationStatus> mail_from_status = {};  // of the custom MAIL FROM, if it was looked for
  };
  base::Task<void> record_check(Scope scope, std::string name, CheckResult result);
  // Identities whose next look at DNS (or expiry of an address's link) is due at `now`.
  std::vector<IdentityPtr> due_checks(base::WallTime now) const;
  std::optional<base::WallTime> next_check() const;
  // Called after each change of an identity, on the thread that made it. Any number; before the loops run.
  void on_change(std::function<void()> listener);

  // Settings, in identity_settings.cc.
  struct MailFromRequest {
    std::string name;
    std::string domain;  // empty: no custom MAIL FROM
    bool reject = false;
  };
  base::Task<void> set_mail_from(Caller caller, MailFromRequest request);
  // The MAIL FROM for mail of `identity`: its own, else that of the nearest verified parent (SES §8.1).
  std::optional<MailFrom> mail_from_for(const Identity& identity) const;
  // Whether bounces of anybody's mail may come back to the domain (lower case): it is a custom MAIL FROM, or
  // could have been one, for it is at or below a verified domain.
  bool may_be_mail_from(std::string_view domain) const;
  // The scopes that have the domain (lower case), or one above it, verified. However many accounts there are.
  std::vector<Scope> owners(std::string_view domain) const;
  // `need_topics`: it goes off only where bounces and complaints have topics, as v1 says.
  base::Task<void> set_feedback_forwarding(Caller caller, std::string name, bool enabled, bool need_topics);
  base::Task<void> set_notification_topic(Caller caller, std::string name, NotificationType type,
                                          std::string topic);
  base::Task<void> set_notification_headers(Caller caller, std::string name, NotificationType type,
                                            bool enabled);
  // `edit` runs inside the transaction (ses/tags.h); false: no such identity.
  base::Task<bool> edit_tags(Caller caller, std::string name, std::function<void(std::vector<Tag>&)> edit);

  // Sending authorization policies (SES §9), in identity_policies.cc.
  enum class PolicyWrite { upsert, create, update };
  struct PolicyRequest {
    std::string identity, name, text;
    PolicyWrite how = PolicyWrite::upsert;
  };
  base::Task<void> put_policy(Caller caller, PolicyRequest request);
  base::Task<bool> remove_policy(Caller caller, std::string identity, std::string name);  // false: none

  // S/MIME certificates (SES §24.13), in identity_certificates.cc. They are not looked at here.
  struct Certificate {
    std::string sender, arn;
  };
  struct CertificateRequest {
    std::string identity;
    std::optional<std::string> sender;  // the identity itself where it is an address
    std::string arn;
  };
  base::Task<void> associate_certificate(Caller caller, CertificateRequest request);
  base::Task<void> disassociate_certificate(Caller caller, CertificateRequest request);  // `arn` unused
  base::Task<std::vector<Certificate>> certificates(Scope scope, std::string identity);  // by sender

  // The service domain's own key, made at first use (system mail, and identities without DKIM of their own).
  base::Task<std::shared_ptr<const mail::DkimKey>> service_key();
  std::string service_selector() const;
  // A secret of this installation for signing links; the same after a restart.
  const std::string& link_secret() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::string_view v1_status(VerificationStatus status);  // "Pending"
std::string_view v2_status(VerificationStatus status);  // "PENDING"

}  // namespace ses

// Principals: IAM's users, groups and roles with their policies, managed policies, access keys, and who a
// caller is. IAM is global: no region. Secrets are sealed under the master key at rest and held in memory to
// check signatures with. Who asks and what it may do comes from snapshots (find_key, subject_of), which a
// change has reached before its write answers, so that it holds from the next request or message on; lists
// and descriptions come from the store. Any thread.
//
// Faults carry IAM's codes and words: NoSuchEntity, EntityAlreadyExists, DeleteConflict, LimitExceeded,
// InvalidInput, MalformedPolicyDocument, ValidationError.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/task.h"
#include "ses/keyring.h"
#include "ses/principal_types.h"
#include "ses/subject.h"
#include "ses/types.h"
#include "store/store.h"

namespace ses {

class Principals {
 public:
  Principals(store::Store& store, const Keyring& keyring, const base::Clock& clock, base::Random& random);
  ~Principals();
  void load();

  // Who a caller is now; null where it is nobody any more: its key inactive or gone, its session expired, its
  // user or role deleted.
  SubjectPtr subject_of(const Caller& caller) const;
  SubjectPtr subject_of(const AccessKey& key) const;
  // What the policies of a user, group or role give, by its id (AIDA…, AGPA…, AROA…); null: no such.
  SubjectPtr subject_by_id(const AccountId& account, const std::string& id) const;
  AccessKeyPtr find_key(std::string_view id) const;

  // Users, groups and roles (principal_entities.cc). A user is deleted once it has no keys, groups and
  // policies; a group once it has no members and policies; a role once it has no policies.
  base::Task<Principal> create(NewPrincipal made);
  base::Task<Principal> get(PrincipalName name);
  base::Task<Principal> update(PrincipalName name, PrincipalChange change);
  base::Task<void> remove(PrincipalName name);
  base::Task<Page<Principal>> list(AccountId account, PrincipalKind kind, PageRequest wanted);
  base::Task<IamSummary> summary(AccountId account);
  // A tag that is there, in whatever case, gets the new value; keys that are not there do not matter.
  base::Task<void> tag(PrincipalName name, std::vector<Tag> tags);
  base::Task<void> untag(PrincipalName name, std::vector<std::string> keys);
  // `arn` of a managed policy; empty: none.
  base::Task<void> set_boundary(PrincipalName name, std::string arn);

  // Groups (principal_groups.cc).
  base::Task<void> add_member(AccountId account, std::string group, std::string user);
  base::Task<void> remove_member(AccountId account, std::string group, std::string user);
  base::Task<Page<Principal>> list_members(AccountId account, std::string group, PageRequest wanted);
  base::Task<Page<Principal>> list_groups_of(AccountId account, std::string user, PageRequest wanted);

  // Inline policies, and managed policies attached (principal_policies.cc).
  base::Task<void> put_policy(PrincipalName name, InlinePolicy policy);
  base::Task<InlinePolicy> get_policy(PrincipalName name, std::string policy);
  base::Task<void> remove_policy(PrincipalName name, std::string policy);
  base::Task<Page<InlinePolicy>> list_policies(PrincipalName name, PageRequest wanted);
  base::Task<void> attach(PrincipalName name, std::string arn);
  base::Task<void> detach(PrincipalName name, std::string arn);
  base::Task<Page<AttachedName>> list_attached(PrincipalName name, PageRequest wanted);

  // Managed policies (managed_policies.cc): those of the account and AWS's own, by ARN.
  enum class PolicyScope { all, aws, local };
  struct PolicyFilter {
    PolicyScope scope = PolicyScope::all;
    bool only_attached = false;
    bool only_boundaries = false;
    std::string path_prefix;
  };
  struct NewVersion {
    AccountId account;
    std::string arn, document;
    bool as_default = false;
  };
  base::Task<ManagedPolicy> create_managed(NewManagedPolicy made);
  base::Task<ManagedPolicy> get_managed(AccountId account, std::string arn);
  base::Task<void> remove_managed(AccountId account, std::string arn);
  base::Task<Page<ManagedPolicy>> list_managed(AccountId account, PolicyFilter filter, PageRequest wanted);
  base::Task<PolicyVersion> create_version(NewVersion made);
  base::Task<PolicyVersion> get_version(AccountId account, std::string arn, std::string version);
  base::Task<std::vector<PolicyVersion>> list_versions(AccountId account, std::string arn);  // newest first
  base::Task<void> remove_version(AccountId account, std::string arn, std::string version);
  base::Task<void> set_default_version(AccountId account, std::string arn, std::string version);
  base::Task<PolicyEntities> entities_of(AccountId account, std::string arn, bool as_boundary);

  // Access keys (principal_keys.cc). `user` is empty for the account's root.
  base::Task<AccessKeyPtr> create_key(AccountId account,
                                      std::string user);  // the one time the secret is told
  base::Task<std::vector<AccessKeyPtr>> list_keys(AccountId account, std::string user);  // oldest first
  base::Task<void> set_key_active(AccountId account, std::string user, std::string id, bool active);
  base::Task<void> delete_key(AccountId account, std::string user, std::string id);

  // When a key or a role was last used, to the minute. Noting it costs no SQL; save_uses() writes what was
  // noted, once every while.
  void note_use(std::string_view key_or_role_id, std::string_view service, std::string_view region);
  std::optional<LastUse> last_use(const AccessKey& key) const;
  base::Task<void> save_uses();

  // Temporary credentials (principal_sessions.cc). Who may have them is for the caller to find out, by the
  // role's trust policy for one.
  struct AssumableRole {
    Principal role;
    aws::PolicyPtr trust;
  };
  struct SessionRequest {
    AccountId account;
    SubjectKind kind = SubjectKind::role_session;
    std::string principal;  // id of the role or user; empty: the account's root
    std::string name;       // of the session, of the federated user
    std::chrono::seconds duration{3600};
    std::optional<std::string> policy;
    std::vector<std::string> policy_arns;
    std::vector<Tag> tags;
    std::vector<std::string> transitive_tags;
    std::string source_identity;
    bool mfa = false;
  };
  struct MintedSession {
    std::string access_key_id, secret, token;
    base::WallTime expires;
    SubjectPtr subject;
  };
  // By ARN; nullopt where there is no such role. From the snapshot.
  std::optional<AssumableRole> find_role(const std::string& arn) const;
  MintedSession mint_session(const SessionRequest& request) const;
  // The session of a token, which must be that of the key. Faults unrecognized_client, expired_token.
  SessionPtr open_session(std::string_view access_key_id, std::string_view token) const;

  // For the doors: the caller that such credentials make, once the signature or the password is checked.
  static Caller caller_of(const AccessKey& key, Region region);
  Caller caller_of(const SessionPtr& session, Region region) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ses

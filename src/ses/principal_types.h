// What IAM keeps: users, groups and roles, managed policies, access keys; and the limits they keep to. IAM is
// global, so nothing here has a region. Plain data.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ses/types.h"

namespace ses {

// IAM's default quotas, none of them to be raised here.
namespace iam_limit {
inline constexpr std::int64_t kUsers = 5000, kGroups = 300, kRoles = 1000, kPolicies = 1500;
inline constexpr std::int64_t kKeysPerUser = 2, kGroupsPerUser = 10, kAttached = 10, kVersions = 5;
// Characters of a policy without its white space.
inline constexpr std::size_t kUserPolicy = 2048, kGroupPolicy = 5120, kRolePolicy = 10240;
inline constexpr std::size_t kManagedPolicy = 6144, kTrustPolicy = 2048;
inline constexpr std::size_t kTags = 50;
inline constexpr std::size_t kPage = 100, kMaxPage = 1000;
inline constexpr std::chrono::seconds kMinSession{3600}, kMaxSession{43200};  // a role's longest session
}  // namespace iam_limit

enum class PrincipalKind { user, group, role };

struct PrincipalName {
  AccountId account = {};
  PrincipalKind kind = PrincipalKind::user;
  std::string name = {};
};

struct Principal {
  AccountId account;
  PrincipalKind kind = PrincipalKind::user;
  std::string id;  // AIDA, AGPA or AROA and 17 letters and digits; stays when the name changes
  std::string name;
  std::string path = "/";
  std::string arn;
  base::WallTime created;
  // Users and roles.
  std::string boundary;  // ARN of a managed policy; empty: none
  std::vector<Tag> tags;
  // Roles.
  std::string description;
  std::string trust;  // the document that says who may assume it
  std::chrono::seconds max_session = iam_limit::kMinSession;
  std::optional<base::WallTime> used;
  std::string used_region;

  PrincipalName named() const { return {account, kind, name}; }
};
using User = Principal;

struct NewPrincipal {
  PrincipalName name = {};
  std::string path = "/";
  std::string boundary = {};
  std::vector<Tag> tags = {};
  std::string description = {}, trust = {};  // roles
  std::chrono::seconds max_session = iam_limit::kMinSession;
};

// Only what is given changes.
struct PrincipalChange {
  std::optional<std::string> name = {}, path = {};          // users and groups
  std::optional<std::string> description = {}, trust = {};  // roles
  std::optional<std::chrono::seconds> max_session = {};
};

struct InlinePolicy {
  std::string name, document;
};

struct ManagedPolicy {
  AccountId account;  // empty: AWS's own, there for every account
  std::string id;     // ANPA and 17 letters and digits
  std::string name;
  std::string path = "/";
  std::string arn;
  std::string description;
  int default_version = 1;
  base::WallTime created, updated;
  std::vector<Tag> tags;
  std::int64_t attached = 0;    // to users, groups and roles of the account that asks
  std::int64_t boundaries = 0;  // whose boundary it is
};

struct NewManagedPolicy {
  AccountId account = {};
  std::string name = {};
  std::string path = "/";
  std::string document = {};
  std::string description = {};
  std::vector<Tag> tags = {};
};

struct PolicyVersion {
  int number = 1;  // "v1"
  std::string document;
  bool is_default = false;
  base::WallTime created;
};

struct AttachedName {  // of a managed policy
  std::string name, arn;
};

struct PolicyEntities {  // who a managed policy is attached to, or whose boundary it is
  std::vector<Principal> users, groups, roles;
};

struct LastUse {
  base::WallTime at;
  std::string service, region;  // "ses", "us-east-1"
};

struct AccessKey {
  std::string id;  // AKIA + 16
  AccountId account;
  std::string user;   // empty: the account's root
  std::string owner;  // the user's id; empty: the account's root
  std::string arn;    // the user's
  std::string secret;
  bool active = true;
  base::WallTime created;
  std::optional<LastUse> used;  // as it was when the key was read; Principals::last_use() knows better
};
using AccessKeyPtr = std::shared_ptr<const AccessKey>;

// Lists come by name (managed policies by ARN, keys and versions by age), a page at a time.
struct PageRequest {
  std::string path_prefix = {};  // where there are paths; empty: all
  std::string after = {};        // Page::next of the page before
  std::size_t limit = iam_limit::kPage;
};

template <class T>
struct Page {
  std::vector<T> items;
  std::string next;  // empty: this was the last
};

struct IamSummary {
  std::int64_t users = 0, groups = 0, roles = 0, policies = 0, versions = 0, root_keys = 0;
};

}  // namespace ses

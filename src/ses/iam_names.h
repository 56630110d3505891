// Names, paths, ids and ARNs of IAM, and the faults that name them, in IAM's words. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/fault.h"
#include "base/random.h"
#include "ses/principal_types.h"

namespace ses::iam {

std::string_view word_of(PrincipalKind kind);      // "user"
std::string_view title_of(PrincipalKind kind);     // "User"
std::string arn_of(const Principal& principal);    // arn:aws:iam::123456789012:user/path/bob
std::string arn_of(const ManagedPolicy& policy);   // arn:aws:iam::aws:policy/AmazonSESFullAccess
std::string root_arn(const AccountId& account);    // arn:aws:iam::123456789012:root
AccountId account_of_arn(const std::string& arn);  // empty: AWS, or no ARN
std::string fresh_id(PrincipalKind kind, base::Random& random);
std::string fresh_policy_id(base::Random& random);

// Ids of access keys tell the account, as Amazon's do: `prefix` is AKIA, or ASIA of temporary ones.
std::string fresh_key_id(std::string_view prefix, const AccountId& account, base::Random& random);
AccountId account_of_key_id(std::string_view id);  // empty where it is none
std::string fresh_secret(base::Random& random);    // 40 characters

// Faults where a name, a path or a list of tags is not what IAM takes.
void check_name(PrincipalKind kind, const std::string& name);
void check_policy_name(const std::string& name);
void check_session_name(const std::string& name);
void check_path(const std::string& path);
void check_tags(const std::vector<Tag>& tags);
// The characters that count for a policy's size.
std::size_t size_of(std::string_view document);
std::string version_name(int number);         // "v3"
int version_number(const std::string& name);  // 0 where it is none

// Faults are thrown as what these make; each has its v1 code from IAM's model, which tells the status too.
base::Fault no_such_entity(std::string text);
base::Fault no_such(const PrincipalName& name);      // "The user with name bob cannot be found."
base::Fault no_such_policy(const std::string& arn);  // "Policy ARN was not found."
base::Fault not_attachable(const std::string& arn);
base::Fault no_such_key(const std::string& id);
base::Fault already_exists(std::string text);
base::Fault delete_conflict(std::string text);
base::Fault limit_exceeded(std::string text);
base::Fault over_quota(std::string_view quota, std::int64_t limit);  // "Cannot exceed quota for …: 2"
base::Fault invalid_input(std::string text);
base::Fault malformed_policy(std::string text);
base::Fault validation_error(std::string text);

}  // namespace ses::iam

// Subject: who asks, with everything that decides what it may do: its policies compiled, its boundary, its
// session. Immutable and shared; one is put together anew when anything it stands on has changed, so deciding
// reads no SQL and parses nothing. Session: temporary credentials, opened. Any thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aws/policy.h"
#include "base/clock.h"
#include "ses/types.h"

namespace ses {

// user_session: of GetSessionToken; federated: of GetFederationToken. Roles and groups do not ask by
// themselves; they are subjects for who looks at what their policies give.
enum class SubjectKind { root, user, role_session, user_session, federated, role, group };

struct Subject {
  AccountId account;
  SubjectKind kind = SubjectKind::root;
  std::string name;       // of the user or role; "root"; of a federated user its own
  std::string path;       // of the user or role
  std::string id;         // AIDA…, AROA…; the account's number for root
  std::string userid;     // aws:userid: AIDA…, AROA…:session, account:federated-name
  std::string arn;        // aws:PrincipalArn's form: of a role session the role's
  std::vector<Tag> tags;  // aws:PrincipalTag/…, those of the session over those of the role
  // Sessions.
  std::string session_name;
  std::string source_identity;
  std::optional<base::WallTime> issued;  // aws:TokenIssueTime
  bool mfa = false;

  aws::Requester requester;  // `requester.arn`: of a session assumed-role/…, federated-user/…
  aws::PolicySet policies;

  bool temporary() const { return issued.has_value(); }
};
using SubjectPtr = std::shared_ptr<const Subject>;

std::string_view principal_type(SubjectKind kind);  // aws:PrincipalType: "User", "AssumedRole", …

// What a session token says (ses/session_token.h).
struct SessionClaims {
  AccountId account;
  SubjectKind kind = SubjectKind::role_session;
  std::string access_key_id;  // ASIA + 16
  std::string secret;
  std::string principal;  // id of the role or user it was made for; empty: the account's root
  std::string name;       // of the session, of the federated user
  std::string source_identity;
  base::WallTime issued, expires;
  bool mfa = false;
  std::optional<std::string> policy;     // document of a session policy
  std::vector<std::string> policy_arns;  // managed policies as session policies
  std::vector<Tag> tags;
  std::vector<std::string> transitive_tags;  // keys that go on to the sessions made with this one
};

struct Session {
  SessionClaims claims;
  aws::PolicyPtr policy;  // compiled; null: none
};
using SessionPtr = std::shared_ptr<const Session>;

}  // namespace ses

// The IAM policy language: a document is parsed once into an immutable Policy that threads share, and
// decide() says what the policies in force make of a request. It knows actions, ARNs and condition keys as
// texts only; which of them a call has is its caller's business. Pure; any thread. SES §9, §10.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aws {

// Which grammar: identity (no Principal; permission boundaries and session policies too), resource (Principal
// wanted), trust (Principal wanted, no Resource).
enum class PolicyUse { identity, resource, trust };

class Policy;
using PolicyPtr = std::shared_ptr<const Policy>;

// Octets of the document as it is given, whitespace included; what IAM's own quotas count is the caller's.
inline constexpr std::size_t kMaxPolicyDocument = 10'240;

// Throws base::Fault with the code MalformedPolicyDocument and the reason, in IAM's words where known.
PolicyPtr parse_policy(std::string_view json, PolicyUse use, std::size_t max_bytes = kMaxPolicyDocument);

// As written, empty where absent. Policy variables are read in "2012-10-17" only.
std::string_view version_of(const Policy& policy);

// What a request brings for conditions and policy variables. Keys are written as AWS names them and found in
// any case. A key may be absent, or present with no value at all.
class ConditionContext {
 public:
  void set(std::string_view key, std::string value);
  void set(std::string_view key, std::vector<std::string> values);
  const std::vector<std::string>* find(std::string_view key) const;  // nullptr where absent

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> keys_;  // in lower case
};

// Who asks. No account and no service: anonymous. A session has the ARN of the session (assumed-role/…,
// federated-user/…) and in `also` the ARN of its role or user. A web identity or a SAML subject has no
// account and the ARN of its provider, which a Federated principal names.
struct Requester {
  std::string account;
  std::string arn;
  std::vector<std::string> also;
  std::string service;  // e.g. ses.amazonaws.com, where a service asks by itself
};

// All that it names must outlive the call. `resource` is an ARN, or "*" for actions without resource types,
// which only a Resource of "*" matches.
struct AccessRequest {
  std::string_view action;
  std::string_view resource;
  std::string_view resource_account;  // empty: the requester's own
  const Requester& requester;
  const ConditionContext& context;
};

struct AttachedPolicy {
  PolicyPtr policy;  // null allows and denies nothing
  std::string name;  // its ARN, or user/bob/inline-name: for explanations and audit
};

// What binds the requester itself.
struct PolicySet {
  bool root = false;  // the root of its account: identity policies and boundary do not apply
  std::vector<AttachedPolicy> identity;
  std::optional<AttachedPolicy> boundary;
  bool in_session = false;              // says so of the requester; it limits nothing by itself
  std::vector<AttachedPolicy> session;  // where there are any, one of them must allow
  // A session of GetFederationToken: without a session policy it may only do what a resource policy names it
  // for.
  bool federated = false;
};

enum class AccessEffect { allowed, implicit_deny, explicit_deny };
// `none`: no policy was asked, as for a requester that is anonymous where the resource has no policy.
enum class PolicyLayer { none, identity, boundary, session, resource, root };

// By what it was decided. Of an implicit deny: the layer that lacks an Allow, no policy, statement -1.
// `policy` and `sid` point into what was given to decide().
struct Decision {
  AccessEffect effect = AccessEffect::implicit_deny;
  PolicyLayer layer = PolicyLayer::none;
  const AttachedPolicy* policy = nullptr;
  int statement = -1;  // from 0
  std::string_view sid;

  bool allowed() const { return effect == AccessEffect::allowed; }
  bool operator==(const Decision&) const = default;
};

// An explicit Deny anywhere wins. Then, within one account, an Allow of an identity policy that boundary and
// session policies also give, or of a resource policy; across accounts (`resource_account` is another's) both
// must allow. As AWS documents it, an Allow of a resource policy counts by whom it names:
// - the user, the session or the service itself: enough alone, boundary and session policies not asked;
// - the role of a session, or everyone ("*"): enough in place of an identity policy, boundary and session
// asked;
// - the account: it only leaves the matter to the account's own policies, which must allow too;
// - by NotPrincipal: as everyone.
// A trust policy among `of_resource` must allow even within one account, where other resource policies need
// not. Root may do everything in its account but what a resource policy denies.
Decision decide(const PolicySet& own, std::span<const AttachedPolicy> of_resource,
                const AccessRequest& request);

// One statement of one policy in force, and what became of it.
struct StatementTrace {
  PolicyLayer layer = PolicyLayer::none;
  std::string policy;  // AttachedPolicy::name
  int index = 0;
  std::string sid;
  bool allow = false;  // its Effect
  bool matched = false;
  std::string why_not;  // the first reason it did not match
};

struct Explanation {
  Decision decision;  // the same as decide()'s
  std::vector<StatementTrace> statements;
  // Keys that conditions or variables of these policies name and the context lacks; as written, each once.
  std::vector<std::string> missing_context;
};

Explanation explain(const PolicySet& own, std::span<const AttachedPolicy> of_resource,
                    const AccessRequest& request);

std::string_view to_string(PolicyLayer layer);    // "identity", …
std::string_view to_string(AccessEffect effect);  // "allowed", "implicitDeny", "explicitDeny"

}  // namespace aws

// The snapshot of IAM: a node for each principal and each managed policy, with its documents compiled, in one
// immutable map an account; and the subjects that are put together from them when they are asked for, kept
// as long as their account's map stays the same. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ses/principal_types.h"
#include "ses/scoped_view.h"
#include "ses/subject.h"

namespace ses {

struct PrincipalNode {
  Principal facts;
  std::vector<aws::AttachedPolicy> inline_policies;
  std::vector<std::string> attached;  // ARNs
  std::vector<std::string> groups;    // ids
  aws::PolicyPtr trust;               // of a role
};

struct IamNode {
  Scope scope;       // no region
  std::string name;  // id of the principal, ARN of the managed policy
  std::int64_t generation = 0;
  std::shared_ptr<const PrincipalNode> principal;  // one of the two
  aws::PolicyPtr policy;                           // the default version
};

inline Scope iam_scope(const AccountId& account) { return {account, Region()}; }

// Compiles documents, each distinct text once as long as somebody holds it. Any thread.
class PolicyCache {
 public:
  // Faults MalformedPolicyDocument.
  aws::PolicyPtr parse(const std::string& document, aws::PolicyUse use);
  // Of a document that was taken once: what cannot be read any more allows nothing and denies everything.
  aws::PolicyPtr stored(const std::string& document, aws::PolicyUse use);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<const aws::Policy>> held_;
  std::size_t next_sweep_ = 1024;
};

class PrincipalView {
 public:
  using Nodes = ScopedView<IamNode>;
  Nodes nodes;

  std::shared_ptr<const PrincipalNode> find(const AccountId& account, std::string_view id) const;
  // Null where the principal, or that of the session, is gone. `id` is empty for root.
  SubjectPtr subject(const AccountId& account, const std::string& id) const;
  SubjectPtr subject(const Session& session) const;
  // Of a managed policy; null where there is none.
  aws::PolicyPtr policy(const AccountId& account, const std::string& arn) const;

 private:
  struct Made {
    std::weak_ptr<const Nodes::Names> from;
    SubjectPtr subject;
  };
  template <class Make>
  SubjectPtr cached(const AccountId& account, const std::string& key, Make make) const;

  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Made> made_;
};

}  // namespace ses

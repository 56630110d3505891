// The inside of Principals, shared by the .cc files of principal.h only.
#pragma once

#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

#include "ses/iam_names.h"
#include "ses/last_used.h"
#include "ses/principal.h"
#include "ses/principal_rows.h"
#include "ses/principal_view.h"

namespace ses {

struct Principals::Impl {
  Impl(store::Store& s, const Keyring& k, const base::Clock& c, base::Random& r)
      : store(s), keyring(k), clock(c), random(r) {}

  store::Store& store;
  const Keyring& keyring;
  const base::Clock& clock;
  base::Random& random;

  struct KeyNode {
    Scope scope;  // the same of all keys
    std::string name;
    std::int64_t generation = 0;
    AccessKeyPtr key;
  };

  PrincipalView view;
  ScopedView<KeyNode> keys;
  LastUsed used;
  mutable PolicyCache policies;
  std::int64_t changes = 0;  // writer thread only

  // Sessions that were opened, by the hash of their token.
  mutable std::mutex sessions_mutex;
  mutable std::unordered_map<std::string, SessionPtr> sessions;
  SessionPtr known_session(const std::string& hash, std::string_view token) const;
  SessionPtr read_session(std::string_view token) const;  // null where the token is none of ours

  // What a transaction has changed, to be read again before it commits.
  struct Touched {
    std::set<std::pair<AccountId, std::string>> nodes;  // account; id of a principal, ARN of a managed policy
    std::set<std::string> keys;

    void principal(const Principal& p) { nodes.emplace(p.account, p.id); }
    void managed(const ManagedPolicy& p) { nodes.emplace(p.account, p.arn); }
  };
  using Work = std::function<void(store::Db&, Touched&)>;
  // Runs `work` in a transaction and swaps the snapshots before it returns.
  base::Task<void> change(Work work);

  // The same for what changes the principal named, which must be there (Fault NoSuchEntity); its row is
  // written back where `edit` answers true.
  using Edit = std::function<bool(store::Db&, Principal&)>;
  base::Task<void> edit(PrincipalName name, Edit edit);

  std::optional<IamNode> read_node(store::Db& db, const AccountId& account, const std::string& name) const;
  std::optional<KeyNode> read_key(store::Db& db, const std::string& id) const;

  // The document compiled; Faults MalformedPolicyDocument, and LimitExceeded where it has more characters
  // than `most`, with the text `too_large`.
  aws::PolicyPtr check_document(const std::string& document, aws::PolicyUse use, std::size_t most,
                                const std::string& too_large) const;
  // Runs the check now, off the writer's thread, and throws its fault when the answer is called: IAM says
  // that an entity is not there before it says what is wrong with a document.
  static std::function<void()> later(const std::function<void()>& check) {
    std::exception_ptr fault;
    try {
      check();
    } catch (...) {
      fault = std::current_exception();
    }
    return [fault] {
      if (fault) std::rethrow_exception(fault);
    };
  }
};

// A managed policy that principals of the account may have: its own or AWS's; else the fault.
ManagedPolicy need_managed(store::Db& db, const AccountId& account, const std::string& arn,
                           base::Fault (*fault)(const std::string& arn));
base::Fault boundary_not_attachable(const std::string& arn);

}  // namespace ses

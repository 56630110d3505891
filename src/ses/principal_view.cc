#include "ses/principal_view.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/fault.h"
#include "base/log.h"
#include "ses/builtin_policies.h"
#include "ses/iam_names.h"

namespace ses {
namespace {

using Names = PrincipalView::Nodes::Names;

constexpr std::size_t kMostSubjects = 65536;
constexpr std::size_t kMaxDocument = 131072;  // what IAM takes with its white space
constexpr const char* kDenyAll =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]})";

const aws::PolicyPtr& deny_all() {
  static const aws::PolicyPtr policy = aws::parse_policy(kDenyAll, aws::PolicyUse::identity);
  return policy;
}

template <class T>
bool same(const std::weak_ptr<T>& weak, const std::shared_ptr<T>& shared) {
  return !weak.owner_before(shared) && !shared.owner_before(weak);
}

const PrincipalNode* principal_in(const Names& names, std::string_view id) {
  const auto found = names.find(id);
  return found == names.end() || !found->second.item ? nullptr : found->second.item->principal.get();
}

aws::PolicyPtr policy_in(const Names& names, const std::string& arn) {
  if (const auto* builtin = find_builtin_policy(arn)) return builtin->policy;
  const auto found = names.find(arn);
  return found == names.end() || !found->second.item ? nullptr : found->second.item->policy;
}

// One that is missing must not widen anything.
aws::AttachedPolicy attached_in(const Names& names, const std::string& arn) {
  auto policy = policy_in(names, arn);
  return {policy ? std::move(policy) : deny_all(), arn};
}

void add_policies(aws::PolicySet& set, const Names& names, const PrincipalNode& node) {
  set.identity.insert(set.identity.end(), node.inline_policies.begin(), node.inline_policies.end());
  for (const auto& arn : node.attached) set.identity.push_back(attached_in(names, arn));
}

aws::PolicySet policies_of(const Names& names, const PrincipalNode& node) {
  aws::PolicySet set;
  add_policies(set, names, node);
  for (const auto& id : node.groups)
    if (const auto* group = principal_in(names, id)) add_policies(set, names, *group);
  if (!node.facts.boundary.empty()) set.boundary = attached_in(names, node.facts.boundary);
  return set;
}

Subject root_of(const AccountId& account) {
  Subject subject;
  subject.account = account;
  subject.name = "root";
  subject.id = subject.userid = account.str();
  subject.arn = iam::root_arn(account);
  subject.requester.account = account.str();
  subject.requester.arn = subject.arn;
  subject.policies.root = true;
  return subject;
}

SubjectKind kind_of(PrincipalKind kind) {
  return kind == PrincipalKind::user    ? SubjectKind::user
         : kind == PrincipalKind::group ? SubjectKind::group
                                        : SubjectKind::role;
}

Subject subject_of(const Names& names, const PrincipalNode& node) {
  Subject subject;
  subject.account = node.facts.account;
  subject.kind = kind_of(node.facts.kind);
  subject.name = node.facts.name;
  subject.path = node.facts.path;
  subject.id = subject.userid = node.facts.id;
  subject.arn = node.facts.arn;
  subject.tags = node.facts.tags;
  subject.requester.account = node.facts.account.str();
  subject.requester.arn = subject.arn;
  subject.policies = policies_of(names, node);
  return subject;
}

void merge_tags(std::vector<Tag>& tags, const std::vector<Tag>& over) {
  for (const auto& tag : over) {
    std::erase_if(tags, [&](const Tag& t) { return base::iequals(t.name, tag.name); });
    tags.push_back(tag);
  }
}

void begin_session(Subject& subject, const Names& names, const Session& session) {
  const auto& claims = session.claims;
  const auto sts = "arn:aws:sts::" + claims.account.str() + ":";
  subject.kind = claims.kind;
  subject.session_name = claims.name;
  subject.source_identity = claims.source_identity;
  subject.issued = claims.issued;
  subject.mfa = claims.mfa;
  merge_tags(subject.tags, claims.tags);
  if (claims.kind == SubjectKind::role_session) {
    subject.requester.also = {subject.arn};
    subject.requester.arn = sts + "assumed-role/" + subject.name + "/" + claims.name;
    subject.userid = subject.id + ":" + claims.name;
  } else if (claims.kind == SubjectKind::federated) {
    if (!claims.principal.empty()) subject.requester.also = {subject.arn};
    subject.arn = subject.requester.arn = sts + "federated-user/" + claims.name;
    subject.userid = claims.account.str() + ":" + claims.name;
    subject.name = claims.name;
    subject.tags = claims.tags;
    subject.policies.federated = true;
  }
  subject.policies.in_session = true;
  if (session.policy) subject.policies.session.push_back({session.policy, "session policy"});
  for (const auto& arn : claims.policy_arns) subject.policies.session.push_back(attached_in(names, arn));
}

bool fits(const PrincipalNode& node, SubjectKind kind) {
  const auto wanted = kind == SubjectKind::role_session ? PrincipalKind::role : PrincipalKind::user;
  return node.facts.kind == wanted;
}

}  // namespace

std::string_view principal_type(SubjectKind kind) {
  switch (kind) {
    case SubjectKind::root:
      return "Account";
    case SubjectKind::role_session:
      return "AssumedRole";
    case SubjectKind::federated:
      return "FederatedUser";
    default:
      return "User";
  }
}

aws::PolicyPtr PolicyCache::parse(const std::string& document, aws::PolicyUse use) {
  const auto key = std::to_string(static_cast<int>(use)) + document;
  {
    std::lock_guard lock(mutex_);
    if (auto found = held_.find(key); found != held_.end())
      if (auto policy = found->second.lock()) return policy;
  }
  auto policy = aws::parse_policy(document, use, kMaxDocument);
  std::lock_guard lock(mutex_);
  held_[key] = policy;
  if (held_.size() > next_sweep_) {
    std::erase_if(held_, [](const auto& entry) { return entry.second.expired(); });
    next_sweep_ = std::max<std::size_t>(1024, held_.size() * 2);
  }
  return policy;
}

aws::PolicyPtr PolicyCache::stored(const std::string& document, aws::PolicyUse use) {
  try {
    return parse(document, use);
  } catch (const base::Fault& fault) {
    base::log_error("a stored policy cannot be read and denies everything: {}", fault.message());
    return deny_all();
  }
}

std::shared_ptr<const PrincipalNode> PrincipalView::find(const AccountId& account,
                                                         std::string_view id) const {
  const auto node = nodes.find(iam_scope(account), id);
  return node ? node->principal : nullptr;
}

aws::PolicyPtr PrincipalView::policy(const AccountId& account, const std::string& arn) const {
  return policy_in(*nodes.names(iam_scope(account)), arn);
}

template <class Make>
SubjectPtr PrincipalView::cached(const AccountId& account, const std::string& key, Make make) const {
  const auto names = nodes.names(iam_scope(account));
  {
    std::lock_guard lock(mutex_);
    const auto found = made_.find(key);
    if (found != made_.end() && same(found->second.from, names)) return found->second.subject;
  }
  SubjectPtr subject = make(*names);
  std::lock_guard lock(mutex_);
  if (made_.size() >= kMostSubjects) made_.clear();
  made_[key] = {names, subject};
  return subject;
}

SubjectPtr PrincipalView::subject(const AccountId& account, const std::string& id) const {
  if (id.empty())
    return cached(account, account.str(),
                  [&](const Names&) { return std::make_shared<const Subject>(root_of(account)); });
  return cached(account, id, [&](const Names& names) -> SubjectPtr {
    const auto* node = principal_in(names, id);
    if (!node) return nullptr;
    return std::make_shared<const Subject>(subject_of(names, *node));
  });
}

SubjectPtr PrincipalView::subject(const Session& session) const {
  const auto& claims = session.claims;
  return cached(claims.account, claims.access_key_id, [&](const Names& names) -> SubjectPtr {
    const auto* node = principal_in(names, claims.principal);
    const bool of_root = claims.principal.empty() && claims.kind != SubjectKind::role_session;
    if (!of_root && (!node || !fits(*node, claims.kind))) return nullptr;
    auto subject = node ? subject_of(names, *node) : root_of(claims.account);
    begin_session(subject, names, session);
    return std::make_shared<const Subject>(std::move(subject));
  });
}

}  // namespace ses

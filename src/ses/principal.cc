#include "ses/principal.h"

#include "ses/access_key_rows.h"
#include "ses/managed_policy_rows.h"
#include "ses/principal_impl.h"

namespace ses {
namespace {

const Scope kKeys;

std::vector<aws::AttachedPolicy> compiled(PolicyCache& cache, const Principal& principal,
                                          const std::vector<InlinePolicy>& inline_policies) {
  std::vector<aws::AttachedPolicy> out;
  const auto head = std::string(iam::word_of(principal.kind)) + "/" + principal.name + "/";
  for (const auto& policy : inline_policies)
    out.push_back({cache.stored(policy.document, aws::PolicyUse::identity), head + policy.name});
  return out;
}

std::shared_ptr<const PrincipalNode> read_principal(store::Db& db, PolicyCache& cache,
                                                    const std::string& id) {
  auto facts = principal_rows::by_id(db, id);
  if (!facts) return nullptr;
  auto node = std::make_shared<PrincipalNode>();
  node->inline_policies = compiled(cache, *facts, principal_rows::inline_policies(db, id));
  node->attached = principal_rows::attached(db, id);
  if (facts->kind == PrincipalKind::user) node->groups = principal_rows::groups_of(db, id);
  if (facts->kind == PrincipalKind::role) node->trust = cache.stored(facts->trust, aws::PolicyUse::trust);
  node->facts = *std::move(facts);
  return node;
}

aws::PolicyPtr read_managed(store::Db& db, PolicyCache& cache, const std::string& arn) {
  const auto policy = managed_policy_rows::find(db, arn);
  if (!policy) return nullptr;
  const auto version = managed_policy_rows::version(db, *policy, policy->default_version);
  return version ? cache.stored(version->document, aws::PolicyUse::identity) : nullptr;
}

}  // namespace

std::optional<IamNode> Principals::Impl::read_node(store::Db& db, const AccountId& account,
                                                   const std::string& name) const {
  IamNode node{iam_scope(account), name, 0, nullptr, nullptr};
  if (name.starts_with("arn:")) {
    node.policy = read_managed(db, policies, name);
  } else {
    node.principal = read_principal(db, policies, name);
  }
  if (!node.policy && !node.principal) return std::nullopt;
  return node;
}

std::optional<Principals::Impl::KeyNode> Principals::Impl::read_key(store::Db& db,
                                                                    const std::string& id) const {
  auto key = access_key_rows::find(db, keyring, id);
  if (!key) return std::nullopt;
  return KeyNode{kKeys, id, 0, std::make_shared<const AccessKey>(*std::move(key))};
}

base::Task<void> Principals::Impl::change(Work work) {
  struct Result {
    std::map<AccountId, std::vector<PrincipalView::Nodes::Change>> nodes;
    std::vector<ScopedView<KeyNode>::Change> keys;
    std::int64_t number = 0;
  };
  PrincipalView::Nodes::Writing writing_nodes(view.nodes);
  ScopedView<KeyNode>::Writing writing_keys(keys);
  std::function<Result(store::Db&)> job = [this, work = std::move(work)](store::Db& db) {
    Touched touched;
    work(db, touched);
    Result result;
    for (const auto& [account, name] : touched.nodes) {
      auto node = read_node(db, account, name);
      result.nodes[account].push_back({name, node ? std::make_shared<const IamNode>(*node) : nullptr});
    }
    for (const auto& id : touched.keys) {
      auto key = read_key(db, id);
      result.keys.push_back({id, key ? std::make_shared<const KeyNode>(*key) : nullptr});
    }
    result.number = ++changes;
    return result;
  };
  auto running = store.write_value(std::move(job));
  auto result = co_await running;
  for (auto& [account, nodes] : result.nodes)
    view.nodes.publish(iam_scope(account), std::move(nodes), result.number);
  if (!result.keys.empty()) keys.publish(kKeys, std::move(result.keys), result.number);
}

base::Task<void> Principals::Impl::edit(PrincipalName name, Edit edit) {
  Work work = [name, edit = std::move(edit)](store::Db& db, Touched& touched) {
    auto principal = principal_rows::need(db, name);
    if (edit(db, principal)) principal_rows::update(db, principal);
    touched.principal(principal);
  };
  auto changing = change(std::move(work));
  co_await changing;
}

aws::PolicyPtr Principals::Impl::check_document(const std::string& document, aws::PolicyUse use,
                                                std::size_t most, const std::string& too_large) const {
  auto policy = policies.parse(document, use);
  if (iam::size_of(document) > most) throw iam::limit_exceeded(too_large);
  return policy;
}

Principals::Principals(store::Store& store, const Keyring& keyring, const base::Clock& clock,
                       base::Random& random)
    : impl_(new Impl(store, keyring, clock, random)) {}
Principals::~Principals() = default;

void Principals::load() {
  std::vector<IamNode> nodes;
  std::vector<Impl::KeyNode> keys;
  auto* impl = impl_.get();
  const auto add = [&](store::Db& db, const AccountId& account, const std::string& name) {
    if (auto node = impl->read_node(db, account, name)) nodes.push_back(*std::move(node));
  };
  impl->store.read_now([&](store::Db& db) {
    nodes.clear();
    keys.clear();
    for (const auto& id : principal_rows::all_ids(db)) {
      const auto principal = principal_rows::by_id(db, id);
      if (principal) add(db, principal->account, id);
    }
    for (const auto& arn : managed_policy_rows::all_arns(db)) add(db, iam::account_of_arn(arn), arn);
    for (auto& key : access_key_rows::all(db, impl->keyring)) {
      auto id = key.id;
      keys.push_back({kKeys, std::move(id), 0, std::make_shared<const AccessKey>(std::move(key))});
    }
  });
  impl->view.nodes.fill(std::move(nodes));
  impl->keys.fill(std::move(keys));
}

AccessKeyPtr Principals::find_key(std::string_view id) const {
  const auto node = impl_->keys.find(kKeys, id);
  return node ? node->key : nullptr;
}

SubjectPtr Principals::subject_of(const AccessKey& key) const {
  return impl_->view.subject(key.account, key.owner);
}

SubjectPtr Principals::subject_by_id(const AccountId& account, const std::string& id) const {
  return id.empty() ? nullptr : impl_->view.subject(account, id);
}

SubjectPtr Principals::subject_of(const Caller& caller) const {
  if (caller.as_root) return impl_->view.subject(caller.scope.account, "");
  if (caller.session) {
    if (impl_->clock.now() >= caller.session->claims.expires) return nullptr;
    return impl_->view.subject(*caller.session);
  }
  const auto key = find_key(caller.access_key_id);
  if (!key || !key->active || key->account != caller.scope.account) return nullptr;
  return subject_of(*key);
}

Caller Principals::caller_of(const AccessKey& key, Region region) {
  Caller caller;
  caller.scope = {key.account, std::move(region)};
  caller.principal_arn = key.arn;
  caller.principal_name = key.user.empty() ? "root" : key.user;
  caller.access_key_id = key.id;
  return caller;
}

}  // namespace ses

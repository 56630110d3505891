// SimulateCustomPolicy and SimulatePrincipalPolicy: their requests made into a Simulation, which answers.
#include <algorithm>

#include "api/iam_common.h"
#include "api/iam_simulation.h"
#include "api/operations.h"
#include "api/send_common.h"
#include "aws/registry.h"
#include "base/encoding.h"
#include "model/iam_tables.h"
#include "ses/access.h"
#include "ses/iam_names.h"

namespace api::iam {
namespace {

using namespace aws::iam;

constexpr std::size_t kMostCalls = 10000;  // actions times resources

aws::PolicyPtr parsed(const std::string& document, aws::PolicyUse use, const std::string& name) {
  try {
    return aws::parse_policy(document, use, ses::iam_limit::kManagedPolicy * 2);
  } catch (const base::Fault& fault) {
    throw ses::iam::invalid_input("Invalid policy document " + name + ": " + fault.message());
  }
}

void add_inputs(Simulation& s, const std::optional<std::vector<std::string>>& documents) {
  if (!documents) return;
  for (const auto& document : *documents) {
    auto name = "PolicyInputList." + std::to_string(s.documents.size() + 1);
    s.own.identity.push_back({parsed(document, aws::PolicyUse::identity, name), name});
    s.documents[name] = document;
  }
}

void set_boundary(Simulation& s, const std::optional<std::vector<std::string>>& documents) {
  if (!documents || documents->empty()) return;
  if (documents->size() > 1) throw ses::iam::invalid_input("Only one permissions boundary can be given.");
  const std::string name = "PermissionsBoundaryPolicyInputList.1";
  s.own.boundary = {parsed(documents->front(), aws::PolicyUse::identity, name), name};
  s.documents[name] = documents->front();
}

void set_resource_policy(Simulation& s, const std::optional<std::string>& document) {
  if (!document) return;
  const std::string name = "ResourcePolicy";
  s.of_resource.push_back({parsed(*document, aws::PolicyUse::resource, name), name});
  s.documents[name] = *document;
}

// A resource policy is asked about somebody.
void need_caller(bool resource_policy, bool caller) {
  if (resource_policy && !caller)
    throw ses::iam::invalid_input("CallerArn is required if you include a ResourcePolicy.");
}

void set_caller(Simulation& s, const std::optional<std::string>& arn) {
  if (!arn) return;
  auto account = ses::iam::account_of_arn(*arn);
  if (account.str().empty() || arn->find(":user/") == std::string::npos)
    throw ses::iam::invalid_input("CallerArn must be the ARN of an IAM user.");
  s.requester = {account.str(), *arn, {}, {}};
}

void set_owner(Simulation& s, const std::optional<std::string>& owner) {
  if (!owner) return;
  // An account's number, or its ARN.
  auto account = ses::iam::account_of_arn(*owner);
  s.resource_account = account.str().empty() ? *owner : account.str();
  if (s.resource_account.size() != 12 ||
      s.resource_account.find_first_not_of("0123456789") != std::string::npos)
    throw ses::iam::invalid_input("ResourceOwner must be an account.");
}

void set_context(Simulation& s, const std::optional<std::vector<ContextEntry>>& entries) {
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (!entry.context_key_name || entry.context_key_name->empty())
      throw ses::iam::invalid_input("ContextEntries need a ContextKeyName.");
    s.context.set(*entry.context_key_name, entry.context_key_values.value_or(std::vector<std::string>{}));
  }
}

void refuse_organizations(bool given) {
  if (given)
    throw ses::iam::invalid_input("There are no organizations here whose policies could be simulated.");
}

void check_action(const std::string& action) {
  auto colon = action.find(':');
  bool good = colon != std::string::npos && colon > 0 && colon + 1 < action.size() &&
              action.find('*') == std::string::npos && action.find(':', colon + 1) == std::string::npos;
  if (!good) throw ses::iam::invalid_input("Invalid action: " + action);
}

// One page of the calls, actions outermost; a marker is how many were told before.
template <class In>
SimulatePolicyResponse run(const Context& context, const Simulation& s, const In& in) {
  const auto resources =
      in.resource_arns && !in.resource_arns->empty() ? *in.resource_arns : std::vector<std::string>{"*"};
  for (const auto& action : *in.action_names) check_action(action);
  const std::size_t all = in.action_names->size() * resources.size();
  if (all > kMostCalls) throw ses::iam::invalid_input("Too many actions and resources are given.");
  ListKey key{"iam-simulation", std::to_string(all)};
  auto wanted = page_request(context, key, in);
  std::size_t first = wanted.after.empty() ? 0 : std::stoul(wanted.after);
  const std::size_t last = std::min(all, first + wanted.limit);
  SimulatePolicyResponse out;
  out.evaluation_results.emplace();
  for (std::size_t i = first; i < last; ++i)
    out.evaluation_results->push_back(
        evaluate(s, (*in.action_names)[i / resources.size()], resources[i % resources.size()]));
  close_page(context, key, last < all ? std::to_string(last) : "", out);
  return out;
}

base::Task<SimulatePolicyResponse> simulate_custom(Context& context, SimulateCustomPolicyRequest in) {
  refuse_organizations(in.ordered_organization_policy_input_list &&
                       !in.ordered_organization_policy_input_list->empty());
  need_caller(in.resource_policy.has_value(), in.caller_arn.has_value());
  Simulation s;
  const auto& account = account_of(context).str();
  s.requester = {account, "arn:aws:iam::" + account + ":user/simulated", {}, {}};
  add_inputs(s, in.policy_input_list);
  set_boundary(s, in.permissions_boundary_policy_input_list);
  set_resource_policy(s, in.resource_policy);
  set_caller(s, in.caller_arn);
  set_owner(s, in.resource_owner);
  set_context(s, in.context_entries);
  co_return run(context, s, in);
}

// arn:aws:iam::ACCOUNT:user/path/bob
ses::PrincipalName principal_of_arn(const Context& context, const std::string& arn) {
  auto resource = arn.substr(std::min(arn.size(), arn.rfind(':') + 1));
  auto name = resource.substr(resource.rfind('/') + 1);
  for (auto kind : {ses::PrincipalKind::user, ses::PrincipalKind::group, ses::PrincipalKind::role}) {
    bool of_kind = resource.starts_with(std::string(ses::iam::word_of(kind)) + "/");
    if (of_kind && ses::iam::account_of_arn(arn) == account_of(context))
      return {account_of(context), kind, name};
  }
  throw ses::iam::invalid_input("Invalid Entity Arn: " + arn +
                                " does not clearly define entity type and name.");
}

// The documents behind the policies' names, so that their statements can be found.
base::Task<void> read_documents(Context& context, ses::PrincipalName owner, Simulation& s) {
  auto& principals = context.service.principals;
  for (const auto& attached : s.own.identity) {
    if (s.documents.contains(attached.name)) continue;
    if (attached.name.starts_with("arn:")) {
      auto policy = co_await principals.get_managed(account_of(context), attached.name);
      auto version = co_await principals.get_version(account_of(context), attached.name,
                                                     ses::iam::version_name(policy.default_version));
      s.documents[attached.name] = version.document;
      continue;
    }
    auto parts = base::split(attached.name, '/');  // user/bob/name
    if (parts.size() != 3) continue;
    owner.kind = parts[0] == "group"  ? ses::PrincipalKind::group
                 : parts[0] == "role" ? ses::PrincipalKind::role
                                      : ses::PrincipalKind::user;
    owner.name = parts[1];
    auto policy = co_await principals.get_policy(owner, std::string(parts[2]));
    s.documents[attached.name] = policy.document;
  }
}

void leave_out(Simulation& s, const std::optional<std::vector<PolicyIdentifier>>& excluded) {
  if (!excluded) return;
  for (const auto& policy : *excluded) {
    std::string name = policy.policy_arn.value_or("");
    if (const auto& inline_one = policy.inline_policy_identifier)
      name = base::ascii_lower(*inline_one->attachment_type) + "/" + *inline_one->attachment_name + "/" +
             *inline_one->policy_name;
    std::erase_if(s.own.identity, [&](const auto& attached) { return attached.name == name; });
  }
}

base::Task<SimulatePolicyResponse> simulate_principal(Context& context, SimulatePrincipalPolicyRequest in) {
  auto& principals = context.service.principals;
  auto name = principal_of_arn(context, *in.policy_source_arn);
  auto principal = co_await principals.get(name);
  if (principal.arn != *in.policy_source_arn) throw ses::iam::no_such(name);
  auto subject = principals.subject_by_id(principal.account, principal.id);
  if (!subject) throw ses::iam::no_such(name);
  const bool is_user = name.kind == ses::PrincipalKind::user;
  need_caller(in.resource_policy.has_value(), is_user || in.caller_arn.has_value());
  Simulation s;
  s.own = subject->policies;
  s.requester = subject->requester;
  s.context = ses::principal_context(*subject, context.service.clock.now());
  leave_out(s, in.policy_exclusion_list);
  add_inputs(s, in.policy_input_list);
  if (in.permissions_boundary_policy_input_list) set_boundary(s, in.permissions_boundary_policy_input_list);
  set_resource_policy(s, in.resource_policy);
  set_caller(s, in.caller_arn);
  set_owner(s, in.resource_owner);
  set_context(s, in.context_entries);
  co_await read_documents(context, name, s);
  co_return run(context, s, in);
}

}  // namespace
}  // namespace api::iam

namespace api {

void register_iam_simulate(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::iam;
  registry.register_operation(api, "SimulateCustomPolicy", &iam::simulate_custom);
  registry.register_operation(api, "SimulatePrincipalPolicy", &iam::simulate_principal);
}

}  // namespace api

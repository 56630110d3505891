#include "api/iam_simulation.h"

#include <algorithm>

#include "aws/policy_position.h"

namespace api::iam {
namespace {

using namespace aws::iam;

// "aws-managed", "user", …, and the id it is told by.
std::pair<std::string, std::string> source_of(const std::string& name) {
  auto last = name.substr(name.rfind('/') + 1);
  if (name.starts_with("arn:aws:iam::aws:")) return {"aws-managed", last};
  if (name.starts_with("arn:")) return {"user-managed", last};
  if (name == "ResourcePolicy") return {"resource", name};
  for (const char* kind : {"user", "group", "role"}) {
    if (!name.starts_with(std::string(kind) + "/")) continue;
    auto id = name;
    std::replace(id.begin(), id.end(), '/', '_');
    return {kind, id};
  }
  return {"none", name};
}

Position shown(const aws::TextPosition& p) { return {p.line, p.column}; }

std::vector<Statement> matched_statements(const Simulation& s, const aws::Explanation& why) {
  std::vector<Statement> out;
  for (const auto& trace : why.statements) {
    // An Allow that a Deny overrules did not decide.
    bool decided = trace.matched && trace.allow == why.decision.allowed();
    if (!decided || trace.layer == aws::PolicyLayer::boundary) continue;
    auto [type, id] = source_of(trace.policy);
    Statement shown_statement{id, type, std::nullopt, std::nullopt};
    if (auto document = s.documents.find(trace.policy); document != s.documents.end()) {
      auto spans = aws::statement_spans(document->second);
      if (static_cast<std::size_t>(trace.index) < spans.size()) {
        shown_statement.start_position = shown(spans[static_cast<std::size_t>(trace.index)].begin);
        shown_statement.end_position = shown(spans[static_cast<std::size_t>(trace.index)].end);
      }
    }
    out.push_back(std::move(shown_statement));
  }
  return out;
}

std::optional<PermissionsBoundaryDecisionDetail> boundary_detail(const Simulation& s,
                                                                 const aws::Explanation& why) {
  if (!s.own.boundary) return std::nullopt;
  bool allowed = false, denied = false;
  for (const auto& trace : why.statements) {
    if (trace.layer != aws::PolicyLayer::boundary || !trace.matched) continue;
    (trace.allow ? allowed : denied) = true;
  }
  return PermissionsBoundaryDecisionDetail{allowed && !denied};
}

}  // namespace

EvaluationResult evaluate(const Simulation& s, const std::string& action, const std::string& resource) {
  auto why =
      aws::explain(s.own, s.of_resource, {action, resource, s.resource_account, s.requester, s.context});
  EvaluationResult out;
  out.eval_action_name = action;
  out.eval_resource_name = resource;
  out.eval_decision = std::string(aws::to_string(why.decision.effect));
  out.matched_statements = matched_statements(s, why);
  out.missing_context_values = why.missing_context;
  out.permissions_boundary_decision_detail = boundary_detail(s, why);
  if (resource == "*") return out;
  ResourceSpecificResult single;
  single.eval_resource_name = resource;
  single.eval_resource_decision = out.eval_decision;
  single.matched_statements = out.matched_statements;
  single.missing_context_values = out.missing_context_values;
  single.permissions_boundary_decision_detail = out.permissions_boundary_decision_detail;
  out.resource_specific_results = std::vector<ResourceSpecificResult>{std::move(single)};
  return out;
}

}  // namespace api::iam

// Receipt rule sets, rules and IP filters (SES §22); v1 alone has them.
#include "api/operations.h"
#include "api/paging.h"
#include "api/receipt_shapes.h"
#include "api/send_common.h"
#include "base/fault.h"
#include "model/ses_tables.h"
#include "model/ses_types.h"
#include "ses/receipt.h"

namespace api {
namespace {

using namespace aws::ses;
using base::Fault;
using base::FaultKind;

constexpr std::size_t kPage = 100;  // SES §25.2

base::Task<CreateReceiptRuleSetResponse> create_set(Context& context, CreateReceiptRuleSetRequest in) {
  co_await context.service.receipt.create_set(context.caller, take(in.rule_set_name));
  co_return CreateReceiptRuleSetResponse{};
}

base::Task<CloneReceiptRuleSetResponse> clone_set(Context& context, CloneReceiptRuleSetRequest in) {
  co_await context.service.receipt.clone_set(context.caller, take(in.rule_set_name),
                                             take(in.original_rule_set_name));
  co_return CloneReceiptRuleSetResponse{};
}

base::Task<DeleteReceiptRuleSetResponse> delete_set(Context& context, DeleteReceiptRuleSetRequest in) {
  co_await context.service.receipt.delete_set(context.caller, take(in.rule_set_name));
  co_return DeleteReceiptRuleSetResponse{};
}

base::Task<SetActiveReceiptRuleSetResponse> activate_set(Context& context,
                                                         SetActiveReceiptRuleSetRequest in) {
  co_await context.service.receipt.activate_set(context.caller, std::move(in.rule_set_name));
  co_return SetActiveReceiptRuleSetResponse{};
}

base::Task<ReorderReceiptRuleSetResponse> reorder_set(Context& context, ReorderReceiptRuleSetRequest in) {
  co_await context.service.receipt.reorder_set(context.caller, take(in.rule_set_name), take(in.rule_names));
  co_return ReorderReceiptRuleSetResponse{};
}

ReceiptRuleSetMetadata metadata_of(const ses::ReceiptRuleSet& set) { return {set.name, set.created}; }

template <class Response>
void show_set(const ses::ReceiptRuleSet& set, Response& out) {
  out.metadata = metadata_of(set);
  out.rules.emplace();
  for (const auto& rule : set.rules) out.rules->push_back(shown_rule(rule));
}

base::Task<DescribeReceiptRuleSetResponse> describe_set(Context& context, DescribeReceiptRuleSetRequest in) {
  auto setup = context.service.receipt.setup(context.caller.scope);
  DescribeReceiptRuleSetResponse out;
  show_set(context.service.receipt.require_set(*setup, *in.rule_set_name), out);
  co_return out;
}

base::Task<DescribeActiveReceiptRuleSetResponse> describe_active_set(Context& context,
                                                                     DescribeActiveReceiptRuleSetRequest) {
  auto setup = context.service.receipt.setup(context.caller.scope);
  DescribeActiveReceiptRuleSetResponse out;
  if (const auto* active = setup->active_set()) show_set(*active, out);
  co_return out;
}

base::Task<ListReceiptRuleSetsResponse> list_sets(Context& context, ListReceiptRuleSetsRequest in) {
  PageKey key{context.service.identities.link_secret(), "receipt-rule-sets", context.caller.scope, ""};
  std::optional<std::string> after;
  if (in.next_token && !in.next_token->empty()) {
    after = read_page_token(key, *in.next_token);
    if (!after) throw Fault(FaultKind::invalid_parameter, "Invalid page token: " + *in.next_token);
  }
  auto setup = context.service.receipt.setup(context.caller.scope);
  auto page = cut_page(setup->sets, key, after, kPage, [](const auto& set) { return set.name; });
  ListReceiptRuleSetsResponse out;
  out.rule_sets.emplace();
  for (const auto& set : page.items) out.rule_sets->push_back(metadata_of(set));
  out.next_token = std::move(page.next);
  co_return out;
}

base::Task<CreateReceiptRuleResponse> create_rule(Context& context, CreateReceiptRuleRequest in) {
  auto rule = receipt_rule_of(*in.rule);
  co_await context.service.receipt.create_rule(context.caller, take(in.rule_set_name), std::move(rule),
                                               std::move(in.after));
  co_return CreateReceiptRuleResponse{};
}

base::Task<UpdateReceiptRuleResponse> update_rule(Context& context, UpdateReceiptRuleRequest in) {
  auto rule = receipt_rule_of(*in.rule);
  co_await context.service.receipt.update_rule(context.caller, take(in.rule_set_name), std::move(rule));
  co_return UpdateReceiptRuleResponse{};
}

base::Task<DeleteReceiptRuleResponse> delete_rule(Context& context, DeleteReceiptRuleRequest in) {
  co_await context.service.receipt.delete_rule(context.caller, take(in.rule_set_name), take(in.rule_name));
  co_return DeleteReceiptRuleResponse{};
}

base::Task<SetReceiptRulePositionResponse> move_rule(Context& context, SetReceiptRulePositionRequest in) {
  co_await context.service.receipt.move_rule(context.caller, take(in.rule_set_name), take(in.rule_name),
                                             std::move(in.after));
  co_return SetReceiptRulePositionResponse{};
}

base::Task<DescribeReceiptRuleResponse> describe_rule(Context& context, DescribeReceiptRuleRequest in) {
  const auto& receipt = context.service.receipt;
  auto setup = receipt.setup(context.caller.scope);
  DescribeReceiptRuleResponse out;
  out.rule = shown_rule(receipt.require_rule(receipt.require_set(*setup, *in.rule_set_name), *in.rule_name));
  co_return out;
}

base::Task<CreateReceiptFilterResponse> create_filter(Context& context, CreateReceiptFilterRequest in) {
  ses::ReceiptFilter filter{take(in.filter->name), in.filter->ip_filter->policy == "Allow",
                            take(in.filter->ip_filter->cidr)};
  co_await context.service.receipt.create_filter(context.caller, std::move(filter));
  co_return CreateReceiptFilterResponse{};
}

base::Task<DeleteReceiptFilterResponse> delete_filter(Context& context, DeleteReceiptFilterRequest in) {
  co_await context.service.receipt.delete_filter(context.caller, take(in.filter_name));
  co_return DeleteReceiptFilterResponse{};
}

base::Task<ListReceiptFiltersResponse> list_filters(Context& context, ListReceiptFiltersRequest) {
  auto setup = context.service.receipt.setup(context.caller.scope);
  ListReceiptFiltersResponse out;
  out.filters.emplace();
  for (const auto& filter : setup->filters) {
    auto& shown = out.filters->emplace_back();
    shown.name = filter.name;
    shown.ip_filter = ReceiptIpFilter{filter.allow ? "Allow" : "Block", filter.cidr};
  }
  co_return out;
}

}  // namespace

void register_receipt_v1(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::ses;
  registry.register_operation(api, "CreateReceiptRuleSet", &create_set);
  registry.register_operation(api, "CloneReceiptRuleSet", &clone_set);
  registry.register_operation(api, "DeleteReceiptRuleSet", &delete_set);
  registry.register_operation(api, "DescribeReceiptRuleSet", &describe_set);
  registry.register_operation(api, "DescribeActiveReceiptRuleSet", &describe_active_set);
  registry.register_operation(api, "ListReceiptRuleSets", &list_sets);
  registry.register_operation(api, "SetActiveReceiptRuleSet", &activate_set);
  registry.register_operation(api, "ReorderReceiptRuleSet", &reorder_set);
  registry.register_operation(api, "CreateReceiptRule", &create_rule);
  registry.register_operation(api, "UpdateReceiptRule", &update_rule);
  registry.register_operation(api, "DeleteReceiptRule", &delete_rule);
  registry.register_operation(api, "DescribeReceiptRule", &describe_rule);
  registry.register_operation(api, "SetReceiptRulePosition", &move_rule);
  registry.register_operation(api, "CreateReceiptFilter", &create_filter);
  registry.register_operation(api, "DeleteReceiptFilter", &delete_filter);
  registry.register_operation(api, "ListReceiptFilters", &list_filters);
}

}  // namespace api

// The suppression list in SES v2 (SES §16, §25.2).
#include <charconv>

#include "api/operations.h"
#include "api/paging.h"
#include "base/fault.h"
#include "model/sesv2_tables.h"
#include "model/sesv2_types.h"

namespace api {
namespace {

using namespace aws::sesv2;
using base::Fault;
using base::FaultKind;

constexpr std::int64_t kMostPage = 1000;

// Tenants are not built yet, so there is none whose list could be meant (SES §24.8).
void refuse_tenant(const std::optional<std::string>& tenant) {
  if (tenant && !tenant->empty())
    throw Fault(FaultKind::not_found, "The requested tenant <" + *tenant + "> does not exist.");
}

base::Task<PutSuppressedDestinationResponse> put_suppressed(Context& context,
                                                            PutSuppressedDestinationRequest in) {
  refuse_tenant(in.tenant_name);
  auto& service = context.service;
  if (service.accounts.settings(context.caller.scope).sandbox)  // SES §7; the text (?)
    throw Fault(FaultKind::production_access_not_granted,
                "Addresses cannot be put on the suppression list while the account is in the sandbox.");
  auto reason = in.reason == "COMPLAINT" ? ses::SuppressionReason::complaint : ses::SuppressionReason::bounce;
  co_await service.suppression.put(context.caller.scope, std::move(*in.email_address), reason);
  co_return PutSuppressedDestinationResponse{};
}

base::Task<GetSuppressedDestinationResponse> get_suppressed(Context& context,
                                                            GetSuppressedDestinationRequest in) {
  refuse_tenant(in.tenant_name);
  auto entry = co_await context.service.suppression.get(context.caller.scope, std::move(*in.email_address));
  GetSuppressedDestinationResponse out;
  auto& shown = out.suppressed_destination.emplace();
  shown.email_address = entry.address;
  shown.reason = std::string(ses::suppression_reason_name(entry.reason));
  shown.last_update_time = entry.updated;
  if (!entry.message_id.empty()) {
    auto& attributes = shown.attributes.emplace();
    attributes.message_id = entry.message_id;
    attributes.feedback_id = entry.feedback_id;
  }
  co_return out;
}

base::Task<DeleteSuppressedDestinationResponse> delete_suppressed(Context& context,
                                                                  DeleteSuppressedDestinationRequest in) {
  refuse_tenant(in.tenant_name);
  co_await context.service.suppression.remove(context.caller.scope, std::move(*in.email_address));
  co_return DeleteSuppressedDestinationResponse{};
}

std::string place_text(const ses::SuppressedAddress& entry) {
  return std::to_string(base::to_millis(entry.updated)) + " " + entry.address;
}

std::optional<ses::SuppressionList::Place> parse_place(std::string_view text) {
  std::int64_t at = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), at);
  if (error != std::errc() || end == text.data() + text.size()) return std::nullopt;
  return ses::SuppressionList::Place{base::from_millis(at), std::string(end + 1, text.data() + text.size())};
}

std::string filter_text(const ListSuppressedDestinationsRequest& in,
                        const ses::SuppressionList::ListRequest& r) {
  auto date = [](const std::optional<base::WallTime>& t) {
    return t ? std::to_string(base::to_millis(*t)) : std::string();
  };
  return std::string(r.reasons.bounce ? "b" : "") + (r.reasons.complaint ? "c" : "") + "|" +
         date(in.start_date) + "|" + date(in.end_date);
}

std::size_t page_size(const ListSuppressedDestinationsRequest& in) {
  auto size = in.page_size.value_or(kMostPage);
  if (size < 1 || size > kMostPage)
    throw Fault(FaultKind::invalid_parameter,
                "Page size " + std::to_string(size) + " is invalid, expected a number between 1 and 1000");
  return static_cast<std::size_t>(size);
}

base::Task<ListSuppressedDestinationsResponse> list_suppressed(Context& context,
                                                               ListSuppressedDestinationsRequest in) {
  auto size = page_size(in);
  refuse_tenant(in.tenant_name);
  ses::SuppressionList::ListRequest request;
  if (in.reasons && !in.reasons->empty()) request.reasons = ses::suppression_reasons(*in.reasons);
  request.from = in.start_date;
  request.before = in.end_date;
  request.at_most = size + 1;  // one more says whether there is another page
  auto filter = filter_text(in, request);
  PageKey key{context.service.identities.link_secret(), "suppressed", context.caller.scope, filter};
  if (in.next_token) {
    auto text = read_page_token(key, *in.next_token);
    if (text) request.after = parse_place(*text);
    if (!request.after) throw Fault(FaultKind::invalid_next_token, "Token is invalid.");
  }
  auto entries = co_await context.service.suppression.list(context.caller.scope, std::move(request));

  ListSuppressedDestinationsResponse out;
  if (entries.size() > size) {
    entries.resize(size);
    out.next_token = make_page_token(key, place_text(entries.back()));
  }
  out.suppressed_destination_summaries.emplace();
  for (auto& entry : entries) {
    SuppressedDestinationSummary shown;
    shown.email_address = std::move(entry.address);
    shown.reason = std::string(ses::suppression_reason_name(entry.reason));
    shown.last_update_time = entry.updated;
    out.suppressed_destination_summaries->push_back(std::move(shown));
  }
  co_return out;
}

}  // namespace

void register_suppression_v2(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::sesv2;
  registry.register_operation(api, "PutSuppressedDestination", &put_suppressed);
  registry.register_operation(api, "GetSuppressedDestination", &get_suppressed);
  registry.register_operation(api, "ListSuppressedDestinations", &list_suppressed);
  registry.register_operation(api, "DeleteSuppressedDestination", &delete_suppressed);
}

}  // namespace api

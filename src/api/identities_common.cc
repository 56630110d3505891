#include "api/identities_common.h"

#include "base/fault.h"

namespace api {

using base::Fault;
using base::FaultKind;

Page<ses::IdentityPtr> identity_page(Context& context, const IdentityPageRequest& request) {
  auto filter = request.filter.text();
  PageKey key{context.service.identities.link_secret(), "identities", context.caller.scope, filter};
  std::optional<std::string> after;
  if (request.token && !request.token->empty()) {
    after = read_page_token(key, *request.token);
    if (!after)
      throw Fault(FaultKind::invalid_parameter, request.filter.empty()
                                                    ? "Invalid NextToken <" + *request.token + ">."
                                                    : "Invalid NextToken.");
  }
  auto identities = context.service.identities.all(context.caller.scope);
  std::erase_if(identities, [&](const ses::IdentityPtr& i) { return !request.filter.admits(*i); });
  return cut_page(identities, key, after, request.size,
                  [](const ses::IdentityPtr& i) -> const std::string& { return i->name; });
}

void check_asked(const std::vector<std::string>& identities) {
  constexpr std::size_t kMost = 100;
  if (identities.size() > kMost)
    throw Fault(FaultKind::invalid_parameter, "At most 100 identities can be asked for in one call.");
}

std::size_t identity_page_size(const std::optional<std::int64_t>& given, std::size_t fallback,
                               const std::string& parameter) {
  constexpr std::int64_t kMost = 1000;
  if (!given) return fallback;
  if (*given < 1 || *given > kMost)
    throw Fault(FaultKind::invalid_parameter, "Value " + std::to_string(*given) + " for parameter " +
                                                  parameter + " is invalid. " + parameter +
                                                  " must be between 1 and 1000.");
  return static_cast<std::size_t>(*given);
}

}  // namespace api

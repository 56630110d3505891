// What the operations of custom verification mail share in both APIs.
#pragma once

#include <optional>
#include <string>

#include "api/context.h"
#include "api/paging.h"
#include "base/fault.h"
#include "send/custom_verification.h"

namespace api {

inline base::Task<Page<ses::CustomVerification>> custom_verification_page(Context& context,
                                                                          std::optional<std::string> token,
                                                                          std::size_t size) {
  PageKey key{context.service.identities.link_secret(), "custom-verification", context.caller.scope, ""};
  std::optional<std::string> after;
  if (token && !token->empty()) {
    after = read_page_token(key, *token);
    if (!after) throw base::Fault(base::FaultKind::invalid_parameter, "Invalid nextToken <" + *token + ">.");
  }
  auto all = co_await context.service.custom_verifications.all(context.caller.scope);
  co_return cut_page(all, key, after, size,
                     [](const ses::CustomVerification& made) -> const std::string& { return made.name; });
}

}  // namespace api

// What the identity operations of v1 and v2 share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "api/paging.h"
#include "ses/identity_list.h"

namespace api {

struct IdentityPageRequest {
  ses::IdentityFilter filter;
  std::size_t size = 0;
  std::optional<std::string> token;
};
// One page of the caller's identities, by name. The two APIs take each other's tokens.
Page<ses::IdentityPtr> identity_page(Context& context, const IdentityPageRequest& request);

// Fault if a Get… operation of v1 asks for more than 100 identities in one call.
void check_asked(const std::vector<std::string>& identities);

// Fault of SES §25.2 where `given` is not 1 to 1000.
std::size_t identity_page_size(const std::optional<std::int64_t>& given, std::size_t fallback,
                               const std::string& parameter);

}  // namespace api

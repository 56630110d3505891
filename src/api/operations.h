// Every group of operations that is built, one function each; registry() calls them all once. A group lives
// in the .cc of its name.
#pragma once

#include "api/context.h"
#include "aws/registry.h"

namespace api {

void register_account_v1(aws::Registry<Context>& registry);
void register_account_v2(aws::Registry<Context>& registry);
void register_custom_verification_v1(aws::Registry<Context>& registry);
void register_custom_verification_v2(aws::Registry<Context>& registry);
void register_identities_v1(aws::Registry<Context>& registry);
void register_identities_v2(aws::Registry<Context>& registry);
void register_send_v1(aws::Registry<Context>& registry);
void register_send_v2(aws::Registry<Context>& registry);

}  // namespace api

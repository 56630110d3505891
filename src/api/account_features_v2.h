// What GetAccount shows of the account's switches.
#pragma once

#include "api/context.h"
#include "model/sesv2_types.h"

namespace api {

void show_features(Context& context, aws::sesv2::GetAccountResponse& out);

}  // namespace api

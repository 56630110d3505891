// The step between decoding and validation that asks IAM whether the caller may do what the request says
// (SES §10): its actions, the resources it names with their tags, and the condition keys of the request.
// Sends are asked inside submit() (send/authorize.h). Any loop.
#pragma once

#include "api/context.h"
#include "aws/shape.h"
#include "base/task.h"

namespace api {

// Fault access_denied. `input` is of the operation's input shape.
base::Task<void> authorize(Context& context, const aws::OperationInfo& operation, const void* input);

}  // namespace api

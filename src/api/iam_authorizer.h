// Who may call IAM and STS: the action of the operation's name on the user, group, role or policy it is about
// (so that a user without rights cannot give itself some). Any loop.
#pragma once

#include "api/context.h"
#include "aws/shape.h"
#include "base/task.h"

namespace api {

// Fault access_denied. `input` is of the operation's input shape. GetCallerIdentity and GetSessionToken need
// no right, and AssumeRole asks the role itself (api/sts.cc).
base::Task<void> authorize_iam(Context& context, const aws::OperationInfo& operation, const void* input);

}  // namespace api

// A request before IAM: the condition keys that every request has (SES §10.4), and the words of a refusal
// (SES §10.3). What a call adds to them, and which resources it is about, is its room's business
// (send/authorize.h, api/authorizer.h). Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/policy.h"
#include "base/clock.h"
#include "ses/audit.h"
#include "ses/subject.h"
#include "ses/types.h"

namespace ses {

// aws:SourceIp, aws:SecureTransport, aws:CurrentTime, aws:username, aws:PrincipalTag/…; of ses:ApiVersion
// `api_version` ("" where the call is none of SES).
aws::ConditionContext request_context(const Caller& caller, const Subject& subject, base::WallTime now,
                                      std::string_view api_version);

// The part of it that is known of a principal that does not ask: who it is, and the time.
aws::ConditionContext principal_context(const Subject& subject, base::WallTime now);

// The context with aws:ResourceTag/… of one resource.
aws::ConditionContext with_resource_tags(aws::ConditionContext context, const std::vector<Tag>& tags);

// May do anything that no resource policy denies: nothing has to be asked.
bool unbounded(const Subject& subject);

// "User `ARN' is not authorized to perform `ses:SendEmail' on resource `ARN'".
std::string send_denial(const Subject& subject, std::string_view action, std::string_view resource);
// "User: ARN is not authorized to perform: ses:GetAccount on resource: * because no identity-based policy
// allows the ses:GetAccount action". v1 names no resource: `resource` is empty.
std::string call_denial(const Subject& subject, std::string_view action, std::string_view resource,
                        const aws::Decision& decision);

// For the record of decisions; `api` is "v1", "v2" or "smtp".
AccessRecord access_record(const Caller& caller, const Subject& subject, std::string_view api,
                           std::string action, std::vector<std::string> resources,
                           const aws::Decision& decision);

}  // namespace ses

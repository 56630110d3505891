// What a decoded request names that IAM looks at: the resources it is about, as ARNs, the tags it gives, the
// roles it hands over (SES §10.2). One table for all operations, over the descriptors of their inputs. Pure;
// any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/permissions.h"
#include "aws/shape.h"
#include "ses/types.h"

namespace api {

struct NamedResource {
  std::string_view kind;  // of model/iam.json: "identity", "configuration-set", …
  std::string arn;
  std::string account;  // whose it is
  std::string name;     // behind the kind in the ARN
};

struct RequestNames {
  std::vector<NamedResource> resources;                   // none: the call is checked against "*"
  std::vector<std::pair<std::string, std::string>> tags;  // of Create… and TagResource
  std::vector<std::string> tag_keys;                      // of those, or those that UntagResource names
  std::vector<std::string> roles;                         // ARNs that the service is to take on
  std::string export_source;                              // ses:ExportSourceType
  std::string sender;  // the address of one whose identity is a resource, too; empty: none
};

// `input` is of the operation's input shape.
RequestNames names_of(const aws::OperationInfo& operation, const aws::Permission& permission,
                      const void* input, const ses::Scope& scope);

}  // namespace api

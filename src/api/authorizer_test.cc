#include "api/authorizer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/gateway.h"
#include "aws/permissions.h"

namespace api {
namespace {

// What a registration says of its resources is what model/iam.json says.
TEST(Authorizer, RegistrationsAgreeWithTheModel) {
  for (aws::Api service : {aws::Api::ses, aws::Api::sesv2}) {
    for (const auto& operation : aws::service(service).operations) {
      const auto* handler = registry().find(operation);
      if (!handler) continue;
      const auto* permission = aws::find_permission(service, operation.name);
      ASSERT_NE(permission, nullptr) << operation.name;
      for (auto kind : handler->access.resources)
        EXPECT_TRUE(std::any_of(permission->resources.begin(), permission->resources.end(),
                                [&](const auto& use) { return use.kind == kind; }))
            << operation.name << ": " << kind;
    }
  }
}

// Sends are asked inside submit(), nothing else is.
TEST(Authorizer, SendsAreAskedInTheirHandler) {
  for (aws::Api service : {aws::Api::ses, aws::Api::sesv2}) {
    for (const auto& operation : aws::service(service).operations) {
      const auto* handler = registry().find(operation);
      if (!handler) continue;
      bool of_v2_template = service == aws::Api::sesv2 && operation.name == "SendCustomVerificationEmail";
      EXPECT_EQ(handler->access.in_handler, operation.name.starts_with("Send") && !of_v2_template)
          << operation.name;
    }
  }
}

}  // namespace
}  // namespace api

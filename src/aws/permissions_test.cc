#include "aws/permissions.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace aws {
namespace {

TEST(Permissions, EveryOperationHasOne) {
  for (Api api : {Api::ses, Api::sesv2})
    for (const OperationInfo& operation : service(api).operations)
      EXPECT_NE(find_permission(api, operation.name), nullptr) << operation.name;
  EXPECT_EQ(find_permission(Api::sesv2, "Nope"), nullptr);
  EXPECT_EQ(find_permission(Api::sns, "Publish"), nullptr);
}

TEST(Permissions, AreSorted) {
  for (Api api : {Api::ses, Api::sesv2}) {
    auto all = permissions(api);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                               [](const Permission& a, const Permission& b) { return a.action < b.action; }));
  }
}

TEST(Permissions, DifferByApi) {
  const auto* v1 = find_permission(Api::ses, "CreateConfigurationSet");
  const auto* v2 = find_permission(Api::sesv2, "CreateConfigurationSet");
  EXPECT_TRUE(v1->resources.empty());
  ASSERT_EQ(v2->resources.size(), 3u);
  EXPECT_EQ(v2->resources[0].kind, "configuration-set");
  EXPECT_TRUE(v2->resources[0].required);
  EXPECT_FALSE(v2->resources[1].required);
  EXPECT_TRUE(v2->has_key("aws:RequestTag/"));
  EXPECT_FALSE(v1->has_key("aws:RequestTag/"));
  EXPECT_EQ(find_permission(Api::sesv2, "GetAccount")->level, AccessLevel::read);
  EXPECT_TRUE(find_permission(Api::ses, "SendRawEmail")->has_key("ses:Recipients"));
  EXPECT_FALSE(find_permission(Api::sesv2, "SendBulkEmail")->has_key("ses:Recipients"));
}

}  // namespace
}  // namespace aws

#include "ses/account_features.h"

#include <gtest/gtest.h>

#include "ses/test_world.h"

namespace ses {
namespace {

using base::run_task;
using testing::TestWorld;

TEST(AccountFeatures, KeptPerRegionAndOverARestart) {
  TestWorld w;
  auto scope = w.scope();
  Features features;
  {
    AccountFeatures held(*w.store);
    held.load();
    EXPECT_EQ(held.of(scope), Features{});
    run_task(held.set_auto_warmup(scope, false));
    EXPECT_EQ(held.of(scope).vdm, std::nullopt);
    run_task(held.set_vdm(scope, {true, true, false}));
    features = held.of(scope);
    EXPECT_FALSE(features.auto_warmup);
    EXPECT_EQ(features.vdm, (VdmAttributes{true, true, false}));
    EXPECT_EQ(held.of(w.caller("eu-west-1").scope), Features{});
  }
  w.reopen();
  AccountFeatures held(*w.store);
  held.load();
  EXPECT_EQ(held.of(scope), features);
}

}  // namespace
}  // namespace ses

#include "ses/custom_verification.h"

#include <gtest/gtest.h>

#include "ses/test_world.h"
#include "ses/verification_link.h"

namespace ses {
namespace {

TEST(CustomVerification, RedirectUrls) {
  const std::pair<std::string, bool> table[] = {{"https://a.example/x?y=1#z", true},
                                                {"HTTP://a.example", true},
                                                {"http://", false},
                                                {"/x", false},
                                                {"https:///x", false},
                                                {"ftp://a", false},
                                                {"javascript:alert(1)", false},
                                                {"https://a\r\nX: y", false},
                                                {"https://a b", false},
                                                {"", false},
                                                {"https://" + std::string(2048, 'a'), false}};
  for (const auto& [url, fine] : table) EXPECT_EQ(is_redirect_url(url), fine) << url;
}

TEST(CustomVerification, Content) {
  const std::pair<std::string, std::string> table[] = {
      {"<b>x</b><img src=\"data:image/png;base64,AA==\">", ""},
      {"<abbr>a < b</abbr>", ""},
      {"<article>", ""},
      {"<a href=x>", "<a>"},
      {"</A>", "<a>"},
      {"<a", "<a>"},
      {"<SCRIPT\n>", "<script>"},
      {"x<!-- y", "a comment"},
      {"<", ""}};
  for (const auto& [content, fault] : table)
    EXPECT_EQ(custom_verification_content_fault(content), fault) << content;
}

TEST(CustomVerification, TheLinkCarriesTheTemplate) {
  testing::TestWorld world;
  VerificationLink link{world.scope(), "a@b.example", base::from_millis(5000), "welcome"};
  auto read = read_link_token(make_link_token(link, "secret"), "secret");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->template_name, "welcome");
  EXPECT_EQ(read->address, "a@b.example");
  link.template_name.clear();
  EXPECT_EQ(read_link_token(make_link_token(link, "secret"), "secret")->template_name, "");
}

TEST(CustomVerification, AnInstantlyVerifyingServerWaitsForTheLink) {
  testing::TestWorld world(testing::instant_settings());
  auto made = base::run_task(world.identities->await_confirmation(world.caller(), "a@b.example"));
  EXPECT_EQ(made->status, VerificationStatus::pending);
  EXPECT_TRUE(base::run_task(world.identities->confirm_address(world.scope(), "a@b.example")));
  made = base::run_task(world.identities->await_confirmation(world.caller(), "a@b.example"));
  EXPECT_EQ(made->status, VerificationStatus::success);
}

TEST(CustomVerification, SurvivesARestart) {
  testing::TestWorld world(testing::instant_settings());
  base::run_task(world.identities->verify_address(world.caller(), "me@example.com"));
  CustomVerification one{
      "t", "me@example.com", "s", "<b>c</b>", "https://a.example/", "https://b.example/", {{"k", "v"}}};
  {
    CustomVerifications nouns(*world.store, *world.identities, world.settings, world.clock);
    base::run_task(nouns.create(world.caller(), one));
  }
  world.reopen();
  CustomVerifications nouns(*world.store, *world.identities, world.settings, world.clock);
  auto found = base::run_task(nouns.find(world.scope(), "t"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->content, one.content);
  EXPECT_EQ(found->tags, one.tags);
  EXPECT_FALSE(base::run_task(nouns.find(world.caller("eu-west-1").scope, "t")));
}

}  // namespace
}  // namespace ses

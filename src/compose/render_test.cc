#include "compose/render.h"

#include <gtest/gtest.h>

namespace compose {
namespace {

struct World {
  ses::Settings settings;
  ses::Mail mail;
  ses::Recipe recipe;
  ses::RecipeOwn own;
  ses::TemplatePtr source;

  World() {
    mail.id = ses::MessageId("0100018bcfe56800-11111111-2222-4333-8444-555555555555-000000");
    mail.scope = {ses::AccountId("123456789012"), ses::Region("us-east-1")};
    mail.accepted = base::from_millis(1700000000000);
    recipe.from = "a@example.com";
    recipe.size_limit = 100000;
    recipe.data = R"({"name": "friend", "animal": "cat"})";
    own.to = {"b@example.net"};
    set("Hello {{name}}", "{{animal}}", "<b>{{name}}</b>");
  }
  void set(std::string subject, std::string text, std::string html) {
    source = ses::parse_template(3, "t", {std::move(subject), std::move(text), std::move(html)},
                                 mail::TemplateDialect::full);
  }
  auto made() const { return render({settings, "secret", mail, *source, recipe, own}); }
};

TEST(Render, gives_the_same_octets_each_time) {
  World w;
  auto first = w.made();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*first->content, *w.made()->content);
  EXPECT_EQ(first->subject, "Hello friend");
  EXPECT_NE(first->content->find("Message-ID: <" + w.mail.id.str()), std::string::npos);
  EXPECT_NE(first->content->find("Date: Tue, 14 Nov 2023 22:13:20 +0000"), std::string::npos);
}

TEST(Render, own_data_goes_before_the_defaults) {
  World w;
  w.own.data = R"({"name": "Ann"})";
  auto made = w.made();
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->subject, "Hello Ann");
  EXPECT_NE(made->content->find("cat"), std::string::npos);
}

TEST(Render, failures_name_the_template) {
  World w;
  w.recipe.data = R"({"name": "x"})";
  auto made = w.made();
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().message, "Attribute 'animal' is not present in the rendering data.");
  EXPECT_EQ(made.error().template_name, "t");
  EXPECT_TRUE(made.error().missing_attribute);

  World big;
  big.recipe.size_limit = 100;
  ASSERT_FALSE(big.made().ok());
  EXPECT_TRUE(big.made().error().message.starts_with("Message length is more than 100 bytes long: '"));
}

TEST(Render, data_adds_no_header) {
  World w;
  w.own.data = R"({"name": "x\r\nBcc: eve@example.org"})";
  auto made = w.made();
  ASSERT_TRUE(made.ok());
  for (const auto& [name, value] : made->headers) EXPECT_NE(name, "Bcc");
}

}  // namespace
}  // namespace compose

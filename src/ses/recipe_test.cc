#include "ses/recipe.h"

#include <gtest/gtest.h>

namespace ses {
namespace {

TEST(Recipe, comes_back_as_it_went) {
  Recipe r;
  r.version = 7;
  r.template_name = "welcome";
  r.source.subject = "S";
  r.source.html = "";
  r.from = "Ann <ann@example.com>";
  r.reply_to = {"a@example.com", ""};
  r.headers = {{"X-One", "1"}, {"X-Two", "12:3;"}};
  mail::Attachment a;
  a.bytes = std::string("\0\r\n5:x;", 8);
  a.file_name = "ä.txt";
  a.disposition = mail::Attachment::Disposition::inline_;
  a.transfer_encoding = mail::Attachment::Encoding::seven_bit;
  r.attachments = {a};
  r.data = R"({"a":1})";
  r.size_limit = 10485760;
  auto back = unpack_recipe(pack(r));
  EXPECT_EQ(pack(back), pack(r));
  EXPECT_EQ(back.version, 7);
  EXPECT_EQ(back.source.subject, "S");
  EXPECT_EQ(back.source.text, std::nullopt);
  EXPECT_EQ(back.source.html, "");
  EXPECT_EQ(back.attachments.at(0).bytes, a.bytes);
  EXPECT_EQ(back.attachments.at(0).transfer_encoding, a.transfer_encoding);
  EXPECT_EQ(back.size_limit, 10485760u);
}

TEST(Recipe, own_comes_back_as_it_went) {
  RecipeOwn o;
  o.to = {"a@example.net", "b@example.net"};
  o.data = "{}";
  o.headers = {{"X", "y"}};
  o.remove = {"List-Unsubscribe"};
  o.add = {{"List-Unsubscribe", "<https://x>"}};
  o.feedback_b = "camp";
  auto back = unpack_own(pack(o));
  EXPECT_EQ(pack(back), pack(o));
  EXPECT_EQ(back.to, o.to);
  EXPECT_EQ(back.add, o.add);
  EXPECT_EQ(back.feedback_a, "");
  EXPECT_EQ(back.feedback_b, "camp");
}

TEST(Recipe, spoilt_ones_are_refused) {
  auto good = pack(RecipeOwn{{"a@example.net"}, {}, "{}", {}, {}, {}, {}, {}, {}});
  for (std::size_t n = 0; n < good.size(); ++n)
    EXPECT_THROW(unpack_own(good.substr(0, n)), std::runtime_error) << n;
  EXPECT_THROW(unpack_own("1;99999999999999:x"), std::runtime_error);
}

TEST(Recipe, own_headers_stand_in_for_shared_ones) {
  HeaderList shared = {{"X-One", "1"}, {"X-Two", "2"}};
  EXPECT_EQ(merged_headers(shared, {{"x-two", "zwei"}, {"X-Three", "3"}}),
            (HeaderList{{"X-One", "1"}, {"x-two", "zwei"}, {"X-Three", "3"}}));
}

}  // namespace
}  // namespace ses

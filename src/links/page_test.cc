#include "links/page.h"

#include <gmock/gmock.h>

namespace links {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Page, Escapes) { EXPECT_EQ(escape("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;"); }

TEST(Page, Headers) {
  auto made = page(200, "Title", "<p>x</p>");
  EXPECT_THAT(made.body, HasSubstr("<h1>Title</h1>\n<p>x</p>"));
  EXPECT_THAT(made.headers, ::testing::Contains(Pair("Referrer-Policy", "no-referrer")));
  EXPECT_EQ(method_not_allowed().status, 405);
  EXPECT_EQ(invalid_link().status, 400);
}

TEST(Page, Form) {
  EXPECT_THAT(read_form("a=1&b=x+y%21&a=2&flag&=z"),
              ElementsAre(Pair("a", "1"), Pair("b", "x y!"), Pair("a", "2"), Pair("", "z")));
  EXPECT_EQ(value_of(read_form("a=1&a=2"), "a"), "1");
  EXPECT_EQ(value_of(read_form("a=1"), "b"), "");
  std::string many;
  for (int i = 0; i < 500; ++i) many += "a=1&";
  EXPECT_EQ(read_form(many).size(), 200u);
}

TEST(Page, Multipart) {
  const std::string type = "multipart/form-data; boundary=\"xyz\"";
  const std::string body =
      "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nOne\r\n"
      "--xyz\r\nContent-Disposition: form-data; name=b\r\nContent-Type: text/plain\r\n\r\nTwo\r\n--xyz--\r\n";
  EXPECT_THAT(read_multipart(body, type), ElementsAre(Pair("a", "One"), Pair("b", "Two")));
  for (const char* wrong :
       {"multipart/form-data", "multipart/form-data; boundary=", "text/plain; boundary=xyz", ""})
    EXPECT_THAT(read_multipart(body, wrong), IsEmpty()) << wrong;
  for (const char* broken : {"", "--xyz", "--xyz\r\n", "--xyz--", "--xyz\r\n\r\nx\r\n--xyz--", "xyz"})
    EXPECT_THAT(read_multipart(broken, type), IsEmpty()) << broken;
}

}  // namespace
}  // namespace links

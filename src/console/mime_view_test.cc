#include "console/mime_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace console {
namespace {

TEST(MimeView, PlainMessage) {
  const auto view = read_mime("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nX-Long: a\r\n b\r\n\r\nHello\r\n");
  EXPECT_EQ(view.header("subject"), "Grüße");
  EXPECT_EQ(view.header("x-long"), "a b");
  EXPECT_EQ(view.text, "Hello");
  EXPECT_FALSE(view.html);
  EXPECT_TRUE(view.attachments.empty());
}

struct TextCase {
  const char* headers;
  const char* body;
  const char* text;
};

class MimeText : public testing::TestWithParam<TextCase> {};

TEST_P(MimeText, IsDecoded) {
  const auto& c = GetParam();
  EXPECT_EQ(read_mime(std::string(c.headers) + "\r\n" + c.body).text, c.text);
}

INSTANTIATE_TEST_SUITE_P(
    Table, MimeText,
    testing::Values(TextCase{"", "as is", "as is"},
                    TextCase{"Content-Transfer-Encoding: BASE64\r\n", "SGVs\r\nbG8=\r\n", "Hello"},
                    TextCase{"Content-Transfer-Encoding: base64\r\n", "SGV*sbG8", "Hello"},
                    TextCase{"Content-Transfer-Encoding: base64\r\n", "SGVsbA", "Hell"},
                    TextCase{"Content-Transfer-Encoding: quoted-printable\r\n", "a=3Db =\r\nc  \r\nd",
                             "a=b c\nd"},
                    TextCase{"Content-Transfer-Encoding: quoted-printable\r\n", "50=% =ZZ =3", "50=% =ZZ =3"},
                    TextCase{"Content-Type: text/plain; charset=iso-8859-1\r\n", "gr\xfc\xdf", "grüß"},
                    TextCase{"Content-Type: text/plain; charset=utf-8\r\n", "a\xff", "a\xef\xbf\xbd"},
                    TextCase{"Content-Type: text/plain; charset=no-such\r\n", "a\xff", "a\xef\xbf\xbd"}));

TEST(MimeView, AlternativeWithAttachmentAndInlineImage) {
  const auto view = read_mime(
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"m\"\r\n\r\npreamble\r\n"
      "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
      "--a\r\nContent-Type: text/plain\r\n\r\nplain\r\n"
      "--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>rich</p>\r\n--a--\r\n"
      "--m\r\nContent-Type: image/png; name=x.png\r\nContent-ID: <logo@x>\r\nContent-Disposition: inline\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n"
      "--m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; "
      "filename*=UTF-8''R%C3%A9sum%C3%A9.pdf"
      "\r\n\r\n%PDF\r\n"
      "--m--\r\nepilogue\r\n");
  EXPECT_EQ(view.text, "plain");
  EXPECT_EQ(view.html, "<p>rich</p>");
  ASSERT_EQ(view.attachments.size(), 2u);
  EXPECT_EQ(view.attachments[0].content_id, "logo@x");
  EXPECT_TRUE(view.attachments[0].is_inline);
  EXPECT_EQ(view.attachments[0].size, 4u);
  EXPECT_EQ(decode_attachment(view.attachments[0]), "\x89PNG");
  EXPECT_EQ(view.attachments[1].file_name, "Résumé.pdf");
  EXPECT_FALSE(view.attachments[1].is_inline);
  EXPECT_EQ(decode_attachment(view.attachments[1]), "%PDF");
}

TEST(MimeView, NothingIsHidden) {  // a second text, a text with a name, an attached message: all attachments
  const auto view = read_mime(
      "Content-Type: multipart/mixed; boundary=m\n\n--m\n\none\n--m\n\ntwo\n--m\nContent-Disposition: "
      "attachment\n\n"
      "three\n--m\nContent-Type: message/rfc822\n\nSubject: inner\n\nx\n--m--\n");
  EXPECT_EQ(view.text, "one");
  ASSERT_EQ(view.attachments.size(), 3u);
  EXPECT_EQ(view.attachments[0].encoded, "two");
  EXPECT_EQ(view.attachments[0].file_name, "part-1.txt");
  EXPECT_EQ(view.attachments[1].encoded, "three");
  EXPECT_EQ(view.attachments[2].file_name, "part-3.eml");
}

TEST(MimeView, BrokenStructureIsShownAsFarAsItGoes) {
  EXPECT_EQ(read_mime("").text, "");
  EXPECT_EQ(read_mime("Content-Type: multipart/mixed; boundary=m\n\n--m\n\nno end").text, "no end");
  EXPECT_EQ(read_mime("Content-Type: multipart/mixed; boundary=m\n\n--m\n--m\n--m--").text, "");
  const auto no_boundary = read_mime("Content-Type: multipart/mixed\n\nbody");
  ASSERT_EQ(no_boundary.attachments.size(), 1u);
  EXPECT_EQ(no_boundary.attachments[0].encoded, "body");
  // Neither is a delimiter: the whole stays together.
  const auto no_parts = read_mime("Content-Type: multipart/mixed; boundary=m\n\nx--m\n--mm\n\nbody\n");
  ASSERT_EQ(no_parts.attachments.size(), 1u);
}

TEST(MimeView, DepthAndPartsAreCapped) {
  std::string deep;
  for (int i = 0; i < 100; ++i)
    deep += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "x\n\n--b" + std::to_string(i) +
            "x\n";
  EXPECT_TRUE(read_mime(deep + "\nend").truncated);

  std::string wide = "Content-Type: multipart/mixed; boundary=m\n\n";
  for (int i = 0; i < 5000; ++i) wide += "--m\n\nx\n";
  const auto view = read_mime(wide);
  EXPECT_TRUE(view.truncated);
  EXPECT_LE(view.attachments.size(), kMaxMimeParts);

  const auto large = read_mime("\n" + std::string(kMaxShownText + 1, 'x'));
  EXPECT_TRUE(large.truncated);
  EXPECT_EQ(large.text->size(), kMaxShownText);
}

}  // namespace
}  // namespace console

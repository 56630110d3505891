#include "mail/mime_builder.h"

#include <gtest/gtest.h>

#include "mail/content_type.h"
#include "mail/header.h"
#include "mail/transfer_encoding.h"

namespace mail {
namespace {

std::string built(const SimpleMail& m) {
  base::SeededRandom random(1);
  auto out = build(m, random, base::from_millis(1693000415859));
  if (!out) return out.error();
  auto facts = look_at(*out);
  EXPECT_TRUE(facts.has_clean_ends());
  EXPECT_LE(facts.longest_line, 998u);
  EXPECT_TRUE(out->ends_with("\r\n"));
  return *out;
}

SimpleMail simple() {
  SimpleMail m;
  m.from = "Jane <jane@example.com>";
  m.to = {"a@b.c", "d@e.f"};
  m.subject.data = "Hello";
  m.text = Content{"Hi\nthere", ""};
  return m;
}

TEST(MimeBuilder, OnePartHasTheHeaderOrderOfSes) {
  auto m = simple();
  m.cc = {"x@y.z"};
  m.reply_to = {"r@s.t"};
  m.headers = {{"X-One", "1"}, {"List-Help", "<mailto:h@i>"}};
  EXPECT_EQ(built(m),
            "From: Jane <jane@example.com>\r\nTo: a@b.c, d@e.f\r\nCc: x@y.z\r\nReply-To: r@s.t\r\nSubject: "
            "Hello\r\n"
            "X-One: 1\r\nList-Help: <mailto:h@i>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; "
            "charset=UTF-8\r\n"
            "Content-Transfer-Encoding: 7bit\r\n\r\nHi\r\nthere\r\n");
}

TEST(MimeBuilder, TextAndHtmlAreAlternatives) {
  auto m = simple();
  m.html = Content{"<p>Hi</p>\r\n", "UTF-8"};
  auto out = built(m);
  auto view = split_message(out);
  ASSERT_TRUE(view);
  auto value = unfold(view->find("Content-Type")->raw_value);
  ASSERT_TRUE(value.starts_with("multipart/alternative;  boundary=\"----=_Part_")) << value;
  ASSERT_TRUE(value.ends_with(".1693000415859\"")) << value;
  auto b = *parse_content_type(value)->parameter("boundary");
  EXPECT_EQ(view->body(out),
            "--" + b +
                "\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
                "Hi\r\nthere\r\n--" +
                b +
                "\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
                "<p>Hi</p>\r\n--" +
                b + "--\r\n");
}

TEST(MimeBuilder, CharsetsAndEncodings) {
  auto m = simple();
  m.text = Content{"caf\xc3\xa9 and much more plain text", "ISO-8859-1"};
  m.subject = Content{"caf\xc3\xa9", "ISO-8859-1"};
  auto out = built(m);
  EXPECT_NE(out.find("Subject: =?ISO-8859-1?Q?caf=E9?=\r\n"), std::string::npos) << out;
  EXPECT_NE(out.find("charset=ISO-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9 and"),
            std::string::npos);
  m.text = Content{"\xe6\x97\xa5\xe6\x9c\xac\n", "ISO-8859-1"};  // does not fit: UTF-8
  out = built(m);
  EXPECT_NE(out.find("charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n5pel5pysDQo=\r\n"),
            std::string::npos)
      << out;
  m.text = Content{"a\n", "UTF-16LE"};
  EXPECT_NE(built(m).find("charset=UTF-16LE\r\nContent-Transfer-Encoding: base64\r\n\r\nYQANAAoA\r\n"),
            std::string::npos);
  m.text = Content{"caf\xc3\xa9", "us-ascii"};
  EXPECT_NE(built(m).find("charset=UTF-8\r\n"), std::string::npos);
  m.text = Content{std::string(2000, 'x'), ""};
  EXPECT_NE(built(m).find("quoted-printable"), std::string::npos);
  m.text = Content{"x", "nope-1"};
  EXPECT_EQ(built(m), "Unsupported charset 'nope-1'.");
  m.text = Content{"bad \xff octets in a longer line of text", "UTF-8"};
  EXPECT_NE(built(m).find("bad =EF=BF=BD octets"), std::string::npos);
}

TEST(MimeBuilder, AddressesKeepTheirFormOrAreEncoded) {
  EXPECT_EQ(header_address("\"Doe, J\" <a@B.c>"), "\"Doe, J\" <a@B.c>");
  EXPECT_EQ(header_address("J\xc3\xa4ne <a@b.c>"), "=?UTF-8?B?SsOkbmU=?= <a@b.c>");
  EXPECT_EQ(header_address("J <a@m\xc3\xbcnchen.de>"), "J <a@xn--mnchen-3ya.de>");
  EXPECT_EQ(header_address("a@b\r\nBcc: x@y"), "a@b  Bcc: x@y");
  EXPECT_EQ(header_address("\"J\xc3\xa4\r\nBcc: x\" <a@b.c>").find('\n'), std::string::npos);
}

TEST(MimeBuilder, AttachmentsNest) {
  auto m = simple();
  m.html = Content{"<img src=cid:logo>", ""};
  Attachment pdf;
  pdf.bytes = std::string("\0\1\2", 3) + std::string(100, '\xff');
  pdf.file_name = "\xe2\x82\xac report \"final\" with a name that is rather long for one line.pdf";
  pdf.description = "caf\xc3\xa9";
  Attachment logo;
  logo.bytes = "png";
  logo.file_name = "logo.png";
  logo.disposition = Attachment::Disposition::inline_;
  logo.content_id = "logo";
  Attachment csv;
  csv.bytes = "a;b\r\n";
  csv.file_name = "x.csv";
  csv.transfer_encoding = Attachment::Encoding::seven_bit;
  csv.content_type = "text/csv; charset=utf-8";
  m.attachments = {pdf, logo, csv};
  auto out = built(m);
  auto mixed = out.find("multipart/mixed"), related = out.find("multipart/related"),
       alternative = out.find("multipart/alternative");
  EXPECT_LT(mixed, related);
  EXPECT_LT(related, alternative);
  EXPECT_EQ(attachment_names(out), (std::vector<std::string>{"logo.png", pdf.file_name, "x.csv"}));
  EXPECT_FALSE(check_content(out));
  EXPECT_NE(
      out.find("Content-Type: image/png; name=\"logo.png\"\r\nContent-Transfer-Encoding: base64\r\n"
               "Content-Disposition: inline; filename=\"logo.png\"\r\nContent-ID: <logo>\r\n\r\ncG5n\r\n"),
      std::string::npos)
      << out;
  EXPECT_NE(out.find("Content-Transfer-Encoding: 7bit\r\nContent-Disposition: attachment; "
                     "filename=\"x.csv\"\r\n\r\na;b\r\n"),
            std::string::npos);
  EXPECT_NE(out.find("Content-Description: =?UTF-8?"), std::string::npos);
  m.attachments[2].bytes = "bare\nfeed";
  EXPECT_NE(built(m).find("YmFyZQpmZWVk"), std::string::npos);
}

TEST(MimeBuilder, Refuses) {
  auto m = simple();
  Attachment a;
  a.file_name = "x.exe";
  m.attachments = {a};
  EXPECT_EQ(built(m), "Illegal filename 'x.exe'.");
  m.attachments[0].file_name = std::string(256, 'x');
  EXPECT_TRUE(built(m).starts_with("Illegal filename"));
  m.attachments[0].file_name = "x.pdf";
  m.attachments[0].content_type = "a/b\r\nX: y";
  EXPECT_TRUE(built(m).starts_with("Illegal content type"));
  m.attachments.clear();
  m.headers = {{"X", "a\r\nBcc: b"}};
  EXPECT_EQ(built(m), "Illegal header 'X'.");
  m.headers = {{"X Y", "a"}};
  EXPECT_EQ(built(m), "Illegal header 'X Y'.");
  for (const char* own : {"To", "message-id", "Date", "DKIM-Signature", "Content-Language", "Return-Path"}) {
    m.headers = {{own, "a"}};
    EXPECT_EQ(built(m), "Illegal header '" + std::string(own) + "'.");
  }
  m.headers = {{"X", std::string(996, 'a')}};
  EXPECT_EQ(built(m), "Header 'X' is longer than 996 characters.");
  m.headers = {{"X", std::string(995, 'a')}, {"Sender", "a@b"}};
  EXPECT_FALSE(built(m).starts_with("Header"));
}

}  // namespace
}  // namespace mail

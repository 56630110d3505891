#include "mail/unsubscribe.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "mail/transfer_encoding.h"

namespace mail {
namespace {

const std::string kMark(kUnsubscribePlaceholder);
const std::string kLink =
    "https://ses.example/unsubscribe?t=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

std::string rewritten(const std::string& raw, const std::string& link = "https://x/u?t=1") {
  return rewrite_unsubscribe(raw, link).value_or("unchanged");
}

std::string part(const std::string& headers, const std::string& body) {
  return "Subject: s\r\n" + headers + "\r\n" + body;
}

TEST(Unsubscribe, Text) {
  std::string text = "a " + kMark + " b " + kMark + " c " + kMark;
  EXPECT_TRUE(put_unsubscribe_link(text, "L"));
  EXPECT_EQ(text, "a L b L c " + kMark) << "the first two";
  text = "nothing {{amazonSESUnsubscribeURL}}";
  EXPECT_FALSE(put_unsubscribe_link(text, "L"));
}

TEST(Unsubscribe, Simple) {
  SimpleMail mail;
  mail.subject.data = kMark;
  mail.text = Content{kMark, ""};
  mail.html = Content{"<a href=\"" + kMark + "\">", ""};
  put_unsubscribe_link(mail, "L");
  EXPECT_EQ(mail.subject.data, kMark);
  EXPECT_EQ(mail.text->data, "L");
  EXPECT_EQ(mail.html->data, "<a href=\"L\">");
}

TEST(Unsubscribe, PlainParts) {
  struct Case {
    std::string headers, body, wanted;
  };
  const Case cases[] = {
      {"", "x " + kMark + " y\r\n", "x https://x/u?t=1 y\r\n"},
      {"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
       "\xc3\xbc{" + kMark + "}\n", "\xc3\xbc{https://x/u?t=1}\n"},
      {"", kMark + kMark + kMark, "https://x/u?t=1https://x/u?t=1" + kMark},
      {"", "none\r\n", ""},
      {"Content-Type: text/calendar\r\n", kMark, ""},
      {"Content-Type: application/octet-stream\r\n", kMark, ""},
      {"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n", kMark, ""},
      {"Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n", kMark, ""},
  };
  for (const auto& c : cases)
    EXPECT_EQ(rewritten(part(c.headers, c.body)), c.wanted.empty() ? "unchanged" : part(c.headers, c.wanted))
        << c.headers << c.body;
}

TEST(Unsubscribe, QuotedPrintable) {
  const std::string headers = "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n";
  struct Case {
    std::string body, wanted;
  };
  const std::string link = "https://x/u?t=3D1";
  const Case cases[] = {
      {kMark + "\r\n", link + "\r\n"},
      {"gr=C3=BC=C3=9Fe " + kMark + " end\r\n", "gr=C3=BC=C3=9Fe =\r\n" + link + "=\r\n end\r\n"},
      {"a {{amazonSES=\r\nUnsubscribeUrl}}.\r\n", "a =\r\n" + link + "=\r\n.\r\n"},
      {"a {{amazonSES=  \t\r\nUnsubscribeUrl}}\r\n", "a =\r\n" + link + "\r\n"},
      {"=7B=7bamazonSESUnsubscribeUrl=7D=7d", link},
      {"{{{amazonSESUnsubscribeUrl}}}", "{=\r\n" + link + "=\r\n}"},
      {"{{amazonSES\r\nUnsubscribeUrl}}\r\n", ""},
      {"{{amazonSESUnsubscribeUrl}=7", ""},
      {"==7B{amazonSESUnsubscribeUrl}}", "==\r\n" + link},
  };
  for (const auto& c : cases)
    EXPECT_EQ(rewritten(part(headers, c.body)), c.wanted.empty() ? "unchanged" : part(headers, c.wanted))
        << c.body;
}

TEST(Unsubscribe, BareLineFeeds) {
  const std::string head = "Content-Transfer-Encoding: quoted-printable\n\n";
  EXPECT_EQ(rewritten(head + "a " + kMark + " b\n"), head + "a =\nhttps://x/u?t=3D1=\n b\n");
}

TEST(Unsubscribe, QuotedPrintableLinesStayShort) {
  const std::string headers = "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n";
  auto made = rewritten(part(headers, std::string(40, 'x') + kMark + "\r\n"), kLink);
  EXPECT_LE(look_at(made).longest_line, 76u);
  std::string joined;
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (made.compare(i, 3, "=\r\n") == 0) {
      i += 2;
    } else if (made.compare(i, 3, "=3D") == 0) {
      joined += '=';
      i += 2;
    } else {
      joined += made[i];
    }
  }
  EXPECT_NE(joined.find(std::string(40, 'x') + kLink + "\r\n"), std::string::npos) << made;
}

TEST(Unsubscribe, Base64) {
  const std::string headers =
      "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n";
  std::string text =
      "<p>gr\xc3\xbc\xc3\x9f" + std::string(100, 'e') + "</p><a href=\"" + kMark + "\">x</a>\r\n";
  std::string body;
  append_base64(text, body);
  auto made = rewritten(part(headers, body), kLink);
  ASSERT_TRUE(made.starts_with(part(headers, "")));
  EXPECT_TRUE(made.ends_with("\r\n"));
  EXPECT_FALSE(made.ends_with("\r\n\r\n"));
  auto decoded = base::base64_decode(std::string_view(made).substr(part(headers, "").size()), true);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(put_unsubscribe_link(text, kLink));
  EXPECT_EQ(*decoded, text);
  EXPECT_EQ(rewritten(part(headers, "!!" + kMark)), "unchanged");
}

TEST(Unsubscribe, Multipart) {
  auto message = [](const std::string& plain, const std::string& html) {
    return "From: a@b.c\r\nContent-Type: multipart/mixed; boundary=\"o\"\r\n\r\npreamble "
           "{{amazonSESUnsubscribeUrl}}\r\n"
           "--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
           "--i\r\n\r\n" +
           plain +
           "\r\n--i\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
           html +
           "\r\n--i--\r\n--o\r\nContent-Type: message/rfc822\r\n\r\nSubject: "
           "x\r\n\r\n{{amazonSESUnsubscribeUrl}}\r\n"
           "--o\r\nContent-Type: text/plain\r\nContent-Disposition: "
           "attachment\r\n\r\n{{amazonSESUnsubscribeUrl}}\r\n"
           "--o--\r\nepilogue {{amazonSESUnsubscribeUrl}}\r\n";
  };
  EXPECT_EQ(rewritten(message(kMark + kMark + kMark, "=20" + kMark)),
            message("https://x/u?t=1https://x/u?t=1" + kMark, "=20=\r\nhttps://x/u?t=3D1"))
      << "two in each";
}

TEST(Unsubscribe, SignedStays) {
  for (const char* kind : {"signed", "encrypted"})
    EXPECT_EQ(rewritten("Content-Type: multipart/" + std::string(kind) + "; boundary=b\r\n\r\n--b\r\n\r\n" +
                        kMark + "\r\n--b--\r\n"),
              "unchanged");
}

TEST(Unsubscribe, BrokenMessages) {
  const std::string cases[] = {"", "no header\r\n" + kMark, ": x\r\n\r\n" + kMark,
                               "Content-Type: multipart/mixed\r\n\r\n" + kMark,
                               "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b"};
  for (const auto& raw : cases) EXPECT_EQ(rewritten(raw), "unchanged") << raw;
}

}  // namespace
}  // namespace mail

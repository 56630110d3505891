#include "mail/mime_reader.h"

#include <gtest/gtest.h>

namespace mail {
namespace {

// "multipart/mixed(text/plain,message/rfc822(text/html))"
std::string shape(const MimePart& part) {
  std::string out = part.type.type + "/" + part.type.subtype;
  if (part.parts.empty()) return out;
  out += '(';
  for (const auto& p : part.parts) out += (out.ends_with('(') ? "" : ",") + shape(p);
  return out + ')';
}

TEST(MimeReader, Shapes) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"", "text/plain"},
      {"Subject: x\r\n\r\nbody", "text/plain"},
      {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: "
       "text/html\r\n\r\n"
       "two\r\n--b--\r\nepilogue\r\n--b\r\n\r\nthree",
       "multipart/mixed(text/plain,text/html)"},
      {"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\ny\n--b--\n",
       "multipart/digest(message/rfc822(text/plain))"},
      {"Content-Type: message/rfc822\n\nContent-Type: text/html\n\nx", "message/rfc822(text/html)"},
      {"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nAAAA", "message/rfc822"},
      {"Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n", "multipart/mixed"},
      {"Content-Type: multipart/mixed; boundary=b\n\n--bb\n\nx\n--b--x\n", "multipart/mixed"},
      {"Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\nx", "multipart/mixed(text/plain)"},
      {"Content-Type: nonsense\n\nx", "nonsense/"},
  };
  for (auto [message, expected] : table) EXPECT_EQ(shape(read_parts(message)), expected) << message;
}

TEST(MimeReader, TextIsDecoded) {
  auto message = read_parts(
      "Subject: =?utf-8?q?caf=C3=A9?=\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9=\r\n!\r\n");
  EXPECT_EQ(message.header_text("subject"), "caf\xc3\xa9");
  EXPECT_EQ(message.text(1000), "caf\xc3\xa9!\n");
  EXPECT_EQ(message.text(3), "caf");
  EXPECT_EQ(read_parts("Content-Type: text/plain; charset=no-such\n\n\xff").text(10), "\xef\xbf\xbd");
}

TEST(MimeReader, SplitsAtDelimiterLines) {
  using Bodies = std::vector<std::string_view>;
  EXPECT_EQ(split_multipart("x\r\n--b\r\na\r\n\r\n--b\r\n--b\r\nc\r\n--b--\r\n--b\r\nd", "b", 9),
            (Bodies{"a\r\n", "", "c"}));
  EXPECT_EQ(split_multipart("--b\na\n--b\nb", "b", 9), (Bodies{"a", "b"}));
  EXPECT_EQ(split_multipart("--b\na\n--b\nb\n--b\nc", "b", 2), (Bodies{"a", "b"}));
  EXPECT_EQ(split_multipart(" --b\nx--b\n", "b", 9), Bodies{});
  EXPECT_EQ(split_multipart("--b--\n", "b", 9), Bodies{});
  EXPECT_EQ(split_multipart("--b\n--b\n--b x\ny\n--b", "b", 9), (Bodies{"", "--b x\ny"}));
  EXPECT_EQ(split_multipart("--b\n--bx\ny\n--b--z\n--b", "b", 9, Delimiters::beginning), (Bodies{"", "y"}));
  EXPECT_EQ(split_multipart("--b\nx", "", 9), Bodies{});
}

TEST(MimeReader, IsBounded) {
  std::string deep;
  for (int i = 0; i < 2000; ++i) {
    auto b = std::to_string(i);
    deep += "Content-Type: multipart/mixed; boundary=" + b + "\n\n--" + b + "\n";
  }
  std::size_t depth = 0;
  auto root = read_parts(deep);
  for (const auto* part = &root; !part->parts.empty(); part = &part->parts[0]) ++depth;
  EXPECT_EQ(depth, 20u);

  std::string wide = "Content-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 5000; ++i) wide += "--b\n\n";
  EXPECT_EQ(read_parts(wide).parts.size(), 999u);

  // The longest boundary that is taken bounds what a line that is nearly a delimiter costs.
  for (std::size_t octets : {256u, 257u}) {
    const std::string boundary(octets, '-');
    auto parts = read_parts("Content-Type: multipart/mixed; boundary=" + boundary + "x\n\n" +
                            std::string(4u << 20, '-'))
                     .parts;
    EXPECT_TRUE(parts.empty()) << octets;
    parts =
        read_parts("Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n\nx\n")
            .parts;
    EXPECT_EQ(parts.size(), octets == 256 ? 1u : 0u) << octets;
  }
}

}  // namespace
}  // namespace mail

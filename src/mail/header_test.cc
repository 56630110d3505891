#include "mail/header.h"

#include <gtest/gtest.h>

#include <ctime>

#include "mail/charset.h"

namespace mail {
namespace {

TEST(Header, SplitsWithEitherLineEnd) {
  for (std::string_view raw :
       {"From: a@b\r\nSubject: one\r\n two\r\n\r\nbody\r\n", "From: a@b\nSubject: one\n two\n\nbody\r\n",
        "From me Sat\nFrom: a@b\nSubject : one\r\n two\n\nbody\r\n"}) {
    auto view = split_message(raw);
    ASSERT_TRUE(view) << view.error();
    ASSERT_EQ(view->fields.size(), 2u);
    EXPECT_EQ(view->fields[1].name, "Subject");
    EXPECT_EQ(unfold(view->find("subject")->raw_value), "one two");
    EXPECT_EQ(view->body(raw), "body\r\n");
  }
}

TEST(Header, FaultsReadAsSesWordsThem) {
  const std::pair<std::string, std::string> table[] = {
      {"X Y: z\r\n\r\n", "Illegal header 'X Y'."},
      {": z\r\n\r\n", "Empty header names are illegal."},
      {"  Subject: z\r\n\r\n", "Empty header names are illegal."},
      {"A: b\r\nno header\r\n\r\n", "Empty header names are illegal."},
      {"A\xc3\xa4: b\r\n", "Illegal header 'A\xc3\xa4'."},
      {"A: " + std::string(kMaxHeaderBytes, 'x') + "\r\n", "Header section too long."},
      {"X\rBcc: y\r\n", "Illegal header 'X?Bcc'."},
  };
  for (const auto& [raw, message] : table) {
    auto view = split_message(raw);
    ASSERT_FALSE(view) << raw.substr(0, 40);
    EXPECT_EQ(view.error(), message);
  }
  std::string many;
  for (std::size_t i = 0; i <= kMaxHeaderFields; ++i) many += "A: b\r\n";
  EXPECT_EQ(split_message(many).error(), "Header section too long.");
}

// To open one of iconv's charsets costs a hundred times what a word does, so none is opened again and again.
TEST(Header, WordsInManyCharsets) {
  std::string value;
  for (int round = 0; round < 300; ++round)
    for (const char* page :
         {"037", "273", "277", "278", "280", "284", "285", "290", "297", "420", "423", "424",
          "437", "500", "775", "850", "852", "855", "857", "860", "861", "862", "863", "864"})
      value += std::string("=?IBM") + page + "?q?=31=?= x ";
  const auto began = std::clock();
  EXPECT_LT(decode_words(value).size(), value.size() / 3);
  EXPECT_LT((std::clock() - began) * 1.0 / CLOCKS_PER_SEC, 0.3);
}

TEST(Header, TextWithoutHeadersIsABody) {
  auto view = split_message("hello\r\nworld\r\n");
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->fields.empty());
  EXPECT_EQ(view->body_offset, 0u);
  EXPECT_EQ(split_message("")->body_offset, 0u);
  EXPECT_EQ(split_message("A: b")->body_offset, 4u);
  EXPECT_EQ(split_message("\r\nbody")->body_offset, 2u);
  EXPECT_EQ(split_part("junk in front\nno: 1\n").fields.size(), 0u);
  EXPECT_EQ(split_part("A: b\n??\nno: 1\n").fields.size(), 2u);
}

TEST(Header, SingleOnesMayNotRepeat) {
  auto view = split_message("To: a\nTo: b\nsubject: c\nSUBJECT: d\n\n");
  EXPECT_EQ(check_single_headers(view->fields), "Duplicate header 'Subject'.");
  EXPECT_FALSE(check_single_headers(split_message("To: a\nTo: b\nReceived: c\nReceived: d\n\n")->fields));
  EXPECT_EQ(check_single_headers(split_message("dkim-signature: a\nDKIM-Signature: b\n\n")->fields),
            "Duplicate header 'DKIM-Signature'.");
  for (std::string_view name : {"accept-language", "ACCEPTLANGUAGE", "vbr-info", "From", "Sensitivity"})
    EXPECT_TRUE(is_single_header(name)) << name;
  EXPECT_FALSE(is_single_header("X-Mailer"));
}

TEST(Header, UnfoldsToBlanks) {
  EXPECT_EQ(unfold(" multipart/alternative; \r\n\tboundary=\"x\""), "multipart/alternative;  boundary=\"x\"");
  EXPECT_EQ(unfold(" a\n   b\r\n\r\n c \r\n"), "a b c");
  EXPECT_EQ(unfold(std::string_view("a\0b", 3)), "a b");
}

TEST(Header, DecodesWords) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"plain", "plain"},
      {"=?UTF-8?B?SMOpbGxv?=", "H\xc3\xa9llo"},
      {"=?iso-8859-1?q?a=E9_b?= c", "a\xc3\xa9 b c"},
      {"a =?utf-8?Q?b?= =?utf-8?Q?c?=  d", "a bc  d"},
      {"=?utf-8?B?w6==?= x =?utf-8*en?Q?y?=", "\xef\xbf\xbd x y"},
      {"=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "\xc3\xa9"},
      {"=?nope-9?Q?x?=", "=?nope-9?Q?x?="},
      {"=?utf-8?X?x?=", "=?utf-8?X?x?="},
      {"=?utf-8?Q?x", "=?utf-8?Q?x"},
      {"=?utf-8?Q?a=0D=0ABcc:_x?=", "a  Bcc: x"},
      {"=?=?utf-8?Q?b?=", "=?b"},
      {"=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac"},
  };
  for (auto [given, text] : table) EXPECT_EQ(decode_words(given), text) << given;
}

TEST(Header, EncodedWordsComeBack) {
  const std::string texts[] = {
      "H\xc3\xa9llo",
      "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe4\xbb\xb6\xe5\x90\x8d",
      "looks =?like?Q?one?=",
      "caf\xc3\xa9 _=? x",
      std::string(900, 'a'),
      "\xf0\x9f\x98\x80 and more words that are plain but many, so that it splits in two"};
  for (const auto& text : texts) {
    for (std::string_view charset : {"UTF-8", "ISO-8859-1", "iso-2022-jp", "us-ascii", "unknown-1"}) {
      auto coded = encode_words(text, charset);
      EXPECT_EQ(decode_words(coded), text) << charset;
      std::size_t begin = 0;
      while (begin < coded.size()) {
        auto end = std::min(coded.find(' ', begin), coded.size());
        EXPECT_LE(end - begin, 75u);
        begin = end + 1;
      }
    }
  }
  EXPECT_EQ(encode_words("caf\xc3\xa9", "ISO-8859-1"), "=?ISO-8859-1?Q?caf=E9?=");
  EXPECT_EQ(encode_words("Plain subject"), "Plain subject");
  EXPECT_EQ(encode_words("no\r\nBcc: x"), "no  Bcc: x");
  EXPECT_EQ(encode_phrase("Doe, Jane \"J\""), "\"Doe, Jane \\\"J\\\"\"");
  EXPECT_EQ(encode_phrase("Jane Doe"), "Jane Doe");
}

TEST(Header, FoldsWithoutChangingTheValue) {
  std::string value;
  for (int i = 0; i < 60; ++i) value += (i % 7 ? " " : "   ") + std::string("word") + std::to_string(i);
  value = value.substr(3);
  auto folded = fold_header("Subject", value);
  EXPECT_TRUE(folded.ends_with("\r\n"));
  EXPECT_EQ(unfold(std::string_view(folded).substr(8)), value);
  std::size_t begin = 0;
  while (begin < folded.size()) {
    auto end = folded.find("\r\n", begin);
    EXPECT_LE(end - begin, 76u);
    EXPECT_NE(folded.find_first_not_of(' ', begin), end);
    begin = end + 2;
  }
  EXPECT_EQ(fold_header("X", "a\r\nBcc: b"), "X: a  Bcc: b\r\n");
  EXPECT_EQ(fold_header("X", ""), "X: \r\n");
}

TEST(Header, Guards) {
  EXPECT_TRUE(is_safe_value("a b"));
  for (auto bad : {std::string_view("a\rb"), std::string_view("a\nb"), std::string_view("a\0b", 3)})
    EXPECT_FALSE(is_safe_value(bad));
  EXPECT_TRUE(is_header_name("X-Y"));
  for (std::string_view bad : {"", "a b", "a:", "\xc3\xa4"}) EXPECT_FALSE(is_header_name(bad));
  EXPECT_TRUE(is_reserved_header("content-Type"));
  EXPECT_TRUE(is_reserved_header("DATE"));
  EXPECT_FALSE(is_reserved_header("List-Unsubscribe"));
}

TEST(Charset, ConvertsBothWays) {
  EXPECT_EQ(from_utf8("\xc3\xa9", "ISO-8859-1"), "\xe9");
  EXPECT_FALSE(from_utf8("\xe6\x97\xa5", "ISO-8859-1"));
  EXPECT_FALSE(from_utf8("a", "x//TRANSLIT"));
  EXPECT_EQ(to_utf8("\xe9", "windows-1252"), "\xc3\xa9");
  EXPECT_EQ(to_utf8("\x81\xff", "Shift_JIS"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(repair_utf8("a\xff\xc3"), "a\xef\xbf\xbd\xef\xbf\xbd");
  std::string big(10000, '\xe9');
  EXPECT_EQ(to_utf8(big, "ISO-8859-1")->size(), 20000u);
}

}  // namespace
}  // namespace mail

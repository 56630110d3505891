#include "mail/content_type.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace mail {
namespace {

TEST(ContentType, Parses) {
  auto t = parse_content_type(" Multipart/Mixed; (c) Boundary=\"a b;\\\"c\";\r\n\tcharset=utf-8; ");
  ASSERT_TRUE(t) << t.error();
  EXPECT_TRUE(t->is("multipart/mixed"));
  EXPECT_TRUE(t->is("multipart/"));
  EXPECT_EQ(*t->parameter("BOUNDARY"), "a b;\"c");
  EXPECT_EQ(*t->parameter("charset"), "utf-8");
  EXPECT_EQ(*parse_content_type("multipart/x; boundary=--=_Part/1")->parameter("boundary"), "--=_Part/1");
}

TEST(ContentType, FaultsReadAsSesWordsThem) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"text/plain; charset", "Expected '=', got 'null'"},
      {"text/plain; charset utf-8", "Expected '=', got 'utf-8'"},
      {"text/plain; charset=", "Expected parameter value, got 'null'"},
      {"text/plain; =x", "Expected parameter name, got '='"},
      {"text/plain charset=x", "Expected ';', got 'charset'"},
      {"text", "Expected '/', got 'null'"},
      {"text/", "Expected MIME subtype, got 'null'"},
      {"", "Expected MIME type, got 'null'"},
  };
  for (auto [value, message] : table) {
    auto t = parse_content_type(value);
    ASSERT_FALSE(t) << value;
    EXPECT_EQ(t.error(), message);
  }
}

TEST(ContentType, FileNames) {
  const std::tuple<std::string_view, std::string_view, std::string_view> table[] = {
      {"attachment; filename=\"a.pdf\"", "", "a.pdf"},
      {"attachment; filename=my file.exe; x=y", "", "my file.exe"},
      {"attachment", "application/x; name=\"b.txt\"", "b.txt"},
      {"attachment; filename*=UTF-8''%e2%82%ac%20rates.txt", "", "\xe2\x82\xac rates.txt"},
      {"attachment; filename*0*=iso-8859-1'en'%a3; filename*1=\" and \"; filename*2*=%a9.exe", "",
       "\xc2\xa3 and \xc2\xa9.exe"},
      {"attachment; filename*1=b.exe; filename*0=a", "", "ab.exe"},
      {"attachment; filename=\"=?UTF-8?Q?a=C3=A9.exe?=\"", "", "a\xc3\xa9.exe"},
      {"attachment; junk; filename=x.exe", "", "x.exe"},
      {"", "", ""},
  };
  for (auto [disposition, type, name] : table)
    EXPECT_EQ(part_file_name(disposition, type), name) << disposition;
}

TEST(ContentType, BlockedExtensions) {
  for (std::string_view bad : {"x.exe", "X.EXE", "a.pdf.Js", "x.exe. ", ".bat", "a.ps2xml", "x.ade", "x.xnk"})
    EXPECT_TRUE(blocked_extension(bad)) << bad;
  for (std::string_view good : {"", "exe", "a.pdf", "a.exe.txt", "x.", "a.jsx"})
    EXPECT_FALSE(blocked_extension(good)) << good;
  EXPECT_EQ(guess_content_type("A.PDF"), "application/pdf");
  EXPECT_EQ(guess_content_type("a.unknown"), "application/octet-stream");
}

TEST(ContentType, TheTableIsTheDataFile) {
  std::ifstream file(SESAME_SOURCE_DIR "/data/blocked_extensions.txt");
  ASSERT_TRUE(file);
  std::vector<std::string> listed;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line[0] != '#') listed.push_back(line);
  auto table = blocked_extensions();
  EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
  EXPECT_EQ(listed, std::vector<std::string>(table.begin(), table.end()));
}

constexpr std::string_view kNested =
    "From: a@b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\npreamble\r\n"
    "--x\r\nContent-Type: multipart/related; boundary=\"x y\"\r\n\r\n"
    "--x y\r\nContent-Disposition: inline; filename=one.png\r\n\r\nabc\r\n--x y--\r\n"
    "--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\nContent-Type: text/plain; "
    "name=two.exe\r\n\r\nhello\r\n"
    "--x--\r\n--x\r\nContent-Disposition: attachment; filename=epilogue.exe\r\n\r\n";

TEST(ContentType, WalksTheParts) {
  EXPECT_EQ(attachment_names(kNested), (std::vector<std::string>{"one.png", "two.exe"}));
  EXPECT_EQ(attachment_names(kNested, 1).size(), 1u);
  EXPECT_EQ(check_content(kNested), "Illegal filename 'two.exe'.");
  EXPECT_EQ(check_content("Content-Type: text/plain; charset\r\n\r\n"), "Expected '=', got 'null'");
  EXPECT_FALSE(check_content("Subject: x\r\n\r\nhello"));
  EXPECT_FALSE(
      check_content("Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                    "--b\r\nContent-Type: application/pdf; name=my file.pdf\r\n\r\nx\r\n--b--\r\n"));
  std::string deep = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 200; ++i)
    deep += "--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n";
  EXPECT_FALSE(check_content(deep));
}

}  // namespace
}  // namespace mail

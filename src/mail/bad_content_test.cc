#include "mail/bad_content.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "mail/transfer_encoding.h"

namespace mail {
namespace {

// Put together here for the same reason as in the scan.
std::string eicar() {
  return std::string(R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-)") + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
}

std::string base64_part(const std::string& bytes) {
  std::string out = "Content-Transfer-Encoding: base64\r\n\r\n";
  append_base64(bytes, out);
  return out + "\r\n--b--\r\n";
}

std::string quoted_part(const std::string& bytes) {
  std::string out = "Content-Transfer-Encoding: Quoted-Printable\r\n\r\n";
  append_quoted_printable(bytes, false, out);
  return out + "\r\n";
}

TEST(BadContent, FindsTheTestStringWhereverItStands) {
  std::string all_quoted = "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
  for (unsigned char c : eicar()) {
    char text[4];
    std::snprintf(text, sizeof text, "=%02X", c);
    all_quoted += text;
    if (all_quoted.size() % 60 < 3) all_quoted += "=\r\n";
  }
  const std::string bad[] = {
      "Subject: x\r\n\r\n" + eicar() + "\r\n",
      "Subject: " + eicar() + "\r\n\r\nx\r\n",
      "\r\n" + base64_part(eicar()),
      "\r\n" + base64_part("PK" + std::string(1001, '\0') + eicar() + std::string(50, 'x')),
      "\r\n" + base64_part(std::string(1000, '\x01') + "1" + eicar()),
      "\r\n" + quoted_part(eicar()),
      "\r\n" + quoted_part("a=b " + std::string(50, 'x') + eicar()),
      all_quoted,
      "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n" + base64_part(eicar()),
      "\r\n" + base64_part("Subject: inner\r\n" + base64_part(eicar())),
      "\r\n" + base64_part("Subject: inner\r\n" + quoted_part(eicar() + " \xc3\xbc")),
  };
  std::string large =
      "\r\n" + quoted_part("na\xc3\xafve") + base64_part(std::string(28u << 20, 'x') + eicar());
  EXPECT_TRUE(has_bad_content(large));
  // What is decoded is looked at in pieces: it is found over their edge too, and in a part that begins in an
  // earlier one.
  for (std::size_t at = (3u << 20) - 100; at < (3u << 20) + 100; at += 7)
    EXPECT_TRUE(has_bad_content("\r\n" + base64_part(std::string(at, 'x') + eicar()))) << at;
  for (std::size_t at = (3u << 20) - 400; at < (3u << 20); at += 19) {
    auto inner = "Subject: inner\r\n" + base64_part(std::string(at * 3 / 4 - 60, 'x') + eicar());
    EXPECT_TRUE(has_bad_content("\r\n" + base64_part(inner))) << at;
  }
  for (std::size_t at = (4u << 20) - 300; at < (4u << 20) + 100; at += 31) {
    std::string lines;
    while (lines.size() < at) lines += "a line of text\r\n";
    EXPECT_TRUE(has_bad_content("\r\n" + quoted_part("\xc3\xbc" + lines + eicar()))) << at;
  }
  for (const auto& message : bad) EXPECT_TRUE(has_bad_content(message)) << message;
}

TEST(BadContent, LeavesOthersAlone) {
  const std::string good[] = {
      "",
      "Subject: EICAR\r\n\r\nthe string is X5O!P%@AP\r\n",
      "\r\n" + base64_part(std::string(100000, 'x')),
      "\r\n" + quoted_part("na\xc3\xafve = 3D"),
      "Content-Transfer-Encoding: base64\r\n\r\n====\r\n=\r\nA\r\nAB=CD\r\n",
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n=\r\n==\r\n=4\r\n=4",
      "base64 quoted-printable",
      eicar().substr(0, 67),
  };
  for (const auto& message : good) EXPECT_FALSE(has_bad_content(message)) << message;
}

// What nests deeper than anybody reads is let go, and the work stays bounded.
TEST(BadContent, DepthIsBounded) {
  std::string text = eicar();
  for (int i = 0; i < 12; ++i) text = "\r\n" + base64_part(text);
  EXPECT_FALSE(has_bad_content(text));
}

}  // namespace
}  // namespace mail

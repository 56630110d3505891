#include "mail/transfer_encoding.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/random.h"

namespace mail {
namespace {

std::string qp(std::string_view text, bool binary = false) {
  std::string out;
  append_quoted_printable(text, binary, out);
  return out;
}

std::string decode_qp(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
    } else if (text.substr(i, 3) == "=\r\n") {
      i += 2;
    } else {
      out += *base::hex_decode(text.substr(i + 1, 2));
      i += 2;
    }
  }
  return out;
}

TEST(TransferEncoding, LooksAtText) {
  auto f = look_at("abc\r\nde\n\xc3\xa9");
  EXPECT_EQ(f.eight_bit, 2u);
  EXPECT_EQ(f.longest_line, 3u);
  EXPECT_TRUE(f.bare_feed);
  EXPECT_FALSE(f.bare_cr);
  EXPECT_TRUE(look_at("a\rb").bare_cr);
  EXPECT_TRUE(look_at("a\r\r\n").bare_cr);
  EXPECT_TRUE(look_at("").is_7bit());
  EXPECT_TRUE(look_at("a\r\nb").has_clean_ends());
}

TEST(TransferEncoding, QuotedPrintable) {
  EXPECT_EQ(qp("caf\xc3\xa9 = x"), "caf=C3=A9 =3D x");
  EXPECT_EQ(qp("a \nb\t\r\nc\rd"), "a=20\r\nb=09\r\nc\r\nd");
  EXPECT_EQ(qp("a\nb\r\nc\rd", true), "a=0Ab\r\nc=0Dd");
  EXPECT_EQ(qp(" "), "=20");
  EXPECT_EQ(qp(std::string(76, 'x')), std::string(75, 'x') + "=\r\nx");
}

TEST(TransferEncoding, ComesBackWhole) {
  base::SeededRandom random(3);
  for (int round = 0; round < 3000; ++round) {
    auto bytes =
        round % 2 ? random.bytes(random.u64() % 300) : random.text(random.u64() % 300, "ab \t\r\n=\xc3");
    auto coded = qp(bytes, true);
    ASSERT_EQ(decode_qp(coded), bytes);
    std::string base64, lines;
    append_base64(bytes, base64);
    ASSERT_EQ(base::base64_decode(base64, true), bytes);
    append_crlf(bytes, lines);
    ASSERT_EQ(decode_qp(qp(bytes)), lines);
    for (const auto* text : {&coded, &base64}) {
      auto facts = look_at(*text);
      ASSERT_LE(facts.longest_line, 76u);
      ASSERT_TRUE(facts.has_clean_ends() && facts.is_7bit());
    }
  }
}

TEST(TransferEncoding, EightBitOctetsAreCounted) {
  for (std::size_t size : {0u, 1u, 7u, 8u, 9u, 247u, 248u, 249u, 1000u, 4099u}) {
    EXPECT_EQ(count_eight_bit(std::string(size, 'a')), 0u) << size;
    EXPECT_EQ(count_eight_bit(std::string(size, '\xff')), size);
    std::string mixed(size, 'a');
    for (std::size_t i = 0; i < size; i += 3) mixed[i] = '\x80';
    EXPECT_EQ(count_eight_bit(mixed), (size + 2) / 3) << size;
  }
}

}  // namespace
}  // namespace mail

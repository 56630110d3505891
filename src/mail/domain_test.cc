#include "mail/domain.h"

#include <gtest/gtest.h>

namespace mail {
namespace {

TEST(Domain, BecomesAsciiInLowerCase) {
  EXPECT_EQ(ascii_domain("EXAMPLE.com"), "example.com");
  EXPECT_EQ(ascii_domain("example.com."), "example.com");
  EXPECT_EQ(ascii_domain("M\xc3\x9cNCHEN.de"), "xn--mnchen-3ya.de");
  EXPECT_EQ(ascii_domain("stra\xc3\x9f"
                         "e.de"),
            "xn--strae-oqa.de");
  EXPECT_EQ(ascii_domain("\xe4\xbe\x8b\xe3\x81\x88\xe3\x80\x82jp"), "xn--r8jz45g.jp");
  EXPECT_EQ(unicode_domain("xn--mnchen-3ya.de"), "m\xc3\xbcnchen.de");
  for (std::string_view bad : {"", ".", "a..b", ".a", "a b.c", "a@b", "\xff.de", "exa\nmple.com"})
    EXPECT_FALSE(ascii_domain(bad)) << bad;
  EXPECT_FALSE(ascii_domain(std::string(64, 'a') + ".com"));
}

TEST(Domain, NamesHaveTwoLabels) {
  for (std::string_view good : {"example.com", "a.b", "1.example.com", "xn--mnchen-3ya.de"})
    EXPECT_TRUE(is_domain_name(good)) << good;
  for (std::string_view bad : {"", "localhost", "-a.com", "a-.com", "192.0.2.1", "a_b.com", "a.com."})
    EXPECT_FALSE(is_domain_name(bad)) << bad;
  EXPECT_TRUE(is_domain_name("_dmarc.example.com", true));
}

TEST(Domain, OrganizationalByThePublicSuffixList) {
  EXPECT_EQ(organizational_domain("a.b.Example.co.uk"), "example.co.uk");
  EXPECT_EQ(organizational_domain("mail.example.com"), "example.com");
  EXPECT_EQ(organizational_domain("co.uk"), "co.uk");
}

TEST(Domain, AtOrBelow) {
  EXPECT_TRUE(is_at_or_below("Example.com", "example.COM"));
  EXPECT_TRUE(is_at_or_below("a.b.example.com", "example.com"));
  for (std::string_view other : {"", "com", "xexample.com", "example.com.org"})
    EXPECT_FALSE(is_at_or_below(other, "example.com")) << other;
}

}  // namespace
}  // namespace mail

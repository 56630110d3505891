#include "mail/address.h"

#include <gtest/gtest.h>

#include "mail/envelope.h"

namespace mail {
namespace {

std::string fault_of(std::string_view text) {
  auto m = parse_mailbox(text);
  return m ? "ok: " + m->local + " at " + m->domain : m.error();
}

TEST(Address, FaultsReadAsSesWordsThem) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"foo", "Missing final '@domain'"},
      {"foo@", "Missing domain"},
      {"@example.com", "Missing local name"},
      {"", "Empty address"},
      {"  ", "Empty address"},
      {"<>", "Empty address"},
      {"a@b, c@d", "Illegal address"},
      {"a@b <c@d>x", "Illegal address"},
      {"Jane <a@b> junk", "Illegal address"},
      {"<a@b> <c@d>", "Illegal address"},
      {"g: a@b;", "Illegal address"},
      {"a@b (one) c", "Illegal address"},
      {"a;b@c", "Illegal semicolon, not in group"},
      {"a:b@c", "Local address contains illegal character"},
      {"a[b]@c", "Local address contains illegal character"},
      {"a b@c", "Local address contains control or whitespace"},
      {"foo bar", "Local address contains control or whitespace"},
      {"m\xc3\xbcller@x.de", "Local address contains control or whitespace"},
      {".a@b", "Local address starts with dot"},
      {"a.@b", "Local address ends with dot"},
      {"a..b@c", "Local address contains dot-dot"},
      {"a@b c", "Domain contains control or whitespace"},
      {"a@m\xc3\xbcller.de", "Domain contains control or whitespace"},
      {"a@b_c", "Domain contains illegal character"},
      {"a@b@c", "Domain contains illegal character"},
      {"a@.b", "Domain starts with dot"},
      {"a@b..c", "Domain contains dot-dot"},
      {"a@b.", "Domain ends with dot"},
      {"x\"a\"@b", "Quote not at start of local address"},
      {"\"a\"x@b", "Quote not at end of local address"},
      {"\"a@b", "Missing '\"'"},
      {"a@b>", "Missing '<'"},
      {"Jane <a@b", "Missing '>'"},
      {"a@b)", "Missing '('"},
      {"a@b (x", "Missing ')'"},
      {"a@[1.2", "Missing ']'"},
      {"<@a,b:c@d>", "Illegal route-addr"},
      {"a@x[1]", "Domain literal not at start of domain"},
      {"a@[1]x", "Domain literal end not at end of domain"},
      {"g: h: a@b;", "Nested group"},
      {"\"a\nb\"@x.y", "Invalid email address \"a\nb\"@x.y."},
  };
  for (auto [given, message] : table) EXPECT_EQ(fault_of(given), message) << given;
}

TEST(Address, TakesWhatIsAMailbox) {
  struct Case {
    std::string_view given, name, raw_name, local, domain;
  };
  const Case table[] = {
      {"a@b", "", "", "a", "b"},
      {" a@B.Example ", "", "", "a", "B.Example"},
      {"Jane Doe <jane@example.com>", "Jane Doe", "Jane Doe", "jane", "example.com"},
      {"\"Doe, Jane\" <jane@example.com>", "Doe, Jane", "\"Doe, Jane\"", "jane", "example.com"},
      {"jane@example.com (Jane)", "Jane", "Jane", "jane", "example.com"},
      {"=?UTF-8?Q?J=C3=A4ne?= <j@e.f>", "J\xc3\xa4ne", "=?UTF-8?Q?J=C3=A4ne?=", "j", "e.f"},
      {"J\xc3\xa4ne <j@e.f>", "J\xc3\xa4ne", "J\xc3\xa4ne", "j", "e.f"},
      {"Jane\r\n Doe <j@e.f>", "Jane Doe", "Jane Doe", "j", "e.f"},
      {"\"a b\"@c", "", "", "\"a b\"", "c"},
      {"\"a@b\"@c", "", "", "\"a@b\"", "c"},
      {"\"a\\\"b\"@c", "", "", "\"a\\\"b\"", "c"},
      {"a@[192.0.2.1]", "", "", "a", "[192.0.2.1]"},
      {"<@r,@s:u@d>", "", "", "u", "d"},
      {",a@b,", "", "", "a", "b"},
      {"a+b=c/d!@x-y.z", "", "", "a+b=c/d!", "x-y.z"},
  };
  for (const auto& c : table) {
    auto m = parse_mailbox(c.given);
    ASSERT_TRUE(m) << c.given << ": " << m.error();
    EXPECT_EQ(m->display_name, c.name) << c.given;
    EXPECT_EQ(m->raw_name, c.raw_name) << c.given;
    EXPECT_EQ(m->local, c.local) << c.given;
    EXPECT_EQ(m->domain, c.domain) << c.given;
  }
}

TEST(Address, Utf8IsForTheOperatorToAllow) {
  auto m = parse_mailbox("J <j\xc3\xa4@\xc3\xbc.de>", true);
  ASSERT_TRUE(m);
  EXPECT_EQ(m->addr(), "j\xc3\xa4@\xc3\xbc.de");
  EXPECT_FALSE(parse_mailbox("\"j\xc3\xa4\"@b"));
  EXPECT_FALSE(parse_mailbox("\xff@b", true));
  EXPECT_FALSE(parse_mailbox("a\\\r\nb@c"));
}

TEST(Address, ListsHoldGroupsCommentsAndFolds) {
  auto list = parse_address_list(
      "A <a@b>,\r\n\t\"x, y\" <c@d> (note), Friends: e@f, <g@h>; , undisclosed-recipients:;, i@j");
  ASSERT_TRUE(list) << list.error();
  std::string all;
  for (const auto& m : *list) all += m.addr() + " ";
  EXPECT_EQ(all, "a@b c@d e@f g@h i@j ");
  EXPECT_EQ((*list)[1].display_name, "x, y");
  EXPECT_EQ(parse_address_list("")->size(), 0u);
  EXPECT_EQ(parse_address_list("a@b, foo").error(), "Missing final '@domain'");
  EXPECT_EQ(parse_address_list("g: a@b").error(), "Local address contains illegal character");
  EXPECT_EQ(parse_address_list("a@b c@d").error(), "Domain contains control or whitespace");
}

TEST(Address, CountsTheFormInUtf16) {
  std::string d(300, 'd');
  EXPECT_FALSE(address_length_fault("aaaaaaaaaaaaaaaaaaa@" + d));  // 320
  EXPECT_EQ(address_length_fault("aaaaaaaaaaaaaaaaaaaa@" + d),
            "Address length is more than 320 characters long: 'aaaaaaaaaaaaaaaaaaaa@" + d + "'.");
  EXPECT_EQ(
      address_length_fault("\"N.\" <a@" + d + std::string(20, 'e') + ">"),
      "Address length is more than 320 characters long: '\"N.\" <a@" + d + std::string(20, 'e') + ">'.");
  EXPECT_EQ(display_form(*parse_mailbox("\"Jane Doe\" <a@b>")), "Jane Doe <a@b>");
  EXPECT_EQ(display_form(*parse_mailbox("\"Doe, \\\"J\" <a@b>")), "\"Doe, \\\"J\" <a@b>");
  EXPECT_EQ(display_form(*parse_mailbox("=?UTF-8?Q?J=C3=A4?= <a@b>")), "=?UTF-8?Q?J=C3=A4?= <a@b>");
}

TEST(Envelope, KeysAndCompares) {
  EXPECT_EQ(strip_label("user+x+y"), "user");
  EXPECT_EQ(strip_label("+x"), "+x");
  EXPECT_TRUE(same_address("a@B.c", "a@b.C"));
  EXPECT_FALSE(same_address("A@b.c", "a@b.c"));
  EXPECT_EQ(address_key("User+x@EX.com"), "User+x@ex.com");
  EXPECT_EQ(identity_key("User+x@EX.com"), "User@ex.com");
  EXPECT_EQ(domain_of("\"a@b\"@c"), "c");
  EXPECT_EQ(domain_of("none"), "");
}

}  // namespace
}  // namespace mail

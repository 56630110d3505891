#include <gtest/gtest.h>

#include "aws/policy_form.h"

namespace aws {
namespace {

struct GlobCase {
  std::string_view pattern, text;
  bool matches;
};

TEST(PolicyMatch, Wildcards) {
  const GlobCase cases[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "anything:at/all", true},
      {"**", "", true},
      {"?", "", false},
      {"?", "a", true},
      {"?", "é", true},
      {"??", "é", false},
      {"*?", "é", true},
      {"*??", "€", false},
      {"a*", "a", true},
      {"a*", "b", false},
      {"*a", "bca", true},
      {"*a", "ab", false},
      {"a*b*c", "aXbYbZc", true},
      {"a*b*c", "aXcYb", false},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"*.example.com", "a.b.example.com", true},
      {"*.example.com", "example.com", false},
      {"a*?", "a", false},
      {"a*?", "ab", true},
      {"abc", "ABC", false},
      {"identity/*@example.com", "identity/x@example.com", true},
      {"ses:Send*", "ses:Send", true},
      {"[a]", "a", false},
      {"a.c", "abc", false},
      {"\\*", "\\x", true},
  };
  for (const auto& c : cases) {
    auto marked = mark_wildcards(c.pattern);
    EXPECT_EQ(pattern_matches(marked, c.text), c.matches) << c.pattern << " on " << c.text;
    EXPECT_EQ(Glob(marked).matches(c.text), c.matches) << c.pattern << " on " << c.text;
  }
}

// A matcher that tried every way would not end.
TEST(PolicyMatch, ManyStarsEnd) {
  std::string pattern, text(5000, 'a');
  for (int i = 0; i < 500; ++i) pattern += "*a";
  EXPECT_FALSE(pattern_matches(mark_wildcards(pattern + "*b"), text));
  EXPECT_TRUE(pattern_matches(mark_wildcards(pattern + "*"), text));
}

TEST(PolicyMatch, ArnsPartByPart) {
  const GlobCase cases[] = {
      {"arn:aws:ses:us-east-1:111122223333:identity/a", "arn:aws:ses:us-east-1:111122223333:identity/a",
       true},
      {"arn:aws:ses:*:111122223333:identity/*", "arn:aws:ses:us-east-1:111122223333:identity/a", true},
      {"arn:aws:ses:*:identity/a", "arn:aws:ses:us-east-1:111122223333:identity/a", false},
      {"arn:aws:*:*:*:*", "arn:aws:sns:us-east-1:111122223333:a:b:c", true},
      {"arn:aws:sns:*:*:a:*", "arn:aws:sns:us-east-1:111122223333:a:b:c", true},
      {"arn:*", "arn:aws:ses:us-east-1:111122223333:identity/a", false},
      {"*", "arn:aws:ses:us-east-1:111122223333:identity/a", true},
      {"*", "no arn", false},
      {"arn:aws:iam::1*:user/b?b", "arn:aws:iam::111122223333:user/bob", true},
      {"arn:aws:iam:?:1*:user/bob", "arn:aws:iam::111122223333:user/bob", false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(arn_matches(mark_wildcards(c.pattern), c.text), c.matches) << c.pattern << " on " << c.text;
}

struct VariableCase {
  std::string_view source, text;
  Outcome outcome;
};

TEST(PolicyMatch, Variables) {
  ConditionContext context;
  context.set("aws:username", "bob");
  context.set("aws:PrincipalTag/team", "a*b");
  context.set("aws:TagKeys", std::vector<std::string>{"x", "y"});
  context.set("aws:UserAgent", "\xff");
  const VariableCase cases[] = {
      {"${aws:username}", "bob", Outcome::yes},
      {"${AWS:UserName}", "bob", Outcome::yes},
      {"/home/${aws:username}/*", "/home/bob/x", Outcome::yes},
      {"/home/${aws:username}/*", "/home/eve/x", Outcome::no},
      {"${aws:PrincipalTag/team}", "a*b", Outcome::yes},
      {"${aws:PrincipalTag/team}", "aXb", Outcome::no},
      {"${*}${?}${$}", "*?$", Outcome::yes},
      {"${*}", "x", Outcome::no},
      {"${aws:none, 'team'}/x", "team/x", Outcome::yes},
      {"${aws:none,'*'}", "x", Outcome::no},
      {"${aws:username, 'eve'}", "bob", Outcome::yes},
      {"${aws:none}", "", Outcome::unresolved},
      {"${aws:TagKeys}", "x", Outcome::unresolved},
      {"${aws:UserAgent}", "anything", Outcome::unresolved},
      {"$x{", "$x{", Outcome::yes},
  };
  for (const auto& c : cases) {
    auto text = PolicyText::make(c.source, PolicyText::Compare::pattern, true);
    ASSERT_TRUE(text) << c.source;
    EXPECT_EQ(text->matches(c.text, context), c.outcome) << c.source << " on " << c.text;
  }
  for (std::string_view bad : {"${", "${}", "${aws:username", "${a, b}", "${a,'b}", "${a${b}}", "${ }"})
    EXPECT_FALSE(PolicyText::make(bad, PolicyText::Compare::pattern, true)) << bad;
  auto literal = PolicyText::make("${aws:username}", PolicyText::Compare::pattern, false);
  EXPECT_EQ(literal->matches("${aws:username}", context), Outcome::yes);
  EXPECT_EQ(literal->matches("bob", context), Outcome::no);
}

TEST(PolicyValues, Dates) {
  EXPECT_EQ(read_date("0"), 0);
  EXPECT_EQ(read_date("1372550400"), 1372550400000);
  for (auto same : {"2013-06-30T00:00:00Z", "2013-06-30", "2013-06-30T00:00Z", "2013-06-30t00:00:00.000z",
                    "2013-06-30T02:00:00+02:00", "2013-06-30T02:00+02:00", "2013-06-30T00:00"})
    EXPECT_EQ(read_date(same), 1372550400000) << same;
  EXPECT_EQ(read_date("2013-06"), read_date("2013-06-01"));
  for (auto bad : {"", "yesterday", "2013-13-01", "2013-06-31", "-5", "1e9", "99999999999999999999",
                   "Wed, 12 Apr 2023 09:58:45 GMT", "2013-06-30T25:00:00Z"})
    EXPECT_FALSE(read_date(bad)) << bad;
}

TEST(PolicyValues, Numbers) {
  EXPECT_EQ(read_number("10"), 10);
  EXPECT_EQ(read_number("-1.5"), -1.5);
  EXPECT_EQ(read_number("1e3"), 1000);
  for (auto bad : {"", "ten", "1 ", " 1", "0x10", "nan", "inf", "1e999", "--1"})
    EXPECT_FALSE(read_number(bad)) << bad;
}

struct NetworkCase {
  std::string_view network, address;
  bool contains;
};

TEST(PolicyValues, Networks) {
  const NetworkCase cases[] = {
      {"203.0.113.0/24", "203.0.113.9", true},
      {"203.0.113.0/24", "203.0.114.9", false},
      {"203.0.113.9", "203.0.113.9", true},
      {"203.0.113.9/32", "203.0.113.8", false},
      {"203.0.113.77/25", "203.0.113.1", true},
      {"203.0.113.77/25", "203.0.113.128", false},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "::1", false},
      {"::/0", "2001:db8::1", true},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"203.0.113.0/24", "::ffff:203.0.113.9", true},
      {"::ffff:203.0.113.0/120", "203.0.113.9", true},
      {"203.0.113.0/24", "203.0.113.0/24", false},
      {"203.0.113.0/24", "host", false},
  };
  for (const auto& c : cases) {
    auto network = read_network(c.network);
    ASSERT_TRUE(network) << c.network;
    auto address = read_address(c.address);
    EXPECT_EQ(address && network->contains(*address), c.contains) << c.network << " of " << c.address;
  }
  for (auto bad : {"", "203.0.113.0/33", "203.0.113.0/-1", "203.0.113.0/", "::1/129", "203.0.113/24", "x/8",
                   "::ffff:1.2.3.4/64", "1.2.3.4/0x8"})
    EXPECT_FALSE(read_network(bad)) << bad;
}

}  // namespace
}  // namespace aws

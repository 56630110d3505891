#include "mail/date.h"

#include <gtest/gtest.h>

namespace mail {
namespace {

TEST(Date, AsHeadersWriteIt) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"Wed, 12 Apr 2023 09:58:45 +0000", "2023-04-12T09:58:45.000Z"},
      {"Wed, 12 Apr 2023 09:58:45 -0700", "2023-04-12T16:58:45.000Z"},
      {"Wed, 12 Apr 2023 09:58:45 +0530 (IST)", "2023-04-12T04:28:45.000Z"},
      {"Wed,  5 Apr 2023 9:58:45 GMT", "2023-04-05T09:58:45.000Z"},
      {"5 apr 23 09:58 EDT", "2023-04-05T13:58:00.000Z"},
      {"31 Dec 99 23:59:59 PST", "2000-01-01T07:59:59.000Z"},
      {"(a comment (in it)) Wed,5 April 2023 09:58:45", "2023-04-05T09:58:45.000Z"},
      {"Wed, 5 Apr 2023 09:58:45 XYZ", "2023-04-05T09:58:45.000Z"},
      {"2023-04-12T09:58:45Z", "2023-04-12T09:58:45.000Z"},
      {"yesterday", ""},
      {"", ""},
      {"Wed, 32 Apr 2023 09:58:45 +0000", ""},
      {"Wed, 12 Foo 2023 09:58:45 +0000", ""},
      {"Wed, 12 Apr 2023 25:58:45 +0000", ""},
      {"Wed, 12 Apr 2023 09:58:45 +9900", ""},
      {"Wed, 12 Apr 123 09:58:45 +0000", ""},
      {"12 Apr 2023 noon", ""},
      {"12 Apr 2023 1:2:3:4 +0000", ""},
      {"((((((((", ""},
  };
  for (const auto& [text, iso] : table) {
    const auto time = parse_date(text);
    EXPECT_EQ(time ? base::iso8601(*time) : "", iso) << text;
  }
}

}  // namespace
}  // namespace mail

#include "aws/policy_position.h"

#include <gtest/gtest.h>

#include <string>

namespace aws {
namespace {

std::string told(std::string_view document) {
  std::string out;
  for (const auto& s : statement_spans(document))
    out += std::to_string(s.begin.line) + ":" + std::to_string(s.begin.column) + "-" +
           std::to_string(s.end.line) + ":" + std::to_string(s.end.column) + " ";
  return out;
}

TEST(PolicyPosition, StatementsAreFound) {
  struct Case {
    const char* document;
    const char* spans;
  } cases[] = {
      {R"({"Statement":{"Effect":"Allow"}})", "1:14-1:32 "},
      {R"({"Statement":[{"a":{"b":[{}]}},{"c":"}]"}]})", "1:15-1:31 1:32-1:42 "},
      {"{\n \"Version\": \"2012-10-17\",\n \"Statement\": [\n  {\"Sid\": \"Statement\"},\n  {}\n ]\n}",
       "4:3-4:23 5:3-5:5 "},
      {R"({"Id":{"x":1},"Statement":[{"q":"\"{"}]})", "1:28-1:39 "},
      {R"({"Statement":"{}"})", ""},
      {"", ""},
      {"}}]]", ""},
      {R"({"Statement":[{)", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(told(c.document), c.spans) << c.document;
}

}  // namespace
}  // namespace aws

// Where the statements of a policy document stand in its text, for those who show them. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace aws {

struct TextPosition {
  std::int64_t line = 1, column = 1;  // from 1, the column in octets
};
struct StatementSpan {
  TextPosition begin, end;  // its braces; `end` stands behind the closing one
};

// In their order. Of a document that is well-formed JSON; of anything else, what can be found.
std::vector<StatementSpan> statement_spans(std::string_view document);

}  // namespace aws

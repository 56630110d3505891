// The names of the condition operators, and what a policy may write for each. SES §10.5.
#include <array>

#include "aws/policy_form.h"

namespace aws {
namespace {

struct Row {
  std::string_view name;
  Comparison comparison;
  bool negated = false;
};

using C = Comparison;
constexpr std::array kOperators = {
    Row{"StringEquals", C::string_equals},
    Row{"StringNotEquals", C::string_equals, true},
    Row{"StringEqualsIgnoreCase", C::string_equals_ignore_case},
    Row{"StringNotEqualsIgnoreCase", C::string_equals_ignore_case, true},
    Row{"StringLike", C::string_like},
    Row{"StringNotLike", C::string_like, true},
    Row{"NumericEquals", C::numeric_equals},
    Row{"NumericNotEquals", C::numeric_equals, true},
    Row{"NumericLessThan", C::numeric_less},
    Row{"NumericLessThanEquals", C::numeric_less_equals},
    Row{"NumericGreaterThan", C::numeric_greater},
    Row{"NumericGreaterThanEquals", C::numeric_greater_equals},
    Row{"DateEquals", C::date_equals},
    Row{"DateNotEquals", C::date_equals, true},
    Row{"DateLessThan", C::date_less},
    Row{"DateLessThanEquals", C::date_less_equals},
    Row{"DateGreaterThan", C::date_greater},
    Row{"DateGreaterThanEquals", C::date_greater_equals},
    Row{"Bool", C::truth},
    Row{"BinaryEquals", C::binary},
    Row{"IpAddress", C::ip_address},
    Row{"NotIpAddress", C::ip_address, true},
    Row{"ArnEquals", C::arn},
    Row{"ArnLike", C::arn},
    Row{"ArnNotEquals", C::arn, true},
    Row{"ArnNotLike", C::arn, true},
    Row{"Null", C::null},
};

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

template <class T>
std::optional<ConditionValue> value_of(std::optional<T> read) {
  if (!read) return std::nullopt;
  return ConditionValue(std::move(*read));
}

}  // namespace

std::optional<Operator> read_operator(std::string_view name) {
  Operator found;
  if (take_prefix(name, "ForAllValues:")) {
    found.over = Operator::Over::all_values;
  } else if (take_prefix(name, "ForAnyValue:")) {
    found.over = Operator::Over::any_value;
  }
  constexpr std::string_view kIfExists = "IfExists";
  if (name.ends_with(kIfExists)) {
    found.if_exists = true;
    name.remove_suffix(kIfExists.size());
  }
  for (const auto& row : kOperators) {
    if (row.name != name) continue;
    found.comparison = row.comparison;
    found.negated = row.negated;
    if (row.comparison == C::null && found.if_exists) return std::nullopt;
    return found;
  }
  return std::nullopt;
}

std::optional<ConditionValue> read_condition_value(Comparison comparison, std::string_view text,
                                                   bool variables) {
  using Compare = PolicyText::Compare;
  switch (comparison) {
    case C::string_equals:
      return value_of(PolicyText::make(text, Compare::exact, variables));
    case C::string_equals_ignore_case:
      return value_of(PolicyText::make(text, Compare::ignore_case, variables));
    case C::string_like:
      return value_of(PolicyText::make(text, Compare::pattern, variables));
    case C::arn:
      return value_of(PolicyText::make(text, Compare::arn, variables));
    case C::numeric_equals:
    case C::numeric_less:
    case C::numeric_less_equals:
    case C::numeric_greater:
    case C::numeric_greater_equals:
      return value_of(read_number(text));
    case C::date_equals:
    case C::date_less:
    case C::date_less_equals:
    case C::date_greater:
    case C::date_greater_equals:
      if (auto millis = read_date(text)) return ConditionValue(Date{*millis});
      return std::nullopt;
    case C::truth:
    case C::null:
      return value_of(read_truth(text));
    case C::binary:
      if (auto bytes = read_bytes(text)) return ConditionValue(Bytes{std::move(*bytes)});
      return std::nullopt;
    case C::ip_address:
      return value_of(read_network(text));
  }
  return std::nullopt;
}

}  // namespace aws

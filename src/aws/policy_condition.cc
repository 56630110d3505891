// Whether the conditions of a statement hold. All operators and keys must, any of a key's values will do; a
// key that is absent makes a positive operator false and a negated one true. SES §10.5.
#include <algorithm>
#include <functional>

#include "aws/policy_form.h"

namespace aws {
namespace {

using C = Comparison;
using Over = Operator::Over;

// How `given` stands to `wanted`, by the last word of the operator.
template <class T>
bool ordered(Comparison comparison, T given, T wanted) {
  switch (comparison) {
    case C::numeric_less:
    case C::date_less:
      return given < wanted;
    case C::numeric_less_equals:
    case C::date_less_equals:
      return given <= wanted;
    case C::numeric_greater:
    case C::date_greater:
      return given > wanted;
    case C::numeric_greater_equals:
    case C::date_greater_equals:
      return given >= wanted;
    default:
      return given == wanted;
  }
}

// One value of the request against those of the policy; it is read once.
class Against {
 public:
  Against(const Condition& condition, std::string_view given, const ConditionContext& context)
      : comparison_(condition.operation.comparison), given_(given), context_(context) {
    if (!condition.values.empty())
      std::visit([this](const auto& wanted) { read(wanted); }, condition.values[0]);
  }

  Outcome operator()(const PolicyText& wanted) const { return wanted.matches(given_, context_); }
  Outcome operator()(double wanted) const { return of(number_ && ordered(comparison_, *number_, wanted)); }
  Outcome operator()(Date wanted) const { return of(date_ && ordered(comparison_, *date_, wanted.millis)); }
  Outcome operator()(bool wanted) const { return of(read_truth(given_) == wanted); }
  Outcome operator()(const Bytes& wanted) const { return of(bytes_ == wanted.bytes); }
  Outcome operator()(const Network& wanted) const { return of(address_ && wanted.contains(*address_)); }

 private:
  static Outcome of(bool yes) { return yes ? Outcome::yes : Outcome::no; }

  void read(const PolicyText&) {}
  void read(bool) {}
  void read(double) { number_ = read_number(given_); }
  void read(Date) { date_ = read_date(given_); }
  void read(const Bytes&) { bytes_ = read_bytes(given_); }
  void read(const Network&) { address_ = read_address(given_); }

  Comparison comparison_;
  std::string_view given_;
  const ConditionContext& context_;
  std::optional<double> number_;
  std::optional<std::int64_t> date_;
  std::optional<std::string> bytes_;
  std::optional<Network> address_;
};

bool value_holds(const Condition& condition, std::string_view given, const ConditionContext& context,
                 bool allow) {
  Against against(condition, given, context);
  bool unresolved = false;
  for (const auto& wanted : condition.values) {
    auto outcome = std::visit(std::cref(against), wanted);
    if (outcome == Outcome::yes) return !condition.operation.negated;
    unresolved |= outcome == Outcome::unresolved;
  }
  return condition.operation.negated && !(allow && unresolved);
}

// "Null": "true" wants the key absent, "false" wants it there.
bool null_holds(const Condition& condition, bool absent) {
  return std::any_of(condition.values.begin(), condition.values.end(),
                     [&](const ConditionValue& wanted) { return std::get<bool>(wanted) == absent; });
}

constexpr std::size_t kShown = 3;          // values in an explanation
constexpr std::size_t kShownOctets = 200;  // of each

std::string quoted(const std::vector<std::string>& values) {
  std::string out;
  for (std::size_t i = 0; i < std::min(values.size(), kShown); ++i) {
    if (i) out += ", ";
    bool whole = values[i].size() <= kShownOctets;
    out += "'" + values[i].substr(0, kShownOctets) + (whole ? "'" : "...'");
  }
  if (values.size() > kShown) out += ", ...";
  return out.empty() ? "no value" : out;
}

std::string_view relation(Comparison comparison) {
  switch (comparison) {
    case C::numeric_less:
      return "less than ";
    case C::numeric_less_equals:
      return "at most ";
    case C::numeric_greater:
      return "greater than ";
    case C::numeric_greater_equals:
      return "at least ";
    case C::date_less:
      return "before ";
    case C::date_less_equals:
      return "at or before ";
    case C::date_greater:
      return "after ";
    case C::date_greater_equals:
      return "at or after ";
    case C::ip_address:
      return "in ";
    case C::string_like:
    case C::arn:
      return "like ";
    default:
      return "";
  }
}

}  // namespace

bool condition_holds(const Condition& condition, const ConditionContext& context, bool allow) {
  const Operator& operation = condition.operation;
  const auto* given = context.find(condition.key);
  bool absent = !given || given->empty();
  if (operation.comparison == C::null) return null_holds(condition, absent);
  if (absent) {
    if (operation.if_exists || operation.over == Over::all_values) return true;
    return operation.negated && operation.over != Over::any_value;
  }
  auto holds = [&](const std::string& value) { return value_holds(condition, value, context, allow); };
  // Several values under an operator for one: an equal one is enough, a negated operator wants none equal.
  bool all = operation.over == Over::all_values || (operation.over == Over::one && operation.negated);
  return all ? std::all_of(given->begin(), given->end(), holds)
             : std::any_of(given->begin(), given->end(), holds);
}

std::string why_not(const Condition& condition, const ConditionContext& context) {
  std::string text = "condition " + condition.name + " " + condition.key + ": ";
  const auto* given = context.find(condition.key);
  bool absent = !given || given->empty();
  if (condition.operation.comparison == C::null)
    return text + (absent ? "the key is absent" : "the key is present");
  if (absent) return text + "the key is absent";
  text += quoted(*given) + (condition.operation.negated ? " is " : " is not ");
  text += relation(condition.operation.comparison);
  if (condition.written.size() > 1) text += "any of ";
  return text + quoted(condition.written);
}

}  // namespace aws

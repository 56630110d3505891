// Texts of a policy as they are compared: patterns with '*' and '?', policy variables, ARNs part by part. A
// compiled pattern holds the wildcards as two bytes that no UTF-8 text has, so that ${*} and the value of a
// variable are never taken for one. Immutable; any thread. SES §10.5.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aws {

class ConditionContext;

inline constexpr char kManyCharacters = '\xff';  // '*'
inline constexpr char kOneCharacter = '\xfe';    // '?'

// A pattern with its wildcards marked, none of it a variable.
std::string mark_wildcards(std::string_view text);
// Time is bounded by the product of the two lengths.
bool pattern_matches(std::string_view marked, std::string_view text);

// A marked pattern whose beginning without wildcards is compared at once.
class Glob {
 public:
  Glob() = default;
  explicit Glob(std::string marked);

  bool matches(std::string_view text) const {
    std::string_view marked = marked_;
    if (plain_ == marked.size()) return marked == text;
    return text.starts_with(marked.substr(0, plain_)) &&
           pattern_matches(marked.substr(plain_), text.substr(plain_));
  }
  const std::string& marked() const { return marked_; }

 private:
  std::string marked_;
  std::size_t plain_ = 0;  // octets before the first wildcard
};

// Each of the six parts of an ARN by itself; a lone '*' is any ARN.
bool arn_matches(std::string_view marked, std::string_view text);

// `unresolved`: a variable has no value in this request and no default.
enum class Outcome { no, yes, unresolved };

class PolicyText {
 public:
  enum class Compare { exact, ignore_case, pattern, arn };

  // nullopt where `variables` are wanted and one is not well formed.
  static std::optional<PolicyText> make(std::string_view source, Compare compare, bool variables);

  Outcome matches(std::string_view text, const ConditionContext& context) const;
  const std::string& source() const { return source_; }
  std::vector<std::string_view> keys_without_default() const;

 private:
  struct Piece {  // what stands before a variable, and the variable; none where `key` is empty
    std::string marked;
    std::string key;
    std::optional<std::string> fallback;
  };

  static bool read_variable(std::string_view inside, std::vector<Piece>& pieces);
  std::optional<std::string> resolve(const ConditionContext& context) const;
  bool compare(std::string_view marked, std::string_view text) const;

  std::string source_;
  Compare compare_ = Compare::exact;
  Glob glob_;  // where there is no variable
  std::vector<Piece> pieces_;
};

}  // namespace aws

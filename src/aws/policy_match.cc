#include "aws/policy_match.h"

#include <array>

#include "aws/policy.h"
#include "base/encoding.h"

namespace aws {
namespace {

constexpr std::size_t npos = std::string_view::npos;

bool inside_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::size_t next_character(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && inside_character(text[at]);) ++at;
  return at;
}

void append_marked(std::string& out, char c, bool wildcards) {
  if (wildcards && c == '*') {
    if (out.empty() || out.back() != kManyCharacters) out += kManyCharacters;
  } else {
    out += wildcards && c == '?' ? kOneCharacter : c;
  }
}

// The first five end at a colon, the sixth is the rest; false where there are fewer.
bool split_arn(std::string_view text, std::array<std::string_view, 6>& parts) {
  for (std::size_t i = 0; i < 5; ++i) {
    auto colon = text.find(':');
    if (colon == npos) return false;
    parts[i] = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  parts[5] = text;
  return true;
}

bool has_marks(std::string_view text) {
  return text.find(kManyCharacters) != npos || text.find(kOneCharacter) != npos;
}

}  // namespace

std::string mark_wildcards(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) append_marked(out, c, true);
  return out;
}

bool pattern_matches(std::string_view marked, std::string_view text) {
  std::size_t p = 0, t = 0, star = npos, from = 0;
  while (t < text.size()) {
    if (p < marked.size() && marked[p] == kManyCharacters) {
      star = p++;
      from = t;
      if (p == marked.size()) return true;
    } else if (p < marked.size() && marked[p] == kOneCharacter) {
      ++p;
      t = next_character(text, t);
    } else if (p < marked.size() && marked[p] == text[t]) {
      ++p, ++t;
    } else if (star != npos) {  // the last star takes one more
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < marked.size() && marked[p] == kManyCharacters) ++p;
  return p == marked.size();
}

Glob::Glob(std::string marked) : marked_(std::move(marked)) {
  while (plain_ < marked_.size() && marked_[plain_] != kManyCharacters && marked_[plain_] != kOneCharacter)
    ++plain_;
}

bool arn_matches(std::string_view marked, std::string_view text) {
  std::array<std::string_view, 6> wanted, given;
  if (!split_arn(text, given)) return false;
  if (marked.size() == 1 && marked[0] == kManyCharacters) return true;
  if (!split_arn(marked, wanted)) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (!pattern_matches(wanted[i], given[i])) return false;
  return true;
}

// ${*}, ${?} and ${$} are the characters; else a key, and perhaps a default: ${aws:PrincipalTag/team,
// 'none'}.
bool PolicyText::read_variable(std::string_view inside, std::vector<Piece>& pieces) {
  if (inside == "*" || inside == "?" || inside == "$") {
    pieces.back().marked += inside;
    return true;
  }
  auto comma = inside.find(',');
  auto key = base::trim(inside.substr(0, comma));
  if (key.empty() || key.find_first_of("${'\"") != npos) return false;
  pieces.back().key = key;
  if (comma != npos) {
    auto quoted = base::trim(inside.substr(comma + 1));
    if (quoted.size() < 2 || quoted.front() != '\'' || quoted.back() != '\'') return false;
    pieces.back().fallback = quoted.substr(1, quoted.size() - 2);
  }
  pieces.emplace_back();
  return true;
}

std::optional<PolicyText> PolicyText::make(std::string_view source, Compare compare, bool variables) {
  bool wildcards = compare == Compare::pattern || compare == Compare::arn;
  PolicyText text;
  text.source_ = source;
  text.compare_ = compare;
  std::vector<Piece> pieces(1);
  for (std::size_t at = 0; at < source.size(); ++at) {
    if (!variables || source.substr(at, 2) != "${") {
      append_marked(pieces.back().marked, source[at], wildcards);
      continue;
    }
    auto end = source.find('}', at);
    if (end == npos || !read_variable(source.substr(at + 2, end - at - 2), pieces)) return std::nullopt;
    at = end;
  }
  if (compare == Compare::ignore_case)
    for (auto& piece : pieces) piece.marked = base::ascii_lower(piece.marked);
  if (pieces.size() == 1) {
    text.glob_ = Glob(std::move(pieces[0].marked));
  } else {
    text.pieces_ = std::move(pieces);
  }
  return text;
}

// A key with several values is no text, and one that is not UTF-8 could hold the marks.
std::optional<std::string> PolicyText::resolve(const ConditionContext& context) const {
  std::string out;
  for (const auto& piece : pieces_) {
    out += piece.marked;
    if (piece.key.empty()) continue;
    const auto* values = context.find(piece.key);
    if (values && values->size() == 1 && !has_marks(values->front())) {
      out += values->front();
    } else if (piece.fallback) {
      out += *piece.fallback;
    } else {
      return std::nullopt;
    }
  }
  return compare_ == Compare::ignore_case ? base::ascii_lower(out) : out;
}

bool PolicyText::compare(std::string_view marked, std::string_view text) const {
  switch (compare_) {
    case Compare::exact:
      return marked == text;
    case Compare::ignore_case:
      return base::iequals(marked, text);
    case Compare::pattern:
      return pattern_matches(marked, text);
    case Compare::arn:
      return arn_matches(marked, text);
  }
  return false;
}

Outcome PolicyText::matches(std::string_view text, const ConditionContext& context) const {
  if (pieces_.empty()) {
    bool yes = compare_ == Compare::pattern ? glob_.matches(text) : compare(glob_.marked(), text);
    return yes ? Outcome::yes : Outcome::no;
  }
  auto marked = resolve(context);
  if (!marked) return Outcome::unresolved;
  return compare(*marked, text) ? Outcome::yes : Outcome::no;
}

std::vector<std::string_view> PolicyText::keys_without_default() const {
  std::vector<std::string_view> keys;
  for (const auto& piece : pieces_)
    if (!piece.key.empty() && !piece.fallback) keys.push_back(piece.key);
  return keys;
}

}  // namespace aws

// The form: pairs of a query string or a body, decoded once, sorted for slices by prefix.
#include <algorithm>

#include "aws/query.h"
#include "base/encoding.h"

namespace aws {
namespace {

[[noreturn]] void refuse(std::string text) {
  throw base::Fault(base::FaultKind::malformed_query_string, std::move(text));
}

bool by_name(const Form::Pair& a, const Form::Pair& b) { return a.name < b.name; }

}  // namespace

void Form::add(std::string_view encoded) {
  std::size_t at = 0;
  while (at < encoded.size()) {
    std::size_t end = encoded.find('&', at);
    if (end == std::string_view::npos) end = encoded.size();
    std::string_view pair = encoded.substr(at, end - at);
    at = end + 1;
    if (pair.empty()) continue;
    std::size_t equals = std::min(pair.find('='), pair.size());
    if (equals > 3 * kMaxKey || pairs_.size() >= kMaxPairs) refuse("The request has too many parameters.");
    std::string name = base::percent_decode(pair.substr(0, equals), true);
    if (name.size() > kMaxKey) refuse("A parameter name is too long.");
    if (std::count(name.begin(), name.end(), '.') > static_cast<std::ptrdiff_t>(kMaxDepth))
      refuse("A parameter name has too many parts.");
    std::string_view value = equals < pair.size() ? pair.substr(equals + 1) : std::string_view{};
    pairs_.push_back({std::move(name), base::percent_decode(value, true)});
  }
  std::stable_sort(pairs_.begin(), pairs_.end(), by_name);
}

const std::string* Form::find(std::string_view name) const {
  auto it = std::partition_point(pairs_.begin(), pairs_.end(), [&](const Pair& p) { return p.name < name; });
  return it != pairs_.end() && it->name == name ? &it->value : nullptr;
}

std::span<const Form::Pair> Form::with_prefix(std::string_view prefix) const {
  auto first =
      std::partition_point(pairs_.begin(), pairs_.end(), [&](const Pair& p) { return p.name < prefix; });
  auto last = std::partition_point(
      first, pairs_.end(), [&](const Pair& p) { return std::string_view(p.name).starts_with(prefix); });
  return {first, last};
}

}  // namespace aws

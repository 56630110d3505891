// The router: raw path segments against the templates of the model and their older forms. SES §1, §4.
#include <algorithm>
#include <array>

#include "aws/rest_json.h"
#include "base/encoding.h"

namespace aws {
namespace {

constexpr std::size_t kMaxSegments = 12;

struct Segments {
  std::array<std::string_view, kMaxSegments> parts;
  std::size_t count = 0;
  bool too_many = false;
};

// Without the leading slash and one trailing one.
Segments split_path(std::string_view path) {
  Segments out;
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  while (true) {
    if (out.count == kMaxSegments) {
      out.too_many = true;
      return out;
    }
    std::size_t slash = path.find('/');
    out.parts[out.count++] = path.substr(0, slash);
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

// A signature covers the path without these, so it would fit a path that means something else.
bool is_dots(std::string_view segment) { return segment == "." || segment == ".."; }

bool is_label(std::string_view segment) { return segment.starts_with('{'); }

struct Entry {
  std::string_view method;
  Segments path;
  const OperationInfo* operation;
  bool alternate;
};

// Fixed words before labels, so that /tenants/get is not read as /tenants/{x}.
bool more_exact(const Entry& a, const Entry& b) {
  for (std::size_t i = 0; i < std::min(a.path.count, b.path.count); ++i)
    if (is_label(a.path.parts[i]) != is_label(b.path.parts[i])) return is_label(b.path.parts[i]);
  return false;
}

using Table = std::array<std::vector<Entry>, kMaxSegments + 1>;  // by number of segments

Table make_table() {
  Table table;
  auto add = [&](const OperationInfo& operation, const Binding& binding, bool alternate) {
    Entry entry{binding.method, split_path(binding.path), &operation, alternate};
    table[entry.path.count].push_back(entry);
  };
  for (const OperationInfo& operation : service(Api::sesv2).operations) {
    add(operation, operation.binding, false);
    for (const Binding& binding : operation.alternates) add(operation, binding, true);
  }
  for (auto& entries : table) std::stable_sort(entries.begin(), entries.end(), more_exact);
  return table;
}

// From the back, where the words differ most.
bool fits(const Entry& entry, std::string_view method, const Segments& path) {
  if (entry.method != method) return false;
  for (std::size_t i = path.count; i-- > 0;) {
    std::string_view want = entry.path.parts[i];
    const std::string_view part = path.parts[i];
    if (is_label(want) ? part.empty() || is_dots(part) : want != part) return false;
  }
  return true;
}

}  // namespace

std::optional<Route> route(std::string_view method, std::string_view path) {
  static const Table table = make_table();
  Segments segments = split_path(path);
  if (segments.too_many) return std::nullopt;
  for (const Entry& entry : table[segments.count]) {
    if (!fits(entry, method, segments)) continue;
    Route found;
    found.operation = entry.operation;
    found.alternate = entry.alternate;
    for (std::size_t i = 0; i < segments.count; ++i) {
      std::string_view label = entry.path.parts[i];
      if (is_label(label))
        found.labels.emplace_back(label.substr(1, label.size() - 2), base::percent_decode(segments.parts[i]));
    }
    return found;
  }
  return std::nullopt;
}

}  // namespace aws

// Page tokens of lists (SES §25.2): opaque, under an HMAC, bound to the kind of resource, the account, the
// region and the filter. They carry the name of the last item given, so that a list may change between its
// pages. Pure; any thread. The texts of bad sizes and tokens differ from list to list: the caller throws
// them.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ses/types.h"

namespace api {

struct PageKey {
  std::string_view secret;  // of the installation
  std::string_view kind;    // "identities"
  const ses::Scope& scope;
  std::string_view filter;
};

std::string make_page_token(const PageKey& key, std::string_view after);
std::optional<std::string> read_page_token(const PageKey& key,
                                           std::string_view token);  // nullopt: not one of these

template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;  // token; none on the last page
};

// The items behind `after` of a list that is sorted by name_of(item).
template <class T, class F>
Page<T> cut_page(const std::vector<T>& sorted, const PageKey& key, const std::optional<std::string>& after,
                 std::size_t size, F name_of) {
  auto first = sorted.begin();
  if (after)
    first = std::partition_point(sorted.begin(), sorted.end(),
                                 [&](const T& item) { return name_of(item) <= *after; });
  Page<T> page;
  auto left = static_cast<std::size_t>(sorted.end() - first);
  auto last = first + static_cast<std::ptrdiff_t>(std::min(left, size));
  page.items.assign(first, last);
  if (last != sorted.end() && !page.items.empty())
    page.next = make_page_token(key, name_of(page.items.back()));
  return page;
}

}  // namespace api

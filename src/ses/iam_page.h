// A page of what a query answers, its rows in the order of a name that the next page begins after. The query
// asks for one row more than the page holds, by the parameters :after and :limit.
#pragma once

#include <algorithm>

#include "ses/principal_types.h"
#include "store/db.h"

namespace ses {

inline std::size_t page_size(const PageRequest& wanted) {
  return std::clamp(wanted.limit, std::size_t{1}, iam_limit::kMaxPage);
}

inline store::Query& bind_page(store::Query& q, const PageRequest& wanted) {
  return q.text(":after", wanted.after).integer(":limit", static_cast<std::int64_t>(page_size(wanted)) + 1);
}

template <class T, class Read>
Page<T> read_page(store::Query& q, const PageRequest& wanted, Read read) {
  Page<T> page;
  while (q.next()) {
    if (page.items.size() == page_size(wanted)) {
      page.next = page.items.back().name;
      break;
    }
    page.items.push_back(read(q));
  }
  return page;
}

// The same of a list that is at hand, sorted by that member.
template <class T>
Page<T> cut_page(const std::vector<T>& sorted, const PageRequest& wanted, std::string T::*by = &T::name) {
  Page<T> page;
  for (const auto& item : sorted) {
    if (!wanted.after.empty() && item.*by <= wanted.after) continue;
    if (page.items.size() == page_size(wanted)) {
      page.next = page.items.back().*by;
      break;
    }
    page.items.push_back(item);
  }
  return page;
}

}  // namespace ses

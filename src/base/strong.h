// Strong<Tag>: a string that is an id of one kind and does not mix with ids of another.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace base {

template <class Tag>
class Strong {
 public:
  Strong() = default;
  explicit Strong(std::string value) : value_(std::move(value)) {}
  const std::string& str() const noexcept { return value_; }
  bool empty() const noexcept { return value_.empty(); }
  auto operator<=>(const Strong&) const = default;

 private:
  std::string value_;
};

}  // namespace base

template <class Tag>
struct std::hash<base::Strong<Tag>> {
  std::size_t operator()(const base::Strong<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.str());
  }
};

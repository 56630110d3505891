// The snapshot of a noun: per scope an immutable map from name to item, swapped by the writer before its
// write returns (ARCHITECTURE 3.6). T has scope, name and generation. Of two racing writers the one with the
// higher generation wins, whoever comes last; what was removed leaves a tombstone while writes are under way,
// so that an older write does not bring it back. Any thread.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ses/types.h"

namespace ses {

template <class T>
class ScopedView {
 public:
  using ItemPtr = std::shared_ptr<const T>;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct Entry {
    ItemPtr item;  // null: a tombstone
    std::int64_t generation = 0;
  };
  using Names = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;
  using NamesPtr = std::shared_ptr<const Names>;

  // Marks a write as under way as long as it lives.
  class Writing {
   public:
    explicit Writing(ScopedView& view) : view_(view) { view_.begin(); }
    ~Writing() { view_.end(); }
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;

   private:
    ScopedView& view_;
  };

  // At start.
  void fill(std::vector<T> items) {
    std::unordered_map<Scope, std::shared_ptr<Names>> made;
    for (auto& item : items) {
      auto& names = made[item.scope];
      if (!names) names = std::make_shared<Names>();
      auto held = std::make_shared<const T>(std::move(item));
      (*names)[held->name] = {held, held->generation};
    }
    std::lock_guard lock(mutex_);
    scopes_.clear();
    for (auto& [scope, names] : made) scopes_[scope] = std::move(names);
  }

  NamesPtr names(const Scope& scope) const {  // never null
    static const NamesPtr none = std::make_shared<const Names>();
    std::lock_guard lock(mutex_);
    auto found = scopes_.find(scope);
    return found == scopes_.end() ? none : found->second;
  }

  ItemPtr find(const Scope& scope, std::string_view name) const {
    auto held = names(scope);
    auto found = held->find(name);
    return found == held->end() ? nullptr : found->second.item;
  }

  std::vector<ItemPtr> sorted(const Scope& scope) const {  // by name
    auto held = names(scope);
    std::vector<ItemPtr> out;
    for (const auto& [name, entry] : *held)
      if (entry.item) out.push_back(entry.item);
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
    return out;
  }

  std::vector<ItemPtr> all() const {  // of all scopes, in no order
    std::lock_guard lock(mutex_);
    std::vector<ItemPtr> out;
    for (const auto& [scope, names] : scopes_)
      for (const auto& [name, entry] : *names)
        if (entry.item) out.push_back(entry.item);
    return out;
  }

  struct Change {
    std::string name;
    ItemPtr item;  // null where the name was removed
  };

  // `item` is null where the name was removed.
  void publish(const Scope& scope, const std::string& name, ItemPtr item, std::int64_t generation) {
    publish(scope, {Change{name, std::move(item)}}, generation);
  }
  // What one write changed, all of it at once.
  void publish(const Scope& scope, std::vector<Change> changes, std::int64_t generation) {
    std::lock_guard lock(mutex_);
    auto& held = scopes_[scope];
    auto copy = held ? std::make_shared<Names>(*held) : std::make_shared<Names>();
    for (auto& change : changes) {
      auto& entry = (*copy)[change.name];
      if (entry.generation >= generation) continue;
      if (!change.item) tombstones_.push_back(scope);
      entry = {std::move(change.item), generation};
    }
    held = std::move(copy);
  }

 private:
  void begin() {
    std::lock_guard lock(mutex_);
    ++writing_;
  }

  void end() {
    std::lock_guard lock(mutex_);
    if (--writing_ > 0) return;
    for (const auto& scope : tombstones_) {
      auto& held = scopes_[scope];
      auto copy = held ? std::make_shared<Names>(*held) : std::make_shared<Names>();
      std::erase_if(*copy, [](const auto& named) { return !named.second.item; });
      held = std::move(copy);
    }
    tombstones_.clear();
  }

  mutable std::mutex mutex_;
  std::unordered_map<Scope, NamesPtr> scopes_;
  std::size_t writing_ = 0;
  std::vector<Scope> tombstones_;  // scopes that hold some
};

}  // namespace ses

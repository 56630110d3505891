// The type-erased functions behind the descriptors; included by the generated tables only.
#pragma once

#include "aws/pattern.h"
#include "aws/shape.h"

namespace aws::ops {

template <class T>
Object make() {
  return Object(new T, [](void* object) { delete static_cast<T*>(object); });
}

template <class T>
struct Optional {
  static void* emplace(void* optional) { return &static_cast<std::optional<T>*>(optional)->emplace(); }
  static const void* get(const void* optional) {
    const auto& held = *static_cast<const std::optional<T>*>(optional);
    return held ? &*held : nullptr;
  }
  static constexpr OptionalOps table{&emplace, &get};
};

template <class T>
struct List {
  static void* append(void* list) { return &static_cast<std::vector<T>*>(list)->emplace_back(); }
  static std::size_t size(const void* list) { return static_cast<const std::vector<T>*>(list)->size(); }
  static const void* at(const void* list, std::size_t index) {
    return &(*static_cast<const std::vector<T>*>(list))[index];
  }
  static constexpr ListOps table{&append, &size, &at};
};

template <class T>
struct Map {
  using Type = std::map<std::string, T>;
  static void* insert(void* map, std::string key) { return &(*static_cast<Type*>(map))[std::move(key)]; }
  static std::size_t size(const void* map) { return static_cast<const Type*>(map)->size(); }
  static void each(const void* map, void* context, void (*visit)(void*, const std::string&, const void*)) {
    for (const auto& [key, value] : *static_cast<const Type*>(map)) visit(context, key, &value);
  }
  static constexpr MapOps table{&insert, &size, &each};
};

}  // namespace aws::ops

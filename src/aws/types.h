// The few types of our own that the generated structs use. Pure values; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace aws {

struct StructInfo;

// Bytes of a member of type blob, already decoded from base64.
struct Blob {
  std::string bytes;
  Blob() = default;
  explicit Blob(std::string b) : bytes(std::move(b)) {}
  bool operator==(const Blob&) const = default;
};

}  // namespace aws

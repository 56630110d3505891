// What IAM knows of the actions of SES, per API: the access level, the kinds of resources a call is checked
// against, and the condition keys that SES gives it (SES §10). Generated at build time from model/iam.json;
// immutable, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "aws/shape.h"

namespace aws {

enum class AccessLevel : std::uint8_t { read, list, write, tagging, permissions_management };

struct ResourceUse {
  std::string_view kind;  // "identity", "configuration-set", …
  bool required = false;  // else only where the call names one
};

struct Permission {
  std::string_view action;  // without "ses:"
  AccessLevel level = AccessLevel::read;
  std::span<const ResourceUse> resources;  // none: the call is checked against "*"
  // Beside those that every request has; a tag's key is left out: "aws:ResourceTag/".
  std::span<const std::string_view> keys;

  bool has_key(std::string_view key) const;
};

std::span<const Permission> permissions(Api api);  // by action; none but those of SES
const Permission* find_permission(Api api, std::string_view action);

}  // namespace aws

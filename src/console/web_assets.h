// The files of web/, embedded by cmake/embed.cmake.
#pragma once

#include <span>
#include <string_view>

namespace console {

struct WebAsset {
  std::string_view name, bytes;  // "inbox.js"
};

std::span<const WebAsset> web_assets();

}  // namespace console

#include "mail/tags.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/encoding.h"
#include "mail/charset.h"

namespace mail {
namespace {

constexpr std::size_t kMaxTagLength = 255;
constexpr std::size_t kMaxTagsHeader = 64 * 1024;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}
bool is_value_char(char c) { return is_name_char(c) || c == '.' || c == '@'; }

}  // namespace

// SES §5.3, in this order.
std::optional<std::string> check_tag(std::string_view name, std::string_view value) {
  if (name.empty()) return "The tag name must be specified.";
  if (value.empty()) return "The tag value must be specified.";
  if (base::utf16_length(name) > kMaxTagLength) return "Tag name cannot exceed 255 characters.";
  bool special = name == kFeedbackTagA || name == kFeedbackTagB;
  if (!special && !std::all_of(name.begin(), name.end(), is_name_char))
    return fmt::format("Invalid tag name <{}>: only alphanumeric ASCII characters, '_',  '-' are allowed.",
                       repair_utf8(name));
  if (base::utf16_length(value) > kMaxTagLength) return "Tag value cannot exceed 255 characters.";
  if (!std::all_of(value.begin(), value.end(), is_value_char))
    return fmt::format(
        "Invalid tag value <{}>: only alphanumeric ASCII characters, '_',  '-' , '.', '@' are allowed.",
        repair_utf8(value));
  return std::nullopt;
}

std::optional<std::string> check_tags(std::span<const Tag> tags) {
  for (const auto& [name, value] : tags)
    if (auto fault = check_tag(name, value)) return fault;
  return std::nullopt;
}

base::Result<std::vector<Tag>, std::string> parse_tags_header(std::string_view value) {
  if (value.size() > kMaxTagsHeader)
    return base::Failure{std::string("Tag value cannot exceed 255 characters.")};
  std::vector<Tag> tags;
  for (auto piece : base::split(value, ',')) {
    piece = base::trim(piece);
    if (piece.empty()) continue;
    auto equals = piece.find('=');
    auto name = base::trim(piece.substr(0, equals));
    auto text = equals == std::string_view::npos ? std::string_view{} : base::trim(piece.substr(equals + 1));
    if (auto fault = check_tag(name, text)) return base::Failure{*fault};
    tags.emplace_back(name, text);
  }
  return tags;
}

}  // namespace mail

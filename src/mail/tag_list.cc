#include "mail/tag_list.h"

#include <algorithm>

#include "base/encoding.h"

namespace mail {
namespace {

constexpr std::size_t kMaxTags = 100;

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_char(char c) { return is_alpha(c) || (c >= '0' && c <= '9') || c == '_'; }

bool is_name(std::string_view name) {
  return !name.empty() && is_alpha(name[0]) && std::all_of(name.begin(), name.end(), is_name_char);
}

}  // namespace

std::optional<TagList> TagList::parse(std::string_view text) {
  TagList out;
  std::size_t at = 0;
  while (at <= text.size()) {
    auto end = std::min(text.find(';', at), text.size());
    auto piece = text.substr(at, end - at);
    if (base::trim(piece).empty()) {
      if (!base::trim(text.substr(end)).empty() && base::trim(text.substr(end)) != ";") return std::nullopt;
      break;
    }
    auto equals = piece.find('=');
    if (equals == std::string_view::npos || out.tags_.size() == kMaxTags) return std::nullopt;
    ListTag tag{base::trim(piece.substr(0, equals)), base::trim(piece.substr(equals + 1)), at + equals + 1,
                end};
    if (!is_name(tag.name) || out.find(tag.name)) return std::nullopt;
    out.tags_.push_back(tag);
    at = end + 1;
  }
  return out;
}

const ListTag* TagList::find(std::string_view name) const {
  auto at = std::find_if(tags_.begin(), tags_.end(), [&](const ListTag& tag) { return tag.name == name; });
  return at == tags_.end() ? nullptr : &*at;
}

std::string_view TagList::value(std::string_view name, std::string_view otherwise) const {
  auto* tag = find(name);
  return tag ? tag->value : otherwise;
}

std::string without_blanks(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (char c : value)
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out += c;
  return out;
}

}  // namespace mail

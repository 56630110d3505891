#include "ses/tags.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/fault.h"
#include "base/random.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// Letters and digits beyond ASCII are let pass; of ASCII only those that are listed.
bool tag_characters(std::string_view text) {
  constexpr std::string_view kOthers = " _.:/=+-@";
  auto good = [&](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || base::kAlnum.find(c) != std::string_view::npos ||
           kOthers.find(c) != std::string_view::npos;
  };
  return base::is_utf8(text) && std::all_of(text.begin(), text.end(), good);
}

[[noreturn]] void refuse(std::string text) { throw Fault(FaultKind::invalid_parameter, std::move(text)); }

}  // namespace

void check_tags(const std::vector<Tag>& tags) {
  if (tags.size() > kMaxTags) refuse("The number of tags exceeds the maximum of 50.");
  std::set<std::string_view> keys;
  for (const auto& tag : tags) {
    auto length = code_points(tag.name);
    if (length < 1 || length > 128) refuse("Tag keys must have a length of 1 to 128 characters.");
    if (code_points(tag.value) > 256) refuse("Tag values must have a length of at most 256 characters.");
    if (!tag_characters(tag.name)) refuse("The tag key " + tag.name + " is invalid.");
    if (!tag_characters(tag.value)) refuse("The tag value " + tag.value + " is invalid.");
    if (base::ascii_lower(tag.name).starts_with("aws:")) refuse("Tag keys must not start with aws:.");
    if (!keys.insert(tag.name).second) refuse("The tag key " + tag.name + " is given more than once.");
  }
}

TagEdit add_tags(std::vector<Tag> added) {
  check_tags(added);
  return [added = std::move(added)](std::vector<Tag>& tags) {
    auto merged = tags;
    for (const auto& tag : added) {
      auto same = [&](const Tag& t) { return t.name == tag.name; };
      auto at = std::find_if(merged.begin(), merged.end(), same);
      if (at == merged.end()) {
        merged.push_back(tag);
      } else {
        at->value = tag.value;
      }
    }
    check_tags(merged);  // SES §25.3: 50 after merging
    tags = std::move(merged);
  };
}

TagEdit remove_tags(std::vector<std::string> names) {
  return [names = std::move(names)](std::vector<Tag>& tags) {
    std::erase_if(
        tags, [&](const Tag& tag) { return std::find(names.begin(), names.end(), tag.name) != names.end(); });
  };
}

}  // namespace ses

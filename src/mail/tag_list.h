// "a=b; c=d": the tag lists of DKIM signatures, DKIM keys and DMARC records (RFC 6376 §3.2). Views point into
// the text. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail {

struct ListTag {
  std::string_view name;
  std::string_view value;  // outer blanks and line breaks gone, inner ones kept
  std::size_t begin = 0;   // the value with its outer blanks, in the text
  std::size_t end = 0;
};

class TagList {
 public:
  // nullopt: no tag list, a name twice, or more than 100 tags. A ';' at the end is fine.
  static std::optional<TagList> parse(std::string_view text);

  const ListTag* find(std::string_view name) const;  // names are case-sensitive
  // The value, or the other where the tag is missing.
  std::string_view value(std::string_view name, std::string_view otherwise = {}) const;
  const std::vector<ListTag>& tags() const { return tags_; }

 private:
  std::vector<ListTag> tags_;
};

// Without any blank or line break, as base64 values are read.
std::string without_blanks(std::string_view value);

}  // namespace mail

// CutBody: a JSON body without its longest strings. A string of 64 KB or more that holds only base64
// characters is replaced by a short mark, and the decoder of a blob asks for what stood there. The body must
// outlive it. One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aws {

class CutBody {
 public:
  static constexpr std::size_t kLong = 64 * 1024;

  // nullopt where there is nothing to cut, or where the body could hold a string that reads like a mark.
  static std::optional<CutBody> make(std::string_view body);

  const std::string& text() const { return text_; }
  std::size_t count() const { return originals_.size(); }
  // What a mark stands for; nullopt for any other string.
  std::optional<std::string_view> original(std::string_view mark) const;

 private:
  std::string text_;
  std::vector<std::string_view> originals_;
};

}  // namespace aws

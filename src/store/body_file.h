// Large bodies (over kInlineBody) live in files of their own, `bodies/ID` in the data folder, because one 40
// MB row would hold up every commit behind it. The file and its folder are synced before put() returns, so
// that the commit that names it comes after it; what no commit names (a crash in between) is swept at start.
// ARCHITECTURE 3.7. Any thread; the calls block, so they belong on the heavy pool.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace store {

inline constexpr std::size_t kInlineBody = 256 * 1024;

class BodyFiles {
 public:
  // Uses `folder`/bodies, made if missing. Without `durable` nothing is synced.
  BodyFiles(const std::string& folder, bool durable);

  // Writes a new file; throws DiskFull, or std::system_error (also when `id` is taken). Ids are letters,
  // digits,
  // '-' and '_', up to 128; another throws std::invalid_argument, here and below. A failed sync ends the
  // process.
  void put(std::string_view id, std::string_view bytes) const;
  std::optional<std::string> get(std::string_view id) const;  // nullopt if there is none
  void remove(std::string_view id) const;                     // no error if there is none

  // Removes every file that `keep` refuses and says how many. Only at start, before anything is written.
  std::size_t sweep(const std::function<bool(const std::string& id)>& keep) const;

 private:
  std::string path_of(std::string_view id) const;

  const std::string folder_;
  const bool durable_;
};

}  // namespace store

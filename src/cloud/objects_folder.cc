#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/encoding.h"
#include "base/heavy_pool.h"
#include "cloud/group_sync.h"
#include "cloud/objects.h"

namespace cloud {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSegment = 255, kMaxKey = 1024;  // of a file name; of a key, as in S3
constexpr std::size_t kWriters = 2;

// The folder of a bucket's files that are not whole yet; a key cannot begin a segment like this.
constexpr std::string_view kOurs = ".sesame-", kUnfinished = ".sesame-unfinished";
constexpr std::chrono::hours kAbandoned{1};  // a write takes seconds

// Empty, or what went wrong. `path` ends in XXXXXX, which becomes a name that nobody has.
std::string write_file(std::string& path, std::string_view bytes) {
  int fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return std::strerror(errno);
  std::string fault;
  while (!bytes.empty() && fault.empty()) {
    auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) fault = std::strerror(errno);
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::close(fd) != 0 && fault.empty()) fault = std::strerror(errno);
  if (!fault.empty()) ::unlink(path.c_str());
  return fault;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::error_code fault;
  std::vector<fs::path> out;
  for (fs::directory_iterator at(folder, fault), end; !fault && at != end; at.increment(fault))
    out.push_back(at->path());
  return out;
}

// What processes left behind that were killed while they wrote.
void sweep(const fs::path& folder) {
  const auto abandoned = fs::file_time_type::clock::now() - kAbandoned;
  for (const auto& bucket : entries_of(folder))
    for (const auto& file : entries_of(bucket / kUnfinished)) {
      std::error_code fault;
      const auto written = fs::last_write_time(file, fault);
      if (!fault && written < abandoned) fs::remove(file, fault);
    }
}

class FolderStore final : public ObjectStore {
 public:
  FolderStore(std::string folder, bool make_buckets, bool durable)
      : folder_(std::move(folder)), make_buckets_(make_buckets) {
    fs::create_directories(folder_);
    sweep(folder_);
    if (durable) sync_.emplace(folder_);
  }

  base::Task<Outcome> put(Object object) override {
    auto* self = this;
    auto work = [self, object] { return self->write(object); };
    auto writing = pool_.run_value(std::move(work));
    auto outcome = co_await writing;
    if (!outcome.ok || !sync_) co_return outcome;
    auto syncing = sync_->sync();
    if (!co_await syncing) co_return Outcome::failed("the folder could not be synced");
    co_return outcome;
  }

  base::Task<BucketState> look_at(std::string, std::string bucket, Role) override {
    if (!is_bucket_name(bucket)) co_return BucketState::missing;
    const auto path = folder_ + "/" + bucket;
    std::error_code fault;
    if (make_buckets_) fs::create_directory(path, fault);
    if (!fs::is_directory(path, fault)) co_return BucketState::missing;
    co_return ::access(path.c_str(), W_OK | X_OK) == 0 ? BucketState::ready : BucketState::closed;
  }

 private:
  Outcome write(const Object& object) {
    const auto key = key_path(object.key);
    if (!is_bucket_name(object.bucket) || key.empty())
      return Outcome::failed("the object's name cannot be a file's", true);
    const auto bucket = fs::path(folder_) / object.bucket, path = bucket / key;
    std::error_code fault;
    if (make_buckets_) fs::create_directory(bucket, fault);
    if (!fault) fs::create_directory(bucket / kUnfinished, fault);  // not where there is no bucket
    if (!fault) fs::create_directories(path.parent_path(), fault);
    if (fault) return Outcome::failed(fault.message());
    auto unfinished = (bucket / kUnfinished / "XXXXXX").string();
    auto why = write_file(unfinished, *object.bytes);
    if (!why.empty()) return Outcome::failed(why);
    if (::rename(unfinished.c_str(), path.c_str()) == 0) return Outcome::done();
    why = std::strerror(errno);
    ::unlink(unfinished.c_str());
    return Outcome::failed(why);
  }

  const std::string folder_;
  const bool make_buckets_;
  base::HeavyPool pool_{kWriters};
  std::optional<GroupSync> sync_;
};

}  // namespace

bool is_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63 || name.front() == '.' || name.back() == '.') return false;
  return name.find("..") == std::string_view::npos && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

std::string key_path(std::string_view key) {
  if (key.empty() || key.size() > kMaxKey) return {};
  std::string out;
  for (auto segment : base::split(key, '/')) {
    auto name = base::percent_encode(segment);
    if (name.empty()) name = "%2F";  // a//b, /a and a/ are keys of their own
    if (name == "." || name == ".." || name.starts_with(kOurs)) name = "%2E" + name.substr(1);
    if (name.size() > kMaxSegment) return {};
    out += (out.empty() ? "" : "/") + name;
  }
  return out;
}

std::unique_ptr<ObjectStore> make_folder_store(std::string folder, bool make_buckets, bool durable) {
  return std::make_unique<FolderStore>(std::move(folder), make_buckets, durable);
}

}  // namespace cloud

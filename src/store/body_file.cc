#include "store/body_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "store/folder.h"
#include "store/store.h"

namespace store {
namespace {

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

bool id_allowed(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

[[noreturn]] void fail(int error, const std::string& what) {
  if (error == ENOSPC || error == EDQUOT) throw DiskFull("the disk of the data folder is full");
  throw std::system_error(error, std::generic_category(), what);
}

// 0, or the errno.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

}  // namespace

BodyFiles::BodyFiles(const std::string& folder, bool durable)
    : folder_(folder + "/bodies"), durable_(durable) {
  make_folder(folder_, durable);
}

std::string BodyFiles::path_of(std::string_view id) const {
  if (!id_allowed(id)) throw std::invalid_argument("not the id of a body file");
  return folder_ + "/" + std::string(id);
}

void BodyFiles::put(std::string_view id, std::string_view bytes) const {
  auto path = path_of(id);
  File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.fd() < 0) fail(errno, "cannot make " + path);
  if (int error = write_all(file.fd(), bytes)) {
    ::unlink(path.c_str());
    fail(error, "cannot write " + path);
  }
  if (!durable_) return;
  sync_or_die(file.fd(), path);
  sync_folder_or_die(folder_);
}

std::optional<std::string> BodyFiles::get(std::string_view id) const {
  auto path = path_of(id);
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0) {
    if (errno == ENOENT) return std::nullopt;
    fail(errno, "cannot open " + path);
  }
  struct stat facts {};
  if (::fstat(file.fd(), &facts) != 0) fail(errno, "cannot read " + path);
  std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    auto n = ::read(file.fd(), bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(errno, "cannot read " + path);
    if (n == 0) fail(EIO, path + " became shorter while it was read");
    have += static_cast<std::size_t>(n);
  }
  return bytes;
}

void BodyFiles::remove(std::string_view id) const {
  auto path = path_of(id);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail(errno, "cannot remove " + path);
}

std::size_t BodyFiles::sweep(const std::function<bool(const std::string& id)>& keep) const {
  std::vector<std::string> orphans;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    auto id = entry.path().filename().string();
    if (entry.is_regular_file() && (!id_allowed(id) || !keep(id))) orphans.push_back(entry.path().string());
  }
  for (const auto& path : orphans) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail(errno, "cannot remove " + path);
  }
  return orphans.size();
}

}  // namespace store

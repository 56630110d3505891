#include "store/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/log.h"
#include "store/store.h"

namespace store {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::string holder_of(int fd) {
  char text[32];
  auto n = ::pread(fd, text, sizeof text, 0);
  std::string digits;
  for (ssize_t i = 0; i < n && text[i] >= '0' && text[i] <= '9'; ++i) digits += text[i];
  return digits.empty() ? "" : " (process " + digits + ")";
}

}  // namespace

FolderLock::FolderLock(const std::string& folder) {
  auto file = folder + "/sesame.lock";
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0) fail("cannot open " + file);
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    int error = errno;
    auto holder = holder_of(fd_);
    ::close(fd_);
    if (error == EWOULDBLOCK)
      throw OpenError("the data folder " + folder + " is in use by another Sesame" + holder);
    throw std::system_error(error, std::generic_category(), "cannot lock " + file);
  }
  auto pid = std::to_string(::getpid()) + "\n";
  // Only for the other one's message; a full disk must not keep the server from starting.
  if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, pid.data(), pid.size(), 0) < 0)
    base::log_warn("cannot write the process id to {}", file);
}

FolderLock::~FolderLock() { ::close(fd_); }

void make_folder(const std::string& folder, bool durable) {
  namespace fs = std::filesystem;
  if (fs::is_directory(folder)) return;
  auto parent = fs::absolute(folder).lexically_normal();
  if (!parent.has_filename()) parent = parent.parent_path();
  parent = parent.parent_path();
  fs::create_directories(parent);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot make the folder " + folder);
  if (durable) sync_folder_or_die(parent.string());
}

void die_of_sync(const std::string& what) {
  base::log_error("a sync failed ({}): what is on the disk is not known, the process ends", what);
  std::_Exit(70);
}

void sync_or_die(int fd, const std::string& what) {
  while (::fsync(fd) != 0) {
    if (errno != EINTR) die_of_sync(what + ": " + std::generic_category().message(errno));
  }
}

void sync_folder_or_die(const std::string& folder) {
  int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail("cannot open the folder " + folder);
  sync_or_die(fd, folder);
  ::close(fd);
}

}  // namespace store

// The data folder: made with mode 0700, and held by one process at a time through the lock on `sesame.lock`.
// The kernel gives the lock back when the process ends, however it ends.
#pragma once

#include <string>

namespace store {

class FolderLock {
 public:
  // Throws OpenError when another holds it, std::system_error when the folder cannot be made or used.
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;

 private:
  int fd_;
};

// Makes `folder` and its missing parents; the new entry is synced when `durable`.
void make_folder(const std::string& folder, bool durable);

// fsync of a file or folder. A failed one ends the process: after it nobody knows what is on the disk, and
// the next fsync would say that all is well.
void sync_or_die(int fd, const std::string& what);
void sync_folder_or_die(const std::string& folder);
[[noreturn]] void die_of_sync(const std::string& what);

}  // namespace store

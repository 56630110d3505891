// Unix-domain stream sockets with plain system calls, for the operator's socket and its client: blocking,
// with time limits. Paths may be longer than an address has room for.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace console {

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Both throw std::system_error. A file that is there already is replaced: the folder's lock says it is
// nobody's.
Descriptor listen_unix(const std::string& path);
Descriptor connect_unix(const std::string& path);
// The next connection, or an invalid one with errno set.
Descriptor accept_unix(int listener);

// Up to and without the first line feed; nullopt at the end of the stream, when it is longer than `most`, or
// late.
std::optional<std::string> read_line(int fd, std::size_t most, std::chrono::milliseconds patience);
bool write_all(int fd, std::string_view bytes, std::chrono::milliseconds patience);

// True if the peer is this process's user or root.
bool is_own_peer(int fd);

}  // namespace console

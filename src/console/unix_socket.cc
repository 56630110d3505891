#include "console/unix_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace console {
namespace {

using Steady = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// The address of a socket in a folder that is open: short, however long the folder's name is.
struct Address {
  explicit Address(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    folder_fd = Descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder_fd.valid()) fail(folder);
    file = "/proc/self/fd/" + std::to_string(folder_fd.get()) + "/" + name;
    address.sun_family = AF_UNIX;
    if (file.size() >= sizeof address.sun_path) {
      errno = ENAMETOOLONG;
      fail(path);
    }
    std::memcpy(address.sun_path, file.c_str(), file.size() + 1);
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }

  Descriptor folder_fd;
  std::string file;
  sockaddr_un address{};
};

// True when `fd` is ready for `events` by `deadline`.
bool wait_for(int fd, short events, Steady::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
    if (left <= 0) return false;
    pollfd entry{fd, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::min<long long>(left, 60000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Descriptor listen_unix(const std::string& path) {
  const Address address(path);
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) fail(path);
  ::unlink(address.file.c_str());
  // The mode before bind, so that there is no moment at which others could connect.
  if (::fchmod(fd.get(), 0600) != 0) fail(path);
  if (::bind(fd.get(), address.get(), sizeof address.address) != 0) fail(path);
  if (::chmod(address.file.c_str(), 0600) != 0) fail(path);
  if (::listen(fd.get(), 16) != 0) fail(path);
  return fd;
}

Descriptor accept_unix(int listener) {
  return Descriptor(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
}

Descriptor connect_unix(const std::string& path) {
  const Address address(path);
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) fail(path);
  if (::connect(fd.get(), address.get(), sizeof address.address) != 0) fail(path);
  return fd;
}

std::optional<std::string> read_line(int fd, std::size_t most, std::chrono::milliseconds patience) {
  const auto deadline = Steady::now() + patience;
  std::string line;
  char buffer[4096];
  for (;;) {
    if (!wait_for(fd, POLLIN, deadline)) return std::nullopt;
    const auto got = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return std::nullopt;
    line.append(buffer, static_cast<std::size_t>(got));
    const auto end = line.find('\n');
    if (end != std::string::npos) {
      line.resize(end);
      return line;
    }
    if (line.size() > most) return std::nullopt;
  }
}

bool write_all(int fd, std::string_view bytes, std::chrono::milliseconds patience) {
  const auto deadline = Steady::now() + patience;
  while (!bytes.empty()) {
    if (!wait_for(fd, POLLOUT, deadline)) return false;
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool is_own_peer(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace console
